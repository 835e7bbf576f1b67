import Audio
import Foundation
import Models
import TestSupport
import Testing

@testable import Synthesis

/// The engine as its users see it: requests of many tasks, weights that change meanwhile, cancellation.
@Suite struct EngineTests {
    /// The whole stream of a request.
    private static func samples(_ stream: AsyncThrowingStream<AudioFragment, any Error>) async throws
        -> [[Int16]]
    {
        var result: [[Int16]] = []
        for try await fragment in stream { result.append(fragment.samples) }
        return result
    }

    private static func fragmented(_ voice: RecordedVoice, seed: Int64 = 3) -> SynthesisRequest {
        var request = voice.request()
        (request.delivery, request.topK, request.seed) = (.fragments, 15, seed)
        return request
    }

    @Test func theSeedDecides() async throws {
        let voice = try RecordedVoice("v2")
        let engine = try Engine(models: voice.models, base: voice.base)
        let first = try await Self.samples(engine.speak(Self.fragmented(voice)))
        #expect(first.count == 3)
        #expect(try await Self.samples(engine.speak(Self.fragmented(voice))) == first)
        #expect(try await Self.samples(engine.speak(Self.fragmented(voice, seed: 4))) != first)
        let random = Self.fragmented(voice, seed: -1)
        #expect(try await Self.samples(engine.speak(random)) != Self.samples(engine.speak(random)))
    }

    /// A request keeps the weights with which it began; the next one has the new ones.
    @Test func aSwitchOfWeightsLeavesRequestsInFlightAlone() async throws {
        let old = try RecordedVoice("v2")
        let new = try RecordedVoice("v2", salt: "-new")
        let gpt = RecordedVoice.clip("new.ckpt", []), soVITS = RecordedVoice.clip("new.pth", [])
        try SyntheticNetwork.textToSemantic("v2").write(to: gpt, salt: "-new")
        try SyntheticNetwork.soVITS("v2").write(to: soVITS, salt: "-new")
        let before = try old.alone(Self.fragmented(old))
        let after = try new.alone(Self.fragmented(new))
        #expect(before != after)

        let engine = try Engine(models: old.models, base: old.base)
        let waiting = engine.speak(Self.fragmented(old, seed: 3))
        var received: [[Int16]] = []
        for try await fragment in engine.speak(Self.fragmented(old)) {
            received.append(fragment.samples)
            if received.count == 1 {
                try await engine.setTextToSemantic(path: gpt)
                try await engine.setSoVITS(path: soVITS)
            }
        }
        #expect(received == before)
        #expect(try await Self.samples(waiting) == before)
        #expect(engine.voice.soVITSPath == soVITS && engine.voice.textToSemanticPath == gpt)
        #expect(try await Self.samples(engine.speak(Self.fragmented(old))) == after)
    }

    /// The cached features of a reference belong to the weights that made them.
    @Test func aReferenceIsAnalysedAnewForNewWeights() async throws {
        let old = try RecordedVoice("v2")
        let damage = WeightDamage("ref_enc.fc.fc.weight")
        let path = RecordedVoice.clip("damaged.pth", [])
        try SyntheticNetwork.soVITS("v2").write(to: path, damage: damage)
        let engine = try Engine(models: old.models, base: old.base)
        let first = try await Self.samples(engine.speak(old.request()))
        try await engine.setSoVITS(path: path)
        let second = try await Self.samples(engine.speak(old.request()))
        #expect(second != first)
        let damaged = try RecordedVoice("v2", damage: ["sovits-v2": damage])
        #expect(try second == damaged.alone(damaged.request()))
    }

    /// Eight requests at once, of two voices and different kinds, sound as each does alone.
    @Test func concurrentRequestsDoNotMix() async throws {
        let voices = [try RecordedVoice("v2"), try RecordedVoice("v1")]
        let engines = try voices.map { try Engine(models: $0.models, base: $0.base) }
        let requests = (0..<8).map { index in
            let voice = voices[index % 2]
            var request = voice.request(["a|c|b", "b|a", "c|c|c", "a"][index / 2])
            (request.topK, request.seed) = (15, Int64(index))
            if index >= 4 { request.delivery = .fragments }
            if index >= 6 {
                request.parallelInference = false
                request.delivery = .chunks(fixedLength: true, minimumTokens: 8, overlapTokens: 2)
            }
            if index == 2 { request.auxiliaryReferencePaths = [voice.second] }
            if index == 3 { request.speedFactor = 1.25 }
            return request
        }
        let expected = try requests.enumerated().map { try voices[$0 % 2].alone($1) }
        let found = try await withThrowingTaskGroup(of: (Int, [[Int16]]).self) { group in
            for (index, request) in requests.enumerated() {
                let engine = engines[index % 2]
                group.addTask { (index, try await Self.samples(engine.speak(request))) }
            }
            return try await group.reduce(into: [Int: [[Int16]]]()) { $0[$1.0] = $1.1 }
        }
        for index in requests.indices { #expect(found[index] == expected[index], "request \(index)") }
    }

    /// Every sentence of a streamed request is spoken, whatever the batch size that the request names.
    @Test(arguments: [true, false]) func streamedChunksSpeakEverySentence(_ fixedLength: Bool) async throws {
        let voice = try RecordedVoice("v2")
        let engine = try Engine(models: voice.models, base: voice.base)
        var request = voice.request("a|c|b|a|c")
        (request.topK, request.seed) = (15, 3)
        request.delivery = .chunks(fixedLength: fixedLength, minimumTokens: 8, overlapTokens: 2)
        let expected = try voice.alone(request)
        request.batchSize = 4
        #expect(try await Self.samples(engine.speak(request)) == expected)
        var texts: [String] = []
        for try await fragment in engine.speak(request) {
            texts += fragment.sentences.map(\.text).filter { !$0.isEmpty }
        }
        #expect(texts == ["a", "c", "b", "a", "c"].map { RecordedSentences.texts[$0] })
    }

    /// Half of the threads or all of them give the same bytes.
    @Test func threadsDoNotMatter() throws {
        let voice = try RecordedVoice("v2")
        let request = Self.fragmented(voice)
        let expected = try voice.alone(request)
        let single = try PoolHolder.whileShared { try voice.alone(request) }
        #expect(single == expected)
        for _ in 0..<3 { #expect(try voice.alone(request) == expected) }
    }

    /// Requests advance side by side: the short one is answered while the long one is held at its second sentence.
    @Test func aShortRequestOvertakesALongOne() async throws {
        let voice = try RecordedVoice("v2")
        let gate = GatedSentences(voice.base.text, closedAt: 2)
        let engine = try Engine(
            models: voice.models, base: BaseModels(huBERT: voice.base.huBERT, text: gate))
        var long = voice.request(Array(repeating: "b", count: 5).joined(separator: "|"))
        long.delivery = .fragments
        let stream = engine.speak(long)
        while gate.phonemized.count < 3 { try await Task.sleep(for: .milliseconds(2)) }
        let short = try await Self.samples(engine.speak(voice.request("c")))
        #expect(try short == voice.alone(voice.request("c")))
        #expect(gate.phonemized.filter { $0 == RecordedSentences.texts["b"] }.count == 2)
        gate.open()
        #expect(try await Self.samples(stream) == voice.alone(long))
    }

    /// One slot serves requests one after another; with a single row, so are their sentences. Nothing changes.
    @Test func slotsDoNotMatter() async throws {
        let voice = try RecordedVoice("v2")
        var requests = ["a|c|b", "b|a", "c"].map { voice.request($0) }
        for index in requests.indices {
            (requests[index].batchSize, requests[index].topK) = (4, 15)
            requests[index].seed = Int64(index)
        }
        let expected = try requests.map { try voice.alone($0) }
        for (slots, rows) in [(1, 1), (1, 32), (3, 1), (3, 2), (16, 32)] {
            let engine = try Engine(
                models: voice.models, base: voice.base, slots: slots, decodingRows: rows)
            let streams = requests.map { engine.speak($0) }
            for (stream, samples) in zip(streams, expected) {
                #expect(try await Self.samples(stream) == samples, "\(slots) slots, \(rows) rows")
            }
        }
    }

    /// A reference that was set is used by requests without one.
    @Test func theSetReferenceIsTheDefault() async throws {
        let voice = try RecordedVoice("v2")
        let engine = try Engine(models: voice.models, base: voice.base)
        var request = voice.request("c")
        let expected = try await Self.samples(engine.speak(request))
        request.referencePath = ""
        await #expect(throws: SynthesisError.self) { _ = try await Self.samples(engine.speak(request)) }
        try await engine.setReference(path: voice.reference)
        #expect(engine.voice.referencePath == voice.reference)
        #expect(try await Self.samples(engine.speak(request)) == expected)
        // One that cannot be used changes nothing.
        await #expect(throws: SynthesisError.self) { try await engine.setReference(path: voice.second) }
        #expect(engine.voice.referencePath == voice.reference)
    }

    /// Weights that cannot be loaded leave the voice as it was.
    @Test func brokenWeightsChangeNothing() async throws {
        let voice = try RecordedVoice("v2")
        let engine = try Engine(models: voice.models, base: voice.base)
        let before = engine.voice
        for path in ["/nowhere.ckpt", voice.reference] {
            for set in [engine.setTextToSemantic, engine.setSoVITS] {
                let error = await #expect(throws: SynthesisError.self) { try await set(path) }
                #expect(error?.code == .weights)
            }
        }
        #expect(engine.voice == before)
    }

    /// A client that disconnects stops the request: no sentence is phonemized after the one that was being phonemized.
    @Test func droppingTheStreamStopsTheWork() async throws {
        let voice = try RecordedVoice("v2")
        // The prompt, a sentence and the one whose tokens are decoded meanwhile pass; the third waits, should it get
        // that far, until the listener is gone.
        let gate = GatedSentences(voice.base.text, closedAt: 3)
        let engine = try Engine(
            models: voice.models, base: BaseModels(huBERT: voice.base.huBERT, text: gate))
        var request = voice.request(Array(repeating: "b", count: 9).joined(separator: "|"))
        request.delivery = .fragments
        for try await _ in engine.speak(request) { break }
        gate.open()
        // Served in turn, when the dropped request has had all the turns that it wanted.
        for _ in 0..<10 { _ = try await Self.samples(engine.speak(voice.request("c"))) }
        #expect((1...3).contains(gate.phonemized.filter { $0 == RecordedSentences.texts["b"] }.count))
    }

    /// Within a sentence, the work stops at the next step.
    @Test func cancellationIsSeenAtEveryStep() throws {
        let voice = try RecordedVoice("v2")
        for parallel in [true, false] {
            for limit in [1, 4, 9] {
                let noise = StepCounter()
                var request = voice.request("b")
                request.parallelInference = parallel
                let context = SynthesisContext(
                    models: voice.models, base: voice.base, isCancelled: { noise.steps >= limit })
                #expect(throws: CancellationError.self) {
                    try SynchronousRunner.run(request, context, noise: noise)
                }
                #expect(noise.steps == limit)
            }
        }
    }
}
