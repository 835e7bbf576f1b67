import NIOCore
import NIOPosix
import StrictJSON
import Synthesis
import Testing

@testable import API

/// The Wyoming protocol, as events over a socket.
@Suite struct WyomingTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try folder.addVoice("default", text: "A reference.", settings: "language: en\n")
    }

    /// Sends `request` to a server and returns events until one of the type `last` has come.
    private func exchange(
        _ engine: FakeEngine, _ request: String, until last: String, access: AccessControl = AccessControl(),
        isOpen: Bool = false
    ) async throws -> [WyomingEvent] {
        let options = ServerOptions(
            port: 0, access: access, voicesFolder: folder.path, wyomingPort: 0, wyomingIsOpen: isOpen)
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let server = Server(engine: engine, options: options, logger: silentLogger)
        return try await withThrowingTaskGroup(of: [WyomingEvent]?.self) { group in
            group.addTask {
                _ = try? await server.run(onWyoming: { announce.yield($0) })
                announce.finish()
                return nil
            }
            group.addTask {
                guard let port = await ports.first(where: { _ in true }) else { return [] }
                var events: [WyomingEvent] = []
                let bytes = try await RawClient.exchange(port, request) { bytes in
                    String(decoding: bytes, as: UTF8.self).contains("\"type\":\"\(last)\"")
                }
                var parser = WyomingParser()
                parser.append(ByteBuffer(bytes: bytes))
                while let event = try parser.next() { events.append(event) }
                return events
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            return []
        }
    }

    @Test func describe() async throws {
        let events = try await exchange(FakeEngine(), "{\"type\":\"describe\"}\n", until: "info")
        guard case .array(let programs)? = events.first?.data["tts"],
            case .array(let voices)? = programs.first?.members?["voices"]
        else {
            Issue.record("\(events)")
            return
        }
        #expect(programs.first?.members?["supports_synthesize_streaming"] == .bool(true))
        #expect(voices.first?.members?["name"] == .string("default"))
        guard case .array(let languages)? = voices.first?.members?["languages"] else { return }
        #expect(languages == ["en", "zh", "ja", "yue", "ko"].map { .string($0) })
    }

    @Test func synthesize() async throws {
        let engine = FakeEngine()
        // The data may come after the line.
        let data = #"{"text":"Hello.","voice":{"name":"default","language":"en_US"}}"#
        let events = try await exchange(
            engine,
            "{\"type\":\"synthesize\",\"version\":\"1.5.2\",\"data_length\":\(data.utf8.count)}\n\(data)",
            until: "audio-stop")
        #expect(
            events.map(\.type) == ["audio-start", "audio-chunk", "audio-chunk", "audio-chunk", "audio-stop"])
        #expect(events.first?.data["rate"] == .integer(32_000))
        #expect(events.first?.data["width"] == .integer(2))
        #expect(events.first?.data["channels"] == .integer(1))
        #expect(events.flatMap(\.payload) == AudioTests.pcm)
        #expect(engine.lastRequest?.textLanguage == "en")
        #expect(engine.lastRequest?.promptText == "A reference.")
    }

    @Test func textInPieces() async throws {
        let engine = FakeEngine()
        let lines = [
            #"{"type":"synthesize-start","data":{"voice":{"name":"default"}}}"#,
            #"{"type":"synthesize-chunk","data":{"text":"It costs 3."}}"#,
            #"{"type":"synthesize-chunk","data":{"text":"50. Or "}}"#,
            #"{"type":"synthesize-chunk","data":{"text":"not"}}"#,
            #"{"type":"synthesize","data":{"text":"It costs 3.50. Or not"}}"#,
            #"{"type":"synthesize-stop","data":{}}"#,
        ]
        let events = try await exchange(
            engine, lines.joined(separator: "\n") + "\n", until: "synthesize-stopped")
        #expect(engine.log.requests.map(\.text) == ["It costs 3.50.", " Or not"])
        #expect(events.count { $0.type == "audio-start" } == 1)
        #expect(events.count { $0.type == "audio-stop" } == 1)
        #expect(events.flatMap(\.payload) == AudioTests.pcm + AudioTests.pcm)
        #expect(events.last?.type == "synthesize-stopped")
    }

    @Test func errorsAreEvents() async throws {
        let engine = FakeEngine(script: FakeEngine.failing(SynthesisError(.text, "cannot")))
        let events = try await exchange(
            engine,
            "{\"type\":\"ping\"}\n{\"type\":\"unknown\"}\n{\"type\":\"synthesize\",\"data\":{\"text\":\"a\"}}\n",
            until: "error")
        #expect(events.map(\.type) == ["pong", "error"])
        #expect(events.last?.text("text") == "cannot")
        #expect(events.last?.text("code") == "invalid_text")
    }

    private static let locked = AccessControl(userKeys: ["secret"])
    private static let hello = #"{"type":"synthesize","data":{"text":"a"}}"# + "\n"

    @Test func withoutAKeyNothingIsSpoken() async throws {
        let engine = FakeEngine()
        let events = try await exchange(
            engine, "{\"type\":\"describe\"}\n" + Self.hello + "{\"type\":\"ping\"}\n", until: "pong",
            access: Self.locked)
        #expect(events.map(\.type) == ["error", "error", "pong"])
        #expect(events.first?.text("code") == "invalid_key")
        // A wrong one ends the connection.
        let wrong = try await exchange(
            engine, #"{"type":"authenticate","data":{"api_key":"secre"}}"# + "\n" + Self.hello,
            until: "never",
            access: Self.locked)
        #expect(wrong.map(\.type) == ["error"])
        #expect(engine.log.requests.isEmpty)
    }

    @Test(arguments: [
        #"{"type":"authenticate","data":{"api_key":"secret"}}"# + "\n" + hello,
        #"{"type":"synthesize","data":{"text":"a","api_key":"secret"}}"# + "\n",
    ])
    func aKeyIsShownOnce(_ request: String) async throws {
        let engine = FakeEngine()
        let events = try await exchange(
            engine, request + Self.hello + "{\"type\":\"ping\"}\n", until: "pong", access: Self.locked)
        #expect(events.count { $0.type == "audio-stop" } == 2)
        #expect(!events.contains { $0.type == "error" })
        #expect(engine.log.requests.count == 2)
    }

    @Test func anOpenPortNeedsNoKey() async throws {
        let events = try await exchange(
            FakeEngine(), Self.hello, until: "audio-stop", access: Self.locked, isOpen: true)
        #expect(events.last?.type == "audio-stop")
    }

    /// A server that ends finishes what it speaks, and lets those go who ask for nothing.
    @Test func whatIsSpokenIsFinished() async throws {
        let (going, goOn) = AsyncStream<Void>.makeStream()
        let engine = FakeEngine { _, output in
            output.yield(FakeEngine.fragment([1, 2]))
            for await _ in going { break }
            output.yield(FakeEngine.fragment([3]))
        }
        let options = ServerOptions(
            port: 0, access: AccessControl(isInsecure: true), voicesFolder: folder.path, wyomingPort: 0)
        let server = Server(engine: engine, options: options, logger: silentLogger)
        let (ports, announce) = AsyncStream<Int>.makeStream(),
            (wyoming, announceWyoming) = AsyncStream<Int>.makeStream()
        let running = Task {
            try await server.run(
                onListening: { announce.yield($0) }, onWyoming: { announceWyoming.yield($0) })
        }
        let port = try #require(await ports.first { _ in true })
        let events = try #require(await wyoming.first { _ in true })
        let idle = Task { try await RawClient.exchange(events, "{\"type\":\"ping\"}\n") }
        let pieces = [
            #"{"type":"synthesize-start","data":{}}"#, #"{"type":"synthesize-chunk","data":{"text":"a"}}"#,
            #"{"type":"synthesize-stop","data":{}}"#,
        ]
        let spoken = Task { try await RawClient.exchange(events, pieces.joined(separator: "\n") + "\n") }
        #expect(try await eventually { engine.log.requests.count == 1 })
        _ = try await RawClient.exchange(port, "GET /control?command=exit HTTP/1.1\r\n" + SocketTests.close)
        let pong = String(decoding: try await idle.value, as: UTF8.self)
        #expect(pong.contains("pong"))
        goOn.yield()
        let asked = ContinuousClock.now
        let text = String(decoding: try await spoken.value, as: UTF8.self)
        #expect(text.contains("audio-stop") && text.contains("synthesize-stopped"))
        #expect(engine.log.cancellations == 0)
        #expect(try await running.value == .stopped)
        // Nobody is waited for until the time for requests in progress is up.
        #expect(ContinuousClock.now - asked < .seconds(15))
    }

    @Test(arguments: [
        "no json\n", "[]\n", "{}\n", #"{"type":5}"# + "\n", #"{"type":"a","data_length":-1}"# + "\n",
        #"{"type":"a","payload_length":1e12}"# + "\n", #"{"type":"a","data_length":2}"# + "\n[]",
        String(repeating: "x", count: 70_000),
    ])
    func whatIsNoEventIsRefused(_ bytes: String) {
        var parser = WyomingParser()
        parser.append(ByteBuffer(string: bytes))
        #expect(throws: WyomingFailure.self) { while try parser.next() != nil {} }
    }

    @Test func eventsComeWhole() throws {
        let event = WyomingEvent("audio-chunk", [JSONValue.Member("rate", .integer(1))], payload: [1, 10, 2])
        var parser = WyomingParser()
        for byte in event.bytes.copiedBytes.dropLast() {
            parser.append(ByteBuffer(bytes: [byte]))
            let part = try parser.next()
            #expect(part == nil)
        }
        parser.append(ByteBuffer(bytes: [2]))
        let found = try #require(try parser.next())
        #expect(found.type == "audio-chunk")
        #expect(found.payload == [1, 10, 2])
        #expect(found.data["rate"] == .integer(1))
    }
}
