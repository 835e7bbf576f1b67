import Foundation
import HTTPTypes
import InMemoryLogging
import Logging
import NIOCore
import StrictJSON
import Synthesis
import Testing

@testable import API

/// Slots, the queue, deadlines, and who may do what.
@Suite struct LoadTests {
    private static func request(_ caller: String) -> AdmissionRequest {
        AdmissionRequest(caller: caller, endpoint: "/tts", characters: 1)
    }

    @Test func placesAreSharedOut() async throws {
        let admission = AdmissionController(LoadLimits(slots: 1, queueCapacity: 3, queueCapacityPerCaller: 2))
        let first = try await admission.admit(Self.request("a"))
        let order = AsyncStream<String>.makeStream()
        var waiting: [Task<Permit, any Error>] = []
        for (number, caller) in ["a", "a", "b"].enumerated() {
            waiting.append(
                Task {
                    let permit = try await admission.admit(Self.request(caller))
                    order.continuation.yield("\(caller)\(number)")
                    return permit
                })
            #expect(try await eventually { admission.counts.waiting == number + 1 })
        }
        let full = await #expect(throws: APIError.self) { try await admission.admit(Self.request("c")) }
        #expect(full?.code == .queueFull)
        #expect(full?.status == .serviceUnavailable)
        #expect(!admission.hasCapacity)
        waiting[1].cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting[1].value }
        #expect(admission.counts.waiting == 2)
        first.release()
        first.release()
        var turns = order.stream.makeAsyncIterator()
        #expect(await turns.next() == "a0")
        #expect(admission.counts.inFlight == 1)
        try await waiting[0].value.release()
        #expect(await turns.next() == "b2")
        try await waiting[2].value.release()
        #expect(admission.counts.inFlight == 0)
        admission.drain()
        let late = await #expect(throws: APIError.self) { try await admission.admit(Self.request("c")) }
        #expect(late?.code == .shuttingDown)
    }

    /// Whenever a cancellation comes: before the wait, in it, or when it is over.
    @Test func noCancellationIsRememberedForEver() async throws {
        let admission = AdmissionController(LoadLimits(slots: 1, queueCapacity: 2))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<3_000 {
                let task = Task { try await admission.admit(Self.request("\(number % 5)")).release() }
                group.addTask {
                    if number % 3 > 0 { await Task.yield() }
                    task.cancel()
                    _ = try? await task.value
                }
            }
        }
        #expect(admission.cancellations == 0)
        #expect(admission.counts == (0, 0))
    }

    @Test func oneCallerCannotTakeAllPlaces() async throws {
        let admission = AdmissionController(LoadLimits(slots: 1, queueCapacity: 3, queueCapacityPerCaller: 1))
        let first = try await admission.admit(Self.request("a"))
        // A permit without references releases its slot.
        let second = Task { _ = try await admission.admit(Self.request("a")) }
        #expect(try await eventually { admission.counts.waiting == 1 })
        let refused = await #expect(throws: APIError.self) { try await admission.admit(Self.request("a")) }
        #expect(refused?.code == .tooManyRequests)
        #expect(refused?.status == .tooManyRequests)
        let other = Task { _ = try await admission.admit(Self.request("b")) }
        #expect(try await eventually { admission.counts.waiting == 2 })
        first.release()
        _ = try await (second.value, other.value)
        #expect(try await eventually { admission.counts.inFlight == 0 })
    }

    @Test func aFullServerSaysWhenToTryAgain() async throws {
        let engine = SocketTests.endless([])
        var options = ServerOptions(port: 0)
        options.load = LoadLimits(slots: 1, queueCapacity: 0)
        try await withServer(engine, options) { port in
            let busy = Task {
                try await RawClient.exchange(
                    port, "GET /tts?\(minimalQuery) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            }
            #expect(try await eventually { engine.log.requests.count == 1 })
            let full = try await RawClient.exchange(
                port, "GET /tts?\(minimalQuery) HTTP/1.1\r\n" + SocketTests.close)
            let (head, body) = RawClient.split(full)
            #expect(head.hasPrefix("HTTP/1.1 503"))
            #expect(head.lowercased().contains("retry-after: "))
            #expect(String(decoding: body, as: UTF8.self).contains("queue_full"))
            let ready = try await RawClient.exchange(port, "GET /ready HTTP/1.1\r\n" + SocketTests.close)
            #expect(RawClient.split(ready).head.hasPrefix("HTTP/1.1 503"))
            let health = try await RawClient.exchange(port, "GET /health HTTP/1.1\r\n" + SocketTests.close)
            #expect(RawClient.split(health).head.hasPrefix("HTTP/1.1 200"))
            let slots = try await RawClient.exchange(port, "GET /slots HTTP/1.1\r\n" + SocketTests.close)
            let text = String(decoding: RawClient.split(slots).body, as: UTF8.self)
            #expect(text.contains(#""busy":1"#))
            #expect(text.contains(#""characters":5"#))
            #expect(!text.contains("hello"))
            busy.cancel()
            #expect(try await eventually { engine.log.cancellations == 1 })
        }
    }

    @Test(arguments: ["0", "1"])
    func deadlines(_ mode: String) async throws {
        let engine = SocketTests.endless([])
        var options = ServerOptions()
        options.load.deadlineSeconds = 0.2
        try await withRouter(engine, options) { client in
            let answer = try await client.get("/tts?\(minimalQuery)&streaming_mode=\(mode)")
            #expect(answer.status == 504)
            #expect(answer.code == "deadline_exceeded")
        }
        #expect(engine.log.cancellations == 1)
        try await withRouter(SocketTests.endless([])) { client in
            let answer = try await client.send(
                .get, "/tts?\(minimalQuery)", headers: [.requestTimeout: "0.1"])
            #expect(answer.status == 504)
            let wrong = try await client.send(
                .get, "/tts?\(minimalQuery)", headers: [.requestTimeout: "soon"])
            #expect(wrong.status == 400)
        }
    }

    @Test func aStatelessServerIsNotChanged() async throws {
        let engine = FakeEngine()
        var options = ServerOptions(isStateless: true)
        options.servesVersion1 = true
        try await withRouter(engine, options) { client in
            for uri in [
                "/set_gpt_weights?weights_path=a", "/set_sovits_weights?weights_path=a",
                "/set_refer_audio?refer_audio_path=a", "/set_model?gpt_model_path=a",
                "/change_refer?refer_wav_path=a",
            ] {
                let answer = try await client.get(uri)
                #expect(answer.status == 409)
                #expect(answer.code == "stateless")
            }
        }
        #expect(engine.log.referencePath == nil)
        #expect(engine.log.textToSemanticPaths.isEmpty)
    }

    @Test func metricsCountWhatHappened() async throws {
        try await withRouter { client in
            _ = try await client.get("/tts?\(minimalQuery)")
            _ = try await client.get("/tts?\(minimalQuery)&streaming_mode=1")
            _ = try await client.get("/tts")
            _ = try await client.get("/none")
            let answer = try await client.get("/metrics")
            #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            for line in [
                #"gsv_requests_total{code="200",endpoint="/tts"} 2"#,
                #"gsv_requests_total{code="400",endpoint="/tts"} 1"#,
                #"gsv_requests_total{code="404",endpoint="other"} 1"#, "gsv_queue_depth 0",
                "gsv_slots_busy 0",
                "gsv_slots 16", "gsv_queue_wait_seconds_count 2",
                "gsv_time_to_first_audio_seconds_bucket{le=\"+Inf\"} 2", "gsv_cancelled_total 0",
            ] {
                #expect(answer.text.contains("\n\(line)\n"), "\(line) in\n\(answer.text)")
            }
            // Twelve samples.
            #expect(answer.text.contains("\ngsv_audio_seconds_total 0.00037"))
        }
    }

    /// Servers that give the same bytes name the same back end.
    @Test func healthAndMetricsNameTheBackEnd() async throws {
        try await withRouter { client in
            let health = try await client.get("/health")
            #expect(health.json["status"] == .string("ok"))
            #expect(health.json["gemm"] == .string("packed"))
            let metrics = try await client.get("/metrics")
            for name in ["f16-32", "f32-512", "attention"] {
                let line = #"gsv_gemm_info{backend="packed",class="\#(name)"} 1"#
                #expect(metrics.text.contains("\n\(line)\n"), "\(line)")
            }
        }
    }

    @Test func clientsThatLeaveAreCounted() async throws {
        let engine = SocketTests.endless([[1]])
        try await withServer(engine) { port in
            _ = try await RawClient.exchange(
                port,
                "GET /tts?\(minimalQuery)&streaming_mode=1&media_type=raw HTTP/1.1\r\nHost: localhost\r\n\r\n",
                until: { RawClient.split($0).body.count > 3 })
            #expect(try await eventually { engine.log.cancellations == 1 })
            for _ in 0..<100 {
                let bytes = try await RawClient.exchange(
                    port, "GET /metrics HTTP/1.1\r\n" + SocketTests.close)
                let text = String(decoding: bytes, as: UTF8.self)
                if text.contains("gsv_cancelled_total 1\n"), text.contains("gsv_slots_busy 0\n") { return }
                try await Task.sleep(for: .milliseconds(20))
            }
            Issue.record("the cancellation is not counted")
        }
    }

    @Test func theLogHasADigestOfTheText() async throws {
        let handler = InMemoryLogHandler()
        for logsText in [false, true] {
            try await withRouter(
                FakeEngine(), ServerOptions(logsText: logsText), logger: Logger(label: "t") { _ in handler }
            ) { client async throws in _ = try await client.get("/tts?\(minimalQuery)") }
        }
        let lines = handler.entries.map { $0.metadata }.filter { $0["text_sha256"] != nil }
        #expect(lines.count == 2)
        #expect(lines.first?["characters"] == "5")
        #expect(
            lines.first?["text_sha256"] == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        #expect(lines.first?["text"] == nil)
        #expect(lines.last?["text"] == "hello")
    }

    @Test func linesOfTheLogAreJSON() throws {
        let lines = Lines()
        var logger = Logger(label: "t") { _ in JSONLogHandler { lines.add($0) } }
        logger[metadataKey: "hb.request.id"] = "7"
        logger.info("GET /tts", metadata: ["status": "200", "nested": ["a": ["b\"\n"]]])
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix("}\n"))
        let value = try JSONReader.read(Array(line.utf8))
        #expect(value.members?["level"] == .string("info"))
        #expect(value.members?["request_id"] == .string("7"))
        #expect(value.members?["status"] == .string("200"))
        #expect(value.members?["nested"]?.members?["a"] == .array([.string("b\"\n")]))
    }

    private final class Lines: @unchecked Sendable {
        private let lock = NSLock()
        private var lines: [String] = []
        var all: [String] { lock.withLock { lines } }
        func add(_ line: String) { lock.withLock { lines.append(line) } }
    }
}
