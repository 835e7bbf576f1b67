import Checkpoint
import Tensor
import TensorKernelTable
import TestSupport
import Testing

@testable import Models

/// What must hold whatever the weights are.
@Suite(.serialized) struct DecodingPropertyTests {
    /// A step with the cache gives what a pass over the whole sequence gives.
    @Test(arguments: ["v1", "v2"]) func aCachedStepIsAFullPass(_ version: String) throws {
        let stages = try TextToSemanticFixture(version)
        let model = stages.model
        let input = stages.input(1)
        let tokens = SyntheticNumbers.integers("cached", 12, below: 1024)
        // The smallest capacity that holds the prompt: every later step has to grow it.
        let grown = KeyValueCache(
            layers: 2, channels: model.channels, heads: model.heads,
            capacity: input.phones.count + stages.prompt.count)
        _ = model.prefill(input, cache: grown, trace: .none)
        let stack = CachedTransformer(
            layers: model.layers, heads: model.heads, epsilon: Text2Semantic.epsilon, maximumRows: 1)
        for count in 1...tokens.count {
            let position = stages.prompt.count + count - 1
            var stepped = Tensor(repeating: 0, [1, model.channels])
            model.writeStepInput(token: tokens[count - 1], position: position, to: 0, of: &stepped)
            stack.step(&stepped, caches: [grown])
            let longer = Text2Semantic.Input(
                phones: input.phones, bert: input.bert, prompt: stages.prompt + tokens[..<count])
            let fresh = KeyValueCache(
                layers: 2, channels: model.channels, heads: model.heads, capacity: 64)
            let full = model.prefill(longer, cache: fresh, trace: .none)
            let (error, peak) = largestError(stepped.values, full.values)
            #expect(error <= Tolerances.hidden().limit(peak), "after \(count) tokens")
        }
    }

    /// Sequences of random lengths, prompts and ends give the same tokens and bits side by side as one by
    /// one.
    @Test(arguments: 0..<6) func aBatchIsItsSequences(_ seed: Int) throws {
        let stages = try TextToSemanticFixture("v2")
        let model = stages.model
        let count = 2 + seed
        let inputs = (0..<count).map { index in
            let name = "batch/\(seed)/\(index)"
            let length = 1 + SyntheticNumbers.integers(name, 1, below: 40)[0]
            let prompt = 1 + SyntheticNumbers.integers(name + "/prompt", 1, below: 60)[0]
            return Text2Semantic.Input(
                phones: SyntheticNumbers.integers(name + "/phones", length, below: 732),
                bert: Tensor(SyntheticNumbers.uniform(name + "/bert", length * 32), [length, 32]),
                prompt: SyntheticNumbers.integers(name + "/tokens", prompt, below: 1024))
        }
        let options = SamplingOptions(topK: seed % 2 == 0 ? 1 : 15)
        let together = try model.decode(
            DecodeRequest.batch(inputs, options, earlyStop: 60, noise: SequenceNoise("batch/\(seed)")))
        for (index, input) in inputs.enumerated() {
            let alone = try model.decode(
                DecodeRequest.batch(
                    [input], options, earlyStop: 60, noise: SequenceNoise("batch/\(seed)", offset: index)))
            #expect(together[index] == alone[0], "sequence \(index) of \(count)")
        }
        #expect(Set(together.map(\.tokens)).count == count)
    }

    /// 500 sequences that join a shared batch and leave it at random steps have the tokens that they have alone.
    @Test func joiningAndLeavingChangesNothing() throws {
        let stages = try TextToSemanticFixture("v2")
        let model = stages.model
        let limit = 24
        var random = SplitMix64(seed: 11)
        func input(_ trial: Int) -> Text2Semantic.Input {
            let name = "joining/\(trial)"
            let length = 1 + SyntheticNumbers.integers(name, 1, below: 20)[0]
            let prompt = SyntheticNumbers.integers(name + "/prompt", 1, below: 30)[0]
            return Text2Semantic.Input(
                phones: SyntheticNumbers.integers(name + "/phones", length, below: 732),
                bert: Tensor(SyntheticNumbers.uniform(name + "/bert", length * 32), [length, 32]),
                prompt: prompt == 0 ? nil : SyntheticNumbers.integers(name + "/tokens", prompt, below: 1024))
        }
        func request(_ trial: Int) -> DecodeRequest {
            let options = SamplingOptions(topK: trial % 3 == 0 ? 1 : 15)
            var request = DecodeRequest(input(trial), options, noise: SequenceNoise("joining"))
            request.sequence = trial
            request.maxNewTokens = Text2Semantic.maxNewTokens(earlyStop: limit)
            return request
        }
        let trials = 500
        let batch = DecodeBatch(model: model, maximumRows: 13)
        var results: [Int: [Int]] = [:]
        var dropped: Set<Int> = []
        var present: [(trial: Int, sequence: DecodeSequence)] = []
        var next = 0
        var sizes: Set<Int> = []
        var steps = 0
        while next < trials || !present.isEmpty {
            // Busy and quiet phases, so that batches of every size occur.
            let isBusy = steps / 40 % 2 == 0
            while next < trials, batch.hasRoom, isBusy ? random.below(3) > 0 : random.below(12) == 0 {
                let sequence = model.prefill(request(next))
                batch.join(sequence)
                present.append((next, sequence))
                next += 1
            }
            if !present.isEmpty, random.below(12) == 0 {
                let leaver = present.remove(at: random.below(present.count))
                batch.leave(leaver.sequence)
                dropped.insert(leaver.trial)
            }
            sizes.insert(batch.count)
            steps += 1
            batch.step()
            for (trial, sequence) in present where sequence.isFinished { results[trial] = sequence.tokens }
            present.removeAll { $0.sequence.isFinished }
        }
        #expect(results.count + dropped.count == trials && results.count > 300)
        #expect(sizes.isSuperset(of: 1...13))
        for (trial, tokens) in results {
            #expect(try model.decode([request(trial)])[0].tokens == tokens, "sequence \(trial)")
        }
    }

    /// A step gives the kernels every weight once for one sequence, and as many bytes for as many sequences as a kernel takes
    /// at once: counted where kernels are called.
    @Test func aStepReadsTheWeightsOnce() throws {
        let stages = try TextToSemanticFixture("v2")
        let model = stages.model
        let matrices =
            model.layers.flatMap { [$0.qkv, $0.output, $0.up, $0.down] } + [model.prediction.weight]
        // Half precision, outputs padded to panels of 16.
        let bytes = matrices.reduce(0) { $0 + ($1.outputs + 15) / 16 * 16 * $1.inputs * 2 }
        for count in [1, Kernels.table.rowBlocks[0]] {
            let batch = DecodeBatch(model: model, maximumRows: count)
            for index in 0..<count {
                batch.join(
                    model.prefill(
                        DecodeRequest(stages.input(index % 3), SamplingOptions(), noise: CountingNoise())))
            }
            for _ in 0..<3 {
                let before = Kernels.counters.weightBytes
                batch.step()
                #expect(Kernels.counters.weightBytes - before == bytes, "\(count) sequences")
            }
        }
    }

    /// Sequences that end by themselves are the same in upstream's two loops.
    @Test func aBatchOfOneIsTheNaiveLoop() throws {
        let stages = try TextToSemanticFixture("v1")
        for row in 0..<4 {
            let options = try stages.options(row)
            let naive = try stages.decode(stages.input(2), options, noise: stages.noise("one"))
            let batch = try stages.model.decode(
                DecodeRequest.batch([stages.input(2)], options, earlyStop: -1, noise: stages.noise("one")))
            #expect(batch == [naive])
        }
    }

    /// The logits of a given continuation are those that decoding saw, and teacher forcing returns what it was given.
    @Test func logitsOfAContinuationAreThoseOfDecoding() throws {
        let stages = try TextToSemanticFixture("v2")
        let trace = ActivationTrace.recording()
        let spoken = try stages.decode(
            stages.input(0), TextToSemanticFixture.greedy, earlyStop: 20, noise: CountingNoise(), trace: trace
        ).tokens.dropFirst(stages.prompt.count)
        let decoded = trace.recorded.filter { $0.name == "logits" }.flatMap(\.value.values)
        let given = try stages.model.logits(stages.input(0), continuation: Array(spoken))
        #expect(given.shape == [spoken.count, stages.model.tokenCount])
        #expect(given.values == Array(decoded.prefix(given.count)))
        // Other tokens have other logits, from the step after the first that differs.
        let other = try stages.model.logits(stages.input(0), continuation: spoken.map { ($0 + 1) % 1024 })
        let V = stages.model.tokenCount
        #expect(other.values.prefix(V) == given.values.prefix(V))
        #expect(other.values.dropFirst(V) != given.values.dropFirst(V))
    }

    /// A fixed number of steps, as the benchmark wants it: the end token cannot be drawn before.
    @Test func minimumAndMaximumAreKept() throws {
        let stages = try TextToSemanticFixture("v2")
        for count in [1, 7, 40] {
            var request = DecodeRequest(stages.input(0), SamplingOptions(), noise: CountingNoise())
            (request.minNewTokens, request.maxNewTokens) = (count, count)
            let tokens = try stages.model.decode([request])[0].tokens
            #expect(tokens.count == stages.prompt.count + count)
            request.truncation = .dropLastToken
            #expect(try stages.model.decode([request])[0].tokens == Array(tokens.dropLast()))
        }
    }

    /// Half and single precision files of the same values give the same bits.
    @Test func storageDoesNotMatter() throws {
        let stages = try TextToSemanticFixture("v2")
        let single = try SyntheticNetwork.textToSemantic("v2").loaded(precision: .float32) {
            try Text2Semantic(path: $0)
        }
        let caches = (0..<2).map { _ in
            KeyValueCache(layers: 2, channels: 32, heads: stages.model.heads, capacity: 64)
        }
        let a = stages.model.prediction(stages.model.prefill(stages.input(0), cache: caches[0], trace: .none))
        let b = single.prediction(single.prefill(stages.input(0), cache: caches[1], trace: .none))
        let (error, peak) = largestError(a.values, b.values)
        #expect(error <= Tolerances.hidden().limit(peak))
        let tokens = try single.decode([
            DecodeRequest(stages.input(0), TextToSemanticFixture.greedy, noise: stages.noise("greedy"))
        ])[0]
        #expect(try tokens.tokens == stages.golden.integers("greedy.tokens"))
    }

    /// A thrown error ends the work at the step at which it is thrown.
    @Test func cancellationCountsSteps() throws {
        struct Stop: Error {}
        let stages = try TextToSemanticFixture("v2")
        for limit in [0, 1, 5] {
            var calls = 0
            let noise = CountingNoise()
            #expect(throws: Stop.self) {
                _ = try stages.decode(
                    stages.input(0), TextToSemanticFixture.greedy, noise: noise,
                    checkpoint: {
                        if calls == limit { throw Stop() }
                        calls += 1
                    })
            }
            #expect(noise.steps == max(0, limit - 1))
        }
    }
}

/// Noise by sequence and step, whatever batch the sequence is in.
final class SequenceNoise: SamplingNoise {
    private let name: String
    private let offset: Int
    private var values: [Float] = []

    init(_ name: String, offset: Int = 0) {
        self.name = name
        self.offset = offset
    }

    func begin(step: Int, sequence: Int, vocabulary: Int) {
        values = SyntheticNumbers.positive("\(name)/\(sequence + offset)/\(step)", vocabulary)
    }

    func exponential(token: Int) -> Float { values[token] }
}

/// Counts steps.
final class CountingNoise: SamplingNoise {
    private(set) var steps = 0

    func begin(step: Int, sequence: Int, vocabulary: Int) { steps += 1 }
    func exponential(token: Int) -> Float { 1 }
}
