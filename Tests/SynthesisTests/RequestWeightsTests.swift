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
            try UtteranceRunner.run(
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
        #expect(engine.voice.soVITSPath == main.models.soVITSPath)

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
        let first = try cache.textToSemantic(pathA)
        #expect(try cache.textToSemantic(pathA).identity == first.identity)
        _ = try cache.textToSemantic(pathB)
        #expect(cache.paths == [pathB, pathA])
        _ = try cache.textToSemantic(pathA)
        let third = try #require(Self.weights("-c").textToSemantic)
        _ = try cache.textToSemantic(third)
        #expect(cache.paths == [third, pathA])
        // A file that has changed is another one.
        try SyntheticNetwork.textToSemantic("v2").write(to: pathA, salt: "-changed")
        try FileManager.default.setAttributes([.modificationDate: Date.now + 5], ofItemAtPath: pathA)
        #expect(try cache.textToSemantic(pathA).identity != first.identity)
        let none = ModelCache(budgetBytes: 0)
        _ = try none.textToSemantic(pathA)
        #expect(none.paths == [pathA])
    }

    /// The places of the sentences are where their sound is: without pauses, they follow each other.
    @Test(arguments: [Delivery.whole, .fragments])
    func sentencesHaveTheirPlaces(_ delivery: Delivery) async throws {
        let voice = try RecordedVoice("v2")
        var request = voice.request()
        request.delivery = delivery
        request.fragmentInterval = 0.25
        let fragments = try UtteranceRunner.run(
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
        let pieces = try voice.base.sentences.pieces(
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
