import Foundation
import NIOCore
import Synthesis
import Testing

@testable import API

/// Requests of clients in use as the libraries write them that these clients are made with: header by header, on a
/// connection that stays open.
@Suite struct ClientBytesTests {
    private let folder: ScratchFolder
    private var options: ServerOptions { ServerOptions(port: 0, voicesFolder: folder.path) }

    init() throws {
        folder = try ScratchFolder()
        try folder.addVoice("anna", text: "参考的话", settings: "language: zh\n")
    }

    /// A whole answer to `head` and `body`, which are sent as they are.
    private static func exchange(_ port: Int, _ head: [String], _ body: String = "") async throws -> (
        head: String, body: [UInt8]
    ) {
        let bytes = try await RawClient.exchange(
            port, (head + ["", ""]).joined(separator: "\r\n") + body, until: isComplete)
        return RawClient.split(bytes)
    }

    private static func isComplete(_ bytes: [UInt8]) -> Bool {
        let (head, body) = RawClient.split(bytes)
        guard !body.isEmpty || String(decoding: bytes.suffix(4), as: UTF8.self) == "\r\n\r\n" else {
            return false
        }
        if head.lowercased().contains("transfer-encoding: chunked") {
            return RawClient.chunks(body).isComplete
        }
        let lengths = head.lowercased().split(separator: "\r\n").compactMap { line in
            line.hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
        }
        return body.count >= lengths.first ?? 0
    }

    /// Python's requests, `json=`.
    private static func requests(_ path: String, _ body: String) -> [String] {
        [
            "POST \(path) HTTP/1.1", "Host: 127.0.0.1:9880", "User-Agent: python-requests/2.32.3",
            "Accept-Encoding: gzip, deflate", "Accept: */*", "Connection: keep-alive",
            "Content-Length: \(body.utf8.count)", "Content-Type: application/json",
        ]
    }

    /// SillyTavern, GPT-SoVITS-Adapter: no reference at all, the server knows the voice; a page of another site.
    @Test(arguments: [
        ("auto", "audio/wav"), ("mp3", "audio/mpeg"), ("ogg", "audio/ogg"), ("flac", "audio/flac"),
    ])
    func sillyTavernAdapter(_ media: String, _ type: String) async throws {
        let engine = FormatTests.tones()
        try await withServer(engine, options) { port in
            let body =
                #"{"text":"你好","card_name":"Seraphina","use_st_adapter":true,"target_voice":"anna","text_lang":"zh","#
                + #""text_split_method":"cut5","batch_size":1,"media_type":"\#(media)","streaming_mode":"true"}"#
            let answer = try await Self.exchange(
                port,
                [
                    "POST / HTTP/1.1", "Host: localhost:9881", "Connection: keep-alive",
                    "Content-Length: \(body.utf8.count)", "sec-ch-ua-platform: \"Linux\"",
                    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                        + "Chrome/131.0.0.0 Safari/537.36",
                    "sec-ch-ua-mobile: ?0", "Content-Type: application/json", "Accept: */*",
                    "Origin: http://127.0.0.1:8000", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors",
                    "Sec-Fetch-Dest: empty", "Referer: http://127.0.0.1:8000/",
                    "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-US,en;q=0.9",
                ], body)
            #expect(answer.head.hasPrefix("HTTP/1.1 200"), "\(answer.head)")
            #expect(answer.head.lowercased().contains("content-type: \(type)\r\n"), "\(answer.head)")
            #expect(answer.head.lowercased().contains("access-control-allow-origin: http://127.0.0.1:8000"))
        }
        #expect(engine.lastRequest?.referencePath == folder.path + "/anna/ref.wav")
        #expect(engine.lastRequest?.promptText == "参考的话")
        #expect(engine.lastRequest?.promptLanguage == "zh")
        #expect(engine.lastRequest?.delivery == .fragments)
    }

    /// The adapter also offers silk, which is not supported.
    @Test func silkIsRefused() async throws {
        try await withServer(FakeEngine(), options) { port in
            let body = #"{"text":"a","target_voice":"anna","text_lang":"zh","media_type":"silk"}"#
            let answer = try await Self.exchange(port, Self.requests("/", body), body)
            #expect(answer.head.hasPrefix("HTTP/1.1 400"))
            #expect(String(decoding: answer.body, as: UTF8.self).contains("unsupported_media_type"))
        }
    }

    /// LiveTalking: each chunk of the answer is opened as a file of its own.
    @Test func liveTalkingOgg() async throws {
        try await withServer(FormatTests.tones(), options) { port in
            let body =
                #"{"text": "\u4f60\u597d", "text_lang": "zh", "ref_audio_path": "anna", "prompt_text": "\u53c2\u8003", "#
                + #""prompt_lang": "zh", "media_type": "ogg", "streaming_mode": true}"#
            let answer = try await Self.exchange(port, Self.requests("/tts", body), body)
            #expect(answer.head.lowercased().contains("content-type: audio/ogg"))
            let (chunks, isComplete) = RawClient.chunks(answer.body)
            #expect(isComplete)
            #expect(chunks.count > 1)
            for chunk in chunks {
                // A page that begins a stream, and one that ends it.
                #expect(chunk.starts(with: Array("OggS".utf8) + [0, 2]))
                let last = chunk.indices.last { chunk[$0...].starts(with: "OggS".utf8) }
                #expect(last.map { chunk[$0 + 5] & 4 } == 4)
            }
        }
    }

    /// pyvideotrans with its switch for the second API, and without.
    @Test(arguments: [
        (
            "/tts",
            #"{"text": "\u4f60\u597d", "text_lang": "zh", "ref_audio_path": "anna", "prompt_text": "a", "prompt_lang": "", "speed_factor": 1.2, "text_split_method": "cut5"}"#
        ),
        (
            "/",
            #"{"text": "\u4f60\u597d", "text_language": "zh", "refer_wav_path": "anna", "prompt_text": "a", "prompt_language": "zh", "speed": 1.2}"#
        ),
    ])
    func pyvideotrans(_ path: String, _ body: String) async throws {
        let engine = FakeEngine()
        try await withServer(engine, options) { port in
            let answer = try await Self.exchange(port, Self.requests(path, body), body)
            #expect(answer.head.hasPrefix("HTTP/1.1 200"), "\(String(decoding: answer.body, as: UTF8.self))")
            #expect(answer.body.starts(with: "RIFF".utf8))
        }
        #expect(engine.lastRequest?.text == "你好")
        #expect(engine.lastRequest?.speedFactor == 1.2)
        #expect(engine.lastRequest?.promptLanguage == "zh")
    }

    /// VideoLingo: starts a server, asks /control until it answers anything below 500, then speaks.
    @Test func videoLingo() async throws {
        let engine = FakeEngine()
        try await withServer(engine, options) { port in
            let probe = try await Self.exchange(
                port,
                [
                    "GET /control HTTP/1.1", "Host: 127.0.0.1:9880", "User-Agent: python-requests/2.32.3",
                    "Accept-Encoding: gzip, deflate", "Accept: */*", "Connection: keep-alive",
                ])
            #expect(probe.head.hasPrefix("HTTP/1.1 4"))
            let body =
                #"{"text": "Hello.", "text_lang": "en", "ref_audio_path": "anna", "prompt_lang": "zh", "#
                + #""prompt_text": "\u53c2\u8003", "speed_factor": 1.0}"#
            let answer = try await Self.exchange(port, Self.requests("/tts", body), body)
            #expect(answer.head.hasPrefix("HTTP/1.1 200"))
        }
        #expect(engine.lastRequest?.textLanguage == "en")
    }

    /// MaiBot's plugin, made with aiohttp: five members, and the sound must be one that it recognises.
    @Test func maiBot() async throws {
        let engine = FakeEngine()
        try await withServer(engine, options) { port in
            let body =
                #"{"text": "\u4f60\u597d", "text_lang": "zh", "ref_audio_path": "anna", "prompt_text": "\u53c2\u8003", "#
                + #""prompt_lang": "zh"}"#
            let answer = try await Self.exchange(
                port,
                [
                    "POST /tts HTTP/1.1", "Host: 127.0.0.1:9880", "Accept: */*",
                    "Accept-Encoding: gzip, deflate", "User-Agent: Python/3.11 aiohttp/3.11.11",
                    "Content-Length: \(body.utf8.count)", "Content-Type: application/json",
                ], body)
            #expect(answer.head.hasPrefix("HTTP/1.1 200"))
            #expect(answer.head.lowercased().contains("content-length: \(answer.body.count)"))
            #expect(answer.body.starts(with: "RIFF".utf8))
        }
        #expect(engine.lastRequest?.delivery == .whole)
    }

    /// VoiceStudio: takes 400 and 405 of /tts for alive, then posts.
    @Test func voiceStudio() async throws {
        try await withServer(FakeEngine(), options) { port in
            for method in ["GET", "OPTIONS"] {
                let probe = try await Self.exchange(port, ["\(method) /tts HTTP/1.1", "Host: localhost"])
                #expect(["400", "204"].contains(String(probe.head.dropFirst(9).prefix(3))), "\(method)")
            }
            let body =
                #"{"text":"a","text_lang":"en","ref_audio_path":"anna","prompt_lang":"en","prompt_text":""}"#
            #expect(
                try await Self.exchange(port, Self.requests("/tts", body), body).head.hasPrefix(
                    "HTTP/1.1 200"))
        }
    }

    /// legado: a template with the text as Java encodes it, through okhttp; the type must match what the user wrote.
    @Test func legado() async throws {
        let engine = FormatTests.tones()
        try await withServer(engine, options) { port in
            let answer = try await Self.exchange(
                port,
                [
                    "GET /tts?text=%E4%BD%A0+%E5%A5%BD%21*&text_lang=zh&ref_audio_path=anna&prompt_lang=zh"
                        + "&media_type=mp3&speed_factor=1.0 HTTP/1.1",
                    "User-Agent: Mozilla/5.0 (Linux; Android 14)", "Host: 192.168.1.2:9880",
                    "Connection: Keep-Alive",
                    "Accept-Encoding: gzip",
                ])
            #expect(answer.head.hasPrefix("HTTP/1.1 200"))
            #expect(answer.head.lowercased().contains("content-type: audio/mpeg\r\n"))
            #expect(answer.body.starts(with: [0xFF, 0xFB]) || answer.body.starts(with: "ID3".utf8))
        }
        #expect(engine.lastRequest?.text == "你 好!*")
    }

    /// Desktop applications set weights and clip before each utterance, whether they have changed or not.
    @Test func desktopApplications() async throws {
        let engine = FakeEngine()
        try await withServer(engine, options) { port in
            for _ in 0..<2 {
                for path in [
                    "/set_gpt_weights?weights_path=GPT_weights_v2%2Fa-e15.ckpt",
                    "/set_sovits_weights?weights_path=SoVITS_weights_v2%2Fa_e8.pth",
                    "/set_refer_audio?refer_audio_path=anna",
                ] {
                    let answer = try await Self.exchange(
                        port,
                        [
                            "GET \(path) HTTP/1.1", "accept: */*", "accept-language: *",
                            "sec-fetch-mode: cors",
                            "user-agent: node", "accept-encoding: gzip, deflate", "Host: 127.0.0.1:9880",
                            "Connection: keep-alive",
                        ])
                    #expect(String(decoding: answer.body, as: UTF8.self) == #"{"message":"success"}"#)
                }
            }
            let answer = try await Self.exchange(
                port, ["GET /tts?text=a&text_lang=en&prompt_lang=zh HTTP/1.1", "Host: 127.0.0.1:9880"])
            #expect(answer.head.hasPrefix("HTTP/1.1 200"))
        }
        #expect(engine.lastRequest?.referencePath == folder.path + "/anna/ref.wav")
    }
}
