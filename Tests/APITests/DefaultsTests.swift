import Foundation
import HTTPTypes
import Synthesis
import Testing

@testable import API

@Suite struct DefaultsTests {
    /// What the engine gets of a request that names only what is required.
    private func request(_ defaults: DefaultSet, post: Bool) async throws -> SynthesisRequest {
        let engine = FakeEngine()
        try await withRouter(engine, ServerOptions(defaults: defaults)) { client async throws in
            let answer =
                post
                ? try await client.post("/tts", minimalBody()) : try await client.get("/tts?\(minimalQuery)")
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "audio/wav")
        }
        return try #require(engine.lastRequest)
    }

    @Test(arguments: [
        (DefaultSet.classic, 5, "cut0", false), (.classic, 5, "cut0", true),
        (.upstream, 15, "cut5", false), (.upstream, 15, "cut5", true),
    ])
    func both(_ defaults: DefaultSet, _ topK: Int, _ splitMethod: String, _ post: Bool) async throws {
        let request = try await request(defaults, post: post)
        #expect(request.text == "hello")
        #expect(request.textLanguage == "en")
        #expect(request.referencePath == "ref.wav")
        #expect(request.promptLanguage == "en")
        #expect(request.promptText == "")
        #expect(request.auxiliaryReferencePaths == [])
        #expect(request.topK == topK)
        #expect(request.splitMethod == splitMethod)
        #expect(request.topP == 1)
        #expect(request.temperature == 1)
        #expect(request.batchSize == 1)
        #expect(request.batchThreshold == 0.75)
        #expect(request.splitBucket)
        #expect(request.speedFactor == 1)
        #expect(request.fragmentInterval == 0.3)
        #expect(request.seed == -1)
        #expect(request.parallelInference)
        #expect(request.repetitionPenalty == 1.35)
        #expect(request.delivery == .whole)
    }

    @Test func everyParameterReachesTheEngine() async throws {
        let engine = FakeEngine()
        let query =
            "text=a&text_lang=zh&ref_audio_path=r&aux_ref_audio_paths=x&prompt_lang=ja&prompt_text=p&top_k=7"
            + "&top_p=0.5&temperature=0.25&text_split_method=cut3&batch_size=4&batch_threshold=0.5"
            + "&split_bucket=false&speed_factor=1.5&fragment_interval=0.125&seed=42&media_type=raw"
            + "&streaming_mode=1&parallel_infer=false&repetition_penalty=1.25&sample_steps=8"
            + "&super_sampling=true&text_rules=upstream&overlap_length=3&min_chunk_length=20"
        try await withRouter(engine) { client async throws in
            let answer = try await client.get("/tts?\(query)")
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "audio/raw")
        }
        let request = try #require(engine.lastRequest)
        #expect(request.text == "a")
        #expect(request.textLanguage == "zh")
        #expect(request.referencePath == "r")
        #expect(request.auxiliaryReferencePaths == ["x"])
        #expect(request.promptLanguage == "ja")
        #expect(request.promptText == "p")
        #expect(request.topK == 7)
        #expect(request.topP == 0.5)
        #expect(request.temperature == 0.25)
        #expect(request.splitMethod == "cut3")
        #expect(request.textRules == .upstream)
        #expect(request.batchSize == 4)
        #expect(request.batchThreshold == 0.5)
        #expect(!request.splitBucket)
        #expect(request.speedFactor == 1.5)
        #expect(request.fragmentInterval == 0.125)
        #expect(request.seed == 42)
        #expect(request.delivery == .fragments)
        #expect(!request.parallelInference)
        #expect(request.repetitionPenalty == 1.25)
    }

    /// The documentation holds the table that the declarations make, so neither changes without the other.
    @Test func theDocumentationHasTheTable() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/server.md"), encoding: .utf8)
        let table = ParameterTable.markdown(SpeechParameters.all)
        #expect(text.contains(table), "docs/server.md should contain:\n\(table)")
        for code in ErrorCode.allCases {
            #expect(text.contains("| `\(code.rawValue)` |"), "docs/server.md lacks the code \(code.rawValue)")
        }
    }
}
