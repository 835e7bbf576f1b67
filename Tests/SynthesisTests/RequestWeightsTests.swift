import Foundation
import Models
import TestSupport
import Testing

@testable import Synthesis

/// Requests that bring weights of their own, and what is counted of requests.
@Suite struct RequestWeightsTests {
    private static func samples(_ engine: Engine, _ request: SynthesisRequest) async throws -> [[Int16]] {
        var result: [[Int16]] = []
        for try await fragment in engine.speak(request) { result.append(fragment.samples) }
        return result
    }

    private static func weights(_ salt: String) throws -> VoiceWeights {
        let gpt = RecordedVoice.clip("own\(salt).ckpt", []), soVITS = RecordedVoice.clip("own\(salt).pth", [])
        try SyntheticNetwork.textToSemantic("v2").write(to: gpt, salt: salt)
        try SyntheticNetwork.soVITS("v2").write(to: soVITS, salt: salt)
        return VoiceWeights(textToSemantic: gpt, soVITS: soVITS)
    }

    @Test func aRequestSpeaksWithItsOwnWeights() async throws {
        let (main, other) = (try RecordedVoice("v2"), try RecordedVoice("v2", salt: "-other"))
        var request = main.request()
        (request.topK, request.seed) = (15, 3)
        let expected = try [main, other].map { voice in
            try SynchronousRunner.run(
                request, models: voice.models, base: voice.base, noise: SeededNoise(seed: 3)
            ).map(\.samples)
        }
        #expect(expected[0] != expected[1])
        let engine = try Engine(models: main.models, base: main.base)
        var own = request
        own.weights = try Self.weights("-other")
        #expect(try await Self.samples(engine, own) == expected[1])
        #expect(try await Self.samples(engine, request) == expected[0])
        #expect(try await Self.samples(engine, own) == expected[1])
        #expect(engine.voice.soVITSPath == main.models.acoustic.path)

        own.weights?.soVITS = "/nonexistent.pth"
        let error = await #expect(throws: SynthesisError.self) { try await Self.samples(engine, own) }
        #expect(error?.code == .weights)
    }

    @Test func weightsAreKeptWithinTheBudget() throws {
        let (a, b) = (try Self.weights("-a"), try Self.weights("-b"))
        let (pathA, pathB) = (try #require(a.textToSemantic), try #require(b.textToSemantic))
        let bytes = try #require(
            FileManager.default.attributesOfItem(atPath: pathA)[.size] as? Int)
        let cache = ModelCache(budgetBytes: bytes * 2 + bytes / 2)
        let first = try cache.textToSemantic(pathA).model
        #expect(try cache.textToSemantic(pathA).model.identity == first.identity)
        _ = try cache.textToSemantic(pathB)
        #expect(cache.paths == [pathB, pathA])
        _ = try cache.textToSemantic(pathA)
        let third = try #require(Self.weights("-c").textToSemantic)
        _ = try cache.textToSemantic(third)
        #expect(cache.paths == [third, pathA])
        // A file that has changed is another one.
        try SyntheticNetwork.textToSemantic("v2").write(to: pathA, salt: "-changed")
        try FileManager.default.setAttributes([.modificationDate: Date.now + 5], ofItemAtPath: pathA)
        #expect(try cache.textToSemantic(pathA).model.identity != first.identity)
        let none = ModelCache(budgetBytes: 0)
        _ = try none.textToSemantic(pathA)
        #expect(none.paths == [pathA])
    }

    /// Beyond the budget, weights in use stay, and are dropped afterwards.
    @Test func weightsInUseAreNotDropped() throws {
        let paths = try ["-a", "-b", "-c"].map { try #require(Self.weights($0).textToSemantic) }
        let cache = ModelCache(budgetBytes: 0)
        let held = try cache.textToSemantic(paths[0])
        var second: Loaded<Text2Semantic>? = try cache.textToSemantic(paths[1])
        _ = try cache.textToSemantic(paths[2])
        #expect(cache.paths == [paths[2], paths[1], paths[0]])
        #expect(try cache.textToSemantic(paths[0]).model.identity == held.model.identity)
        #expect(second != nil)
        second = nil
        #expect(cache.paths == [paths[0]])
        #expect(cache.size.count == 1 && cache.size.bytes > 1_000)
        // Several may work with the same; the last one to end counts.
        var again: Loaded<Text2Semantic>? = try cache.textToSemantic(paths[0])
        _ = try cache.textToSemantic(paths[1])
        #expect(again?.model.identity == held.model.identity)
        again = nil
        #expect(cache.paths == [paths[1], paths[0]])
        withExtendedLifetime(held) {}
    }

    /// The engine's own weights are found by their path, before and after a change, and those of a request while it runs.
    @Test func theEngineHoldsWhatItSpeaksWith() async throws {
        let voice = try RecordedVoice("v2")
        let (a, b) = (try Self.weights("-a"), try Self.weights("-b"))
        let models = ModelSet(
            textToSemantic: try Text2Semantic(path: #require(a.textToSemantic)),
            acoustic: try SoVITS(path: #require(a.soVITS)),
            textToSemanticPath: try #require(a.textToSemantic),
            acousticPath: try #require(a.soVITS))
        let engine = try Engine(models: models, base: voice.base, modelBudgetBytes: 0)
        #expect(engine.statistics.modelFiles == 2)
        var request = voice.request("c")
        request.weights = b
        _ = try await Self.samples(engine, request)
        // The two of the engine and the one used last.
        #expect(try await eventually { engine.statistics.modelFiles == 3 })
        try await engine.setTextToSemantic(path: try #require(b.textToSemantic))
        try await engine.setSoVITS(path: try #require(b.soVITS))
        #expect(try await eventually { engine.statistics.modelFiles == 2 })
        #expect(engine.voice.soVITSPath == b.soVITS)
    }

    private func eventually(_ condition: () -> Bool) async throws -> Bool {
        for _ in 0..<500 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
        return condition()
    }

    /// The places of the sentences are where their sound is: without pauses, they follow each other.
    @Test(arguments: [Delivery.whole, .fragments])
    func sentencesHaveTheirPlaces(_ delivery: Delivery) async throws {
        let voice = try RecordedVoice("v2")
        var request = voice.request()
        request.delivery = delivery
        request.fragmentInterval = 0.25
        let fragments = try SynchronousRunner.run(
            request, models: voice.models, base: voice.base, noise: SeededNoise(seed: 1))
        let pause = 8_000
        var texts: [String] = []
        for fragment in fragments {
            var start = 0
            for sentence in fragment.sentences {
                #expect(sentence.samples.lowerBound == start)
                #expect(!sentence.samples.isEmpty)
                start = sentence.samples.upperBound + pause
                #expect(fragment.samples[sentence.samples.upperBound..<start].allSatisfy { $0 == 0 })
            }
            #expect(start == fragment.samples.count)
            texts += fragment.sentences.map(\.text)
        }
        let pieces = try voice.base.text.sentences(
            request.text, language: request.textLanguage, cut: request.splitMethod)
        #expect(texts == pieces)
        #expect(texts.count > 1)
    }

    @Test func theEngineCounts() async throws {
        let voice = try RecordedVoice("v2")
        let engine = try Engine(models: voice.models, base: voice.base)
        for _ in 0..<2 { _ = try await Self.samples(engine, voice.request()) }
        let counted = engine.statistics
        #expect(counted.tokens > 0)
        #expect(counted.referenceMisses == 1)
        #expect(counted.referenceHits == 1)
        #expect(counted.preparationSeconds > 0 && counted.textSeconds > 0)
        #expect(counted.tokenSeconds > 0 && counted.sampleSeconds > 0)
    }
}
