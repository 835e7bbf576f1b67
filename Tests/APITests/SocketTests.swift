import Logging
import NIOCore
import Synthesis
import Testing

@testable import API

/// A real server and raw bytes: framing, broken streams, vanishing clients, shutdown.
@Suite struct SocketTests {
    static let close = "Host: localhost\r\nConnection: close\r\n\r\n"

    @Test func aFragmentIsAChunk() async throws {
        try await withServer { port in
            let bytes = try await RawClient.exchange(
                port, "GET /tts?\(minimalQuery)&streaming_mode=1 HTTP/1.1\r\n" + Self.close)
            let (head, body) = RawClient.split(bytes)
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(head.lowercased().contains("content-type: audio/wav\r\n"))
            #expect(head.lowercased().contains("transfer-encoding: chunked"))
            let (chunks, isComplete) = RawClient.chunks(body)
            #expect(chunks.count == 4)
            #expect(chunks.first?.count == 44)
            #expect(chunks.dropFirst().map(\.count) == FakeEngine.samples.map { $0.count * 2 })
            #expect(Array(chunks.dropFirst().joined()) == AudioTests.pcm)
            #expect(isComplete)
        }
    }

    @Test func aWholeAnswerHasALengthAndKeepsTheConnection() async throws {
        try await withServer { port in
            let request = "GET /tts?\(minimalQuery) HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let bytes = try await RawClient.exchange(
                port, request + "GET /tts?\(minimalQuery)&media_type=raw HTTP/1.1\r\n" + Self.close)
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            #expect(text.contains("content-length: 56\r\n"))
            #expect(text.contains("content-length: 12\r\n"))
            #expect(text.components("http/1.1 200 ok") == 2)
        }
    }

    @Test func aFailureAfterTheFirstFragmentCutsTheConnection() async throws {
        let engine = FakeEngine(
            script: FakeEngine.failing(SynthesisError(.text, "no"), after: [[1, 2], [3]]))
        try await withServer(engine) { port in
            let bytes = try await RawClient.exchange(
                port,
                "GET /tts?\(minimalQuery)&streaming_mode=1&media_type=raw HTTP/1.1\r\nHost: localhost\r\n\r\n"
            )
            let (head, body) = RawClient.split(bytes)
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            let (chunks, isComplete) = RawClient.chunks(body)
            #expect(chunks == [[1, 0, 2, 0], [3, 0]])
            #expect(!isComplete)
        }
    }

    @Test func aFailureBeforeTheFirstFragmentIsAnError() async throws {
        let engine = FakeEngine(script: FakeEngine.failing(SynthesisError(.text, "no")))
        try await withServer(engine) { port in
            let bytes = try await RawClient.exchange(
                port, "GET /tts?\(minimalQuery)&streaming_mode=1 HTTP/1.1\r\n" + Self.close)
            let (head, body) = RawClient.split(bytes)
            #expect(head.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(
                String(decoding: body, as: UTF8.self)
                    == #"{"message":"tts failed","code":"invalid_text","Exception":"no"}"#)
        }
    }

    /// An engine that speaks `fragments` and then works on until it is cancelled.
    static func endless(_ fragments: [[Int16]]) -> FakeEngine {
        FakeEngine { _, output in
            for samples in fragments { output.yield(FakeEngine.fragment(samples)) }
            try? await Task.sleep(for: .seconds(600))
        }
    }

    @Test(arguments: ["0", "1"])
    func aClientThatLeavesBeforeTheFirstFragmentCancelsTheWork(_ mode: String) async throws {
        let engine = Self.endless([])
        try await withServer(engine) { port in
            let client = try await RawClient.connect(port)
            let waiting = Task {
                try await client.exchange(
                    "GET /tts?\(minimalQuery)&streaming_mode=\(mode) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            }
            #expect(try await eventually { engine.log.requests.count == 1 })
            #expect(engine.log.cancellations == 0)
            waiting.cancel()
            #expect(try await eventually { engine.log.cancellations == 1 })
        }
    }

    @Test func aClientThatLeavesAStreamCancelsTheWork() async throws {
        let engine = Self.endless([[1, 2]])
        try await withServer(engine) { port in
            let body = minimalBody(#""streaming_mode":1,"media_type":"raw""#)
            let bytes = try await RawClient.exchange(
                port,
                "POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body,
                until: { RawClient.chunks(RawClient.split($0).body).chunks.count == 1 })
            #expect(RawClient.chunks(RawClient.split(bytes).body).chunks == [[1, 0, 2, 0]])
            #expect(try await eventually { engine.log.cancellations == 1 })
        }
    }

    @Test func aFinishedRequestIsNotCancelledWhenItsClientLeaves() async throws {
        let engine = FakeEngine()
        try await withServer(engine) { port in
            _ = try await RawClient.exchange(port, "GET /tts?\(minimalQuery) HTTP/1.1\r\n" + Self.close)
        }
        #expect(engine.log.requests.count == 1)
        #expect(engine.log.cancellations == 0)
    }

    /// As in upstream, whose parser is of the same family.
    @Test func textThatIsNotPercentEncodedIsRefused() async throws {
        let engine = FakeEngine()
        try await withServer(engine) { port in
            let bytes = try await RawClient.exchange(
                port, "GET /tts?\(minimalQuery)&text=你好，世界 HTTP/1.1\r\n" + Self.close)
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 400 Bad Request"))
        }
        #expect(engine.log.requests.isEmpty)
    }

    @Test func longQueriesArrive() async throws {
        let engine = FakeEngine()
        try await withServer(engine) { port in
            let text = String(repeating: "%E5%AD%97", count: 10_000)
            let bytes = try await RawClient.exchange(
                port, "GET /tts?\(minimalQuery)&text=\(text) HTTP/1.1\r\n" + Self.close)
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 200 OK"))
        }
        #expect(engine.lastRequest?.text.unicodeScalars.count == 10_000)
    }

    @Test func brokenHTTPIsAnswered() async throws {
        try await withServer { port in
            for request in [
                "\u{0}\u{1}\r\n\r\n", "GET\r\n\r\n", "GET /tts HTTP/9.9\r\n\r\n", "GET /a b c\r\n\r\n",
            ] {
                let bytes = try await RawClient.exchange(port, request)
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 4"), "\(request): \(text)")
            }
            let bytes = try await RawClient.exchange(
                port, "GET /tts?\(minimalQuery) HTTP/1.1\r\n" + Self.close)
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test(arguments: [("exit", ServerEnding.stopped), ("restart", ServerEnding.restart)])
    func controlEndsTheServerAfterItsAnswer(_ command: String, _ ending: ServerEnding) async throws {
        let found = try await withServer(endsItself: true) { port in
            let bytes = try await RawClient.exchange(
                port, "GET /control?command=\(command) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(RawClient.split(bytes).body == Array(#"{"message":"success"}"#.utf8))
        }
        #expect(found == ending)
    }

    @Test func requestsThatOutlastTheGracePeriodAreCut() async throws {
        let engine = Self.endless([[1]])
        let options = ServerOptions(port: 0, shutdownSeconds: 0.2)
        let found = try await withServer(engine, options, endsItself: true) { port in
            let uri = "/tts?\(minimalQuery)&streaming_mode=1&media_type=raw"
            async let stream = RawClient.exchange(port, "GET \(uri) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await eventually { engine.log.requests.count == 1 })
            _ = try await RawClient.exchange(port, "GET /control?command=exit HTTP/1.1\r\n" + Self.close)
            let (chunks, isComplete) = RawClient.chunks(RawClient.split(try await stream).body)
            #expect(chunks == [[1, 0]])
            #expect(!isComplete)
        }
        #expect(found == .stopped)
        #expect(engine.log.cancellations == 1)
    }

    @Test func aRestartThatFailsSaysWhy() {
        #expect(
            throws: RestartError(program: "/nonexistent/gsv", reason: "No such file or directory")
        ) {
            try ProcessRestart.replaceProcess(arguments: ["/nonexistent/gsv", "serve"])
        }
    }

    @Test func aPortInUseIsNamed() async throws {
        try await withServer { port in
            let error = await #expect(throws: ServerError.self) {
                try await withServer(FakeEngine(), ServerOptions(port: port)) { _ in }
            }
            #expect(error == .addressInUse(host: "127.0.0.1", port: port))
            #expect(error?.description.contains("\(port)") == true)
        }
        await #expect(throws: ServerError.invalidPort(70_000)) {
            try await withServer(FakeEngine(), ServerOptions(port: 70_000)) { _ in }
        }
    }

    /// A body after the head of an answer to HEAD would be taken for the beginning of the next answer.
    @Test(arguments: [
        "/speakers", "/v1/models", "/tts?text=", "/nowhere", "/v1/models/none", "/tts?\(minimalQuery)",
    ])
    func anAnswerToHeadHasNoBody(_ path: String) async throws {
        try await withServer { port in
            let bytes = try await RawClient.exchange(
                port, "HEAD \(path) HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /health HTTP/1.1\r\n" + Self.close
            )
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.components("HTTP/1.1 ") == 2)
            #expect(text.contains("\r\n\r\nHTTP/1.1 200 OK\r\n"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func theAddressNoneServesIPv4() async throws {
        try await withServer(FakeEngine(), ServerOptions(address: "None", port: 0)) { port in
            let bytes = try await RawClient.exchange(port, "GET / HTTP/1.1\r\n" + Self.close)
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 200 OK"))
        }
    }
}

extension String {
    /// How often `part` occurs.
    fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
