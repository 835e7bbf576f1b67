import Audio
import HTTPTypes
import Synthesis
import Testing

@testable import API

/// Containers and streaming modes, as bytes and chunks.
@Suite struct FormatTests {
    /// An engine that speaks three fragments of a tone.
    static func tones(_ fragments: Int = 3) -> FakeEngine {
        FakeEngine { _, output in
            for number in 0..<fragments { output.yield(FakeEngine.fragment(tone(number))) }
        }
    }

    /// A third of a second.
    static func tone(_ number: Int) -> [Int16] {
        (0..<10_000).map { Int16(6_000 * sineTable[($0 * (number + 3)) % sineTable.count]) }
    }

    private static let sineTable: [Float] = (0..<128).map { index in
        let x = Float(index) / 128
        return x < 0.5 ? 16 * x * (0.5 - x) : -16 * (x - 0.5) * (1 - x)
    }

    @Test(arguments: [
        ("ogg", "audio/ogg"), ("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("flac", "audio/flac"),
        ("wav", "audio/wav"),
    ])
    func wholeAndStreamedFilesCanBeRead(_ name: String, _ type: String) async throws {
        try await withRouter(Self.tones()) { client in
            for mode in ["0", "1"] {
                let answer = try await client.get(
                    "/tts?\(minimalQuery)&media_type=\(name)&streaming_mode=\(mode)")
                #expect(answer.status == 200, "\(answer.text.prefix(200))")
                #expect(answer.headers[.contentType] == type)
                #expect((answer.headers[.contentLength] == nil) == (mode == "1"))
                // libsndfile reads the first file of several that were put together; ffmpeg all of them.
                let clip = try AudioReader.read(bytes: answer.bytes)
                let expected = name == "ogg" && mode == "1" ? 10_000 : 30_000
                let found = clip.frames * 32_000 / clip.sampleRateHz
                #expect(abs(found - expected) < 4_000, "\(name) \(mode): \(found)")
            }
        }
    }

    /// LiveTalking opens each chunk as a file of its own.
    @Test func eachChunkOfAnOggStreamIsAFile() async throws {
        try await withServer(Self.tones()) { port in
            let body = minimalBody(#""streaming_mode":true,"media_type":"ogg""#)
            let bytes = try await RawClient.exchange(
                port,
                "POST /tts HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n" + SocketTests.close + body)
            let (chunks, isComplete) = RawClient.chunks(RawClient.split(bytes).body)
            #expect(chunks.count == 3)
            #expect(isComplete)
            for chunk in chunks {
                #expect(chunk.starts(with: "OggS".utf8))
                #expect(try AudioReader.read(bytes: chunk).frames == 10_000)
            }
        }
    }

    @Test(.enabled(if: FFmpeg.find() != nil, "ffmpeg is not installed"))
    func aacIsADTS() async throws {
        var options = ServerOptions()
        options.ffmpeg = FFmpeg.find()
        try await withRouter(Self.tones(), options) { client in
            for mode in ["0", "1", "2"] {
                let answer = try await client.get(
                    "/tts?\(minimalQuery)&media_type=aac&streaming_mode=\(mode)")
                #expect(answer.status == 200)
                #expect(answer.headers[.contentType] == "audio/aac")
                // Frame after frame of 1024 samples: an ADTS header says how long its frame is.
                var (frames, place) = (0, 0)
                while place + 7 <= answer.bytes.count {
                    let head = answer.bytes[place..<place + 7].map { Int($0) }
                    guard head[0] == 0xFF, head[1] & 0xF6 == 0xF0 else { break }
                    place += (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
                    frames += 1
                }
                #expect(place == answer.bytes.count)
                #expect((29...33).contains(frames), "\(frames) frames")
            }
        }
    }

    @Test func aProgramThatIsNotFFmpegIsAnError() async throws {
        var options = ServerOptions()
        options.ffmpeg = FFmpeg(path: "/bin/false")
        try await withRouter(Self.tones(), options) { client in
            let answer = try await client.get("/tts?\(minimalQuery)&media_type=aac")
            #expect(answer.status == 400)
            #expect(answer.code == "internal_error")
        }
        #expect(FFmpeg(path: "ffmpeg") == nil)
        #expect(FFmpeg(path: "/nonexistent/ffmpeg") == nil)
        #expect(FFmpeg.find(path: "relative:/nonexistent") == nil)
    }

    @Test func modes2And3AskForParts() async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client async throws in
            let query = "\(minimalQuery)&batch_size=4&parallel_infer=true"
            #expect(try await client.get("/tts?\(query)&streaming_mode=2").status == 200)
            #expect(
                try await client.post(
                    "/tts",
                    minimalBody(#""streaming_mode":"3","overlap_length":3,"min_chunk_length":"20""#)
                ).status == 200)
        }
        let requests = engine.log.requests
        #expect(requests.first?.delivery == .chunks(fixedLength: false, minimumTokens: 16, overlapTokens: 2))
        #expect(requests.last?.delivery == .chunks(fixedLength: true, minimumTokens: 20, overlapTokens: 3))
        // A part is of one sentence, decoded on its own.
        #expect(requests.allSatisfy { $0.batchSize == 1 && !$0.parallelInference })
    }

    @Test(arguments: ["2", "3"])
    func aPartIsAChunk(_ mode: String) async throws {
        try await withServer { port in
            let bytes = try await RawClient.exchange(
                port,
                "GET /tts?\(minimalQuery)&streaming_mode=\(mode)&media_type=raw HTTP/1.1\r\n"
                    + SocketTests.close)
            let (chunks, isComplete) = RawClient.chunks(RawClient.split(bytes).body)
            #expect(chunks.map(\.count) == FakeEngine.samples.map { $0.count * 2 })
            #expect(isComplete)
        }
    }

    /// The first sound leaves while the engine still works.
    @Test(arguments: ["raw", "wav", "ogg", "mp3"])
    func theFirstSoundDoesNotWait(_ type: String) async throws {
        let engine = SocketTests.endless([Self.tone(0)])
        try await withServer(engine) { port in
            let bytes = try await RawClient.exchange(
                port,
                "GET /tts?\(minimalQuery)&streaming_mode=1&media_type=\(type) HTTP/1.1\r\nHost: localhost\r\n\r\n",
                until: { RawClient.split($0).body.count > 1_500 })
            #expect(RawClient.split(bytes).head.hasPrefix("HTTP/1.1 200 OK"))
            #expect(try await eventually { engine.log.cancellations == 1 })
        }
    }
}
