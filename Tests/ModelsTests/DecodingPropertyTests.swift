import Checkpoint
import Tensor
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
        _ = model.prefill(input, cache: grown, taps: .none)
        let stack = CachedTransformer(
            layers: model.layers, heads: model.heads, epsilon: Text2Semantic.epsilon, maximumRows: 1)
        for count in 1...tokens.count {
            let position = stages.prompt.count + count - 1
            var stepped = model.stepInput(tokens: [tokens[count - 1]], positions: [position])
            stack.step(&stepped, caches: [grown])
            let longer = Text2Semantic.Input(
                phones: input.phones, bert: input.bert, prompt: stages.prompt + tokens[..<count])
            let fresh = KeyValueCache(
                layers: 2, channels: model.channels, heads: model.heads, capacity: 64)
            let full = model.prefill(longer, cache: fresh, taps: .none)
            let (error, peak) = largestError(stepped.values, full.values)
            #expect(error <= Tolerances.hidden().limit(peak: peak), "after \(count) tokens")
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
        let together = try model.generateBatch(
            inputs, options, earlyStop: 60, noise: SequenceNoise("batch/\(seed)"))
        for (index, input) in inputs.enumerated() {
            let alone = try model.generateBatch(
                [input], options, earlyStop: 60, noise: SequenceNoise("batch/\(seed)", offset: index))
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
        func start(_ trial: Int) -> StartedSequence {
            model.start(
                input(trial), index: trial, SamplingOptions(topK: trial % 3 == 0 ? 1 : 15), earlyStop: limit,
                noise: SequenceNoise("joining"), manner: .single)
        }
        let trials = 500
        let batch = DecodeBatch(model: model, maximumRows: 13)
        var results: [Int: [Int]] = [:]
        var dropped: Set<Int> = []
        var present: [Int] = []
        var next = 0
        var sizes: Set<Int> = []
        var steps = 0
        while next < trials || !present.isEmpty {
            // Busy and quiet phases, so that batches of every size occur.
            let isBusy = steps / 40 % 2 == 0
            while next < trials, batch.hasRoom, isBusy ? random.below(3) > 0 : random.below(12) == 0 {
                batch.join(start(next), id: next)
                present.append(next)
                next += 1
            }
            if !present.isEmpty, random.below(12) == 0 {
                let leaver = present.remove(at: random.below(present.count))
                batch.leave(id: leaver)
                dropped.insert(leaver)
            }
            sizes.insert(batch.count)
            steps += 1
            for report in batch.step() where report.isLast {
                results[report.id] = report.tokens
                present.removeAll { $0 == report.id }
            }
        }
        #expect(results.count + dropped.count == trials && results.count > 300)
        #expect(sizes.isSuperset(of: 1...13))
        for (trial, tokens) in results {
            let alone = try model.generate(
                input(trial), index: trial, SamplingOptions(topK: trial % 3 == 0 ? 1 : 15), earlyStop: limit,
                noise: SequenceNoise("joining"))
            #expect(alone.tokens == tokens, "sequence \(trial)")
        }
    }

    /// A step reads every weight once, whatever the number of sequences: as many bytes as the stack's matrices have.
    @Test func aStepReadsTheWeightsOnce() throws {
        let model = try TextToSemanticFixture("v2").model
        let stack = CachedTransformer(
            layers: model.layers, heads: model.heads, epsilon: Text2Semantic.epsilon, maximumRows: 12)
        let C = model.channels
        let elements = model.layers.reduce(0) { sum, layer in
            sum + layer.qkv.outputs * C + layer.output.outputs * C + layer.up.outputs * C
                + layer.down.outputs * layer.down.inputs
        }
        #expect(stack.weightBytesPerStep == elements * 2)
    }

    /// The naive loop and a batch of one say the same, up to how they count an early stop.
    @Test func aBatchOfOneIsTheNaiveLoop() throws {
        let stages = try TextToSemanticFixture("v1")
        for row in 0..<4 {
            let options = try stages.options(row)
            let naive = try stages.model.generate(
                stages.input(2), options, earlyStop: -1, noise: stages.noise("one"))
            let batch = try stages.model.generateBatch(
                [stages.input(2)], options, earlyStop: -1, noise: stages.noise("one"))
            #expect(batch == [naive])
        }
    }

    /// After warm-up, 50 steps ask the system for no memory. Other tests share the pool and may ask
    /// meanwhile, so there are many tries; a step that asked itself would spoil each of them.
    @Test func aStepAllocatesNothing() throws {
        let stages = try TextToSemanticFixture("v2")
        let model = stages.model
        let stack = CachedTransformer(
            layers: model.layers, heads: model.heads, epsilon: Text2Semantic.epsilon, maximumRows: 3)
        let noise = CountingNoise()
        let clean = (0..<5000).contains { _ in
            var running = (0..<3).map { model.begin(stages.input($0), index: $0, SamplingOptions(topK: 15)) }
            func steps(_ range: Range<Int>) {
                for step in range {
                    _ = model.sample(&running, step: step, noise: noise, taps: .none)
                    model.advance(&running, stack: stack)
                }
            }
            steps(0..<12)
            let before = StoragePool.shared.systemAllocations
            steps(12..<62)
            return StoragePool.shared.systemAllocations == before
        }
        #expect(clean)
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
        let a = stages.model.logits(stages.model.prefill(stages.input(0), cache: caches[0], taps: .none))
        let b = single.logits(single.prefill(stages.input(0), cache: caches[1], taps: .none))
        let (error, peak) = largestError(a.values, b.values)
        #expect(error <= Tolerances.hidden().limit(peak: peak))
        let tokens = try single.generate(
            stages.input(0), TextToSemanticFixture.greedy, earlyStop: -1, noise: stages.noise("greedy"))
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
                _ = try stages.model.generate(
                    stages.input(0), TextToSemanticFixture.greedy, earlyStop: -1, noise: noise,
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
    private var rows: [[Float]] = []

    init(_ name: String, offset: Int = 0) {
        self.name = name
        self.offset = offset
    }

    func begin(step: Int, sequences: [Int], vocabulary: Int) {
        rows = sequences.map { SyntheticNumbers.positive("\(name)/\($0 + offset)/\(step)", vocabulary) }
    }

    func exponential(row: Int, token: Int) -> Float { rows[row][token] }
}

/// Counts steps.
final class CountingNoise: SamplingNoise {
    private(set) var steps = 0

    func begin(step: Int, sequences: [Int], vocabulary: Int) { steps += 1 }
    func exponential(row: Int, token: Int) -> Float { 1 }
}
