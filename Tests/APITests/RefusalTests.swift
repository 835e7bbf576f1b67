import HTTPTypes
import NIOCore
import Synthesis
import Testing

@testable import API

/// What is refused with status 400, with upstream's messages and our codes; the engine must not hear of it.
@Suite struct RefusalTests {
    @Test(arguments: [
        ("text_lang=en&ref_audio_path=r&prompt_lang=en", "text is required", "missing_parameter"),
        ("text=&text_lang=en&ref_audio_path=r&prompt_lang=en", "text is required", "missing_parameter"),
        ("text=a&text_lang=en&prompt_lang=en", "ref_audio_path is required", "missing_parameter"),
        ("text=a&ref_audio_path=r&prompt_lang=en", "text_lang is required", "missing_parameter"),
        ("text=a&text_lang=en&ref_audio_path=r", "prompt_lang is required", "missing_parameter"),
        ("", "ref_audio_path is required", "missing_parameter"),
        (
            "text=a&text_lang=fr&ref_audio_path=r&prompt_lang=en",
            "text_lang: fr is not supported in version v2", "unsupported_language"
        ),
        (
            "text=a&text_lang=en&ref_audio_path=r&prompt_lang=xx",
            "prompt_lang: xx is not supported in version v2", "unsupported_language"
        ),
        ("\(minimalQuery)&media_type=silk", "media_type: silk is not supported", "unsupported_media_type"),
        ("\(minimalQuery)&media_type=WAV", "media_type: WAV is not supported", "unsupported_media_type"),
        (
            "\(minimalQuery)&media_type=aac",
            "media_type: aac is not supported: this server has no ffmpeg program; use ogg, mp3, opus, flac, wav or raw",
            "unsupported_media_type"
        ),
        (
            "\(minimalQuery)&text_split_method=cut9", "text_split_method:cut9 is not supported",
            "unsupported_split_method"
        ),
        (
            "\(minimalQuery)&streaming_mode=5",
            "the value of streaming_mode must be 0, 1, 2, 3(int) or true/false(bool)",
            "unsupported_streaming_mode"
        ),
        ("\(minimalQuery)&text=%00", "text contains a NUL character", "invalid_parameter"),
        (
            "\(minimalQuery)&ref_audio_path=a%00b", "ref_audio_path contains a NUL character",
            "invalid_parameter"
        ),
    ])
    func message(_ query: String, _ message: String, _ code: String) async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client in
            let answer = try await client.get("/tts?\(query)")
            #expect(answer.status == 400)
            #expect(answer.message == message)
            #expect(answer.code == code)
            #expect(answer.headers[.contentType] == "application/json")
        }
        #expect(engine.log.requests.isEmpty)
    }

    @Test(arguments: [
        ("top_k", "0", "1 to 1000000"), ("top_k", "-100", "1 to 1000000"),
        ("top_p", "0", "more than 0, at most 1"),
        ("top_p", "1.01", "more than 0, at most 1"), ("top_p", "1e-60", "more than 0, at most 1"),
        ("temperature", "-0.1", "0 to 100"), ("temperature", "101", "0 to 100"),
        ("batch_size", "0", "1 to 1000"),
        ("batch_threshold", "-1", "0 to 1"), ("speed_factor", "0", "0.1 to 10"),
        ("speed_factor", "11", "0.1 to 10"), ("fragment_interval", "-1", "0 to 60"),
        ("fragment_interval", "61", "0 to 60"), ("seed", "-2", "-1 to 4294967295"),
        ("seed", "4294967296", "-1 to 4294967295"), ("repetition_penalty", "0", "0.01 to 100"),
        ("sample_steps", "0", "1 to 1000"), ("overlap_length", "-1", "0 to 1000"),
        ("min_chunk_length", "0", "1 to 1000"),
    ])
    func ranges(_ name: String, _ value: String, _ range: String) async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client in
            for answer in [
                try await client.get("/tts?\(minimalQuery)&\(name)=\(value)"),
                try await client.post("/tts", minimalBody(#""\#(name)":\#(value)"#)),
            ] {
                #expect(answer.status == 400, "\(name)=\(value)")
                #expect(answer.code == "invalid_parameter")
                #expect(answer.message?.hasPrefix("\(name): ") == true)
                #expect(answer.message?.hasSuffix(" is out of range: \(range)") == true, "\(answer.text)")
            }
        }
        #expect(engine.log.requests.isEmpty)
    }

    @Test(arguments: [
        (#""4""#, "the value of streaming_mode must be"), ("5", "the value of streaming_mode must be"),
        ("-1", "the value of streaming_mode must be"),
    ])
    func streamingModesInJSON(_ value: String, _ start: String) async throws {
        try await withRouter { client in
            let answer = try await client.post("/tts", minimalBody(#""streaming_mode":\#(value)"#))
            #expect(answer.status == 400)
            #expect(answer.code == "unsupported_streaming_mode")
            #expect(answer.message?.hasPrefix(start) == true, "\(answer.text)")
        }
    }

    @Test func edgesOfRangesAreAccepted() async throws {
        try await withRouter { client async throws in
            for query in [
                "temperature=0", "top_p=1", "seed=4294967295", "speed_factor=0.1", "speed_factor=10",
                "fragment_interval=0", "batch_threshold=0", "repetition_penalty=0.01", "top_p=1e-30",
                "overlap_length=0", "super_sampling=true",
            ] {
                #expect(try await client.get("/tts?\(minimalQuery)&\(query)").status == 200, "\(query)")
            }
        }
    }

    @Test func longTextsAreRefusedWithTheirLength() async throws {
        try await withRouter { client in
            let text = String(repeating: "字", count: 50_000)
            let answer = try await client.post("/tts", minimalBody(#""text":"\#(text)""#))
            #expect(answer.status == 400)
            #expect(answer.message == "text has 50000 characters; 10000 are allowed")
            #expect(answer.code == "too_long")

            let longest = String(repeating: "字", count: 10_000)
            #expect(try await client.post("/tts", minimalBody(#""text":"\#(longest)""#)).status == 200)

            let path = String(repeating: "a", count: 5000)
            let long = try await client.post("/tts", minimalBody(#""ref_audio_path":"\#(path)""#))
            #expect(long.message == "ref_audio_path has 5000 characters; 4096 are allowed")

            let many = Array(repeating: "\"a\"", count: 33).joined(separator: ",")
            let paths = try await client.post("/tts", minimalBody(#""aux_ref_audio_paths":[\#(many)]"#))
            #expect(paths.message == "aux_ref_audio_paths has 33 paths; 32 are allowed")
        }
    }

    @Test func languagesAreLowerCasedByBothMethods() async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client async throws in
            let query = "text=a&ref_audio_path=r&text_lang=ALL_ZH&prompt_lang=En"
            #expect(try await client.get("/tts?\(query)").status == 200)
            let body = #"{"text":"a","ref_audio_path":"r","text_lang":"ALL_ZH","prompt_lang":"En"}"#
            #expect(try await client.post("/tts", body).status == 200)
        }
        #expect(engine.log.requests.map(\.textLanguage) == ["all_zh", "all_zh"])
        #expect(engine.log.requests.map(\.promptLanguage) == ["en", "en"])
    }

    @Test func languagesAreThoseOfTheVersion() async throws {
        let engine = FakeEngine(version: "v1", languages: ["auto", "en", "zh", "ja", "all_zh", "all_ja"])
        try await withRouter(engine) { client in
            let answer = try await client.get("/tts?\(minimalQuery)&text_lang=ko")
            #expect(answer.message == "text_lang: ko is not supported in version v1")
        }
    }
}
