import HTTPTypes
import InMemoryLogging
import Logging
import Synthesis
import Testing

@testable import API

/// The log says what was asked and how it went, and never what was said.
@Suite struct LogTests {
    private func entries(
        _ engine: FakeEngine = FakeEngine(), _ test: @escaping @Sendable (RouterClient) async throws -> Void
    ) async throws -> [String] {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        try await withRouter(engine, logger: logger, test: test)
        return handler.entries.map { entry in
            let metadata = entry.metadata.filter { !["hb.request.id", "ms", "text_sha256"].contains($0.key) }
            let pairs = metadata.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            return "\(entry.level) \(entry.message) \(pairs)"
        }
    }

    @Test func aLinePerRequest() async throws {
        let lines = try await entries { client in
            _ = try await client.get("/tts?\(minimalQuery)&text=secret")
            _ = try await client.post("/tts", minimalBody(#""text":"secret","streaming_mode":1"#))
            _ = try await client.get("/tts?text=secret")
            _ = try await client.get("/nothing?text=secret")
        }
        #expect(
            lines == [
                "info GET /tts characters=6 status=200", "info POST /tts characters=6 status=200",
                "info GET /tts code=missing_parameter status=400",
                "info GET /nothing code=not_found status=404",
            ])
    }

    @Test func errorsThatQuoteTheTextStayOutOfTheLog() async throws {
        let engine = FakeEngine(script: FakeEngine.failing(SynthesisError(.text, "cannot say secret")))
        let lines = try await entries(engine) { client in
            _ = try await client.get("/tts?\(minimalQuery)&text=secret")
        }
        #expect(lines == ["info GET /tts characters=6 code=invalid_text status=400"])
    }

    @Test func requestsHaveAnID() async throws {
        try await withRouter { client in
            let first = try await client.get("/tts?\(minimalQuery)").headers[.requestID]
            let second = try await client.get("/tts").headers[.requestID]
            #expect(first?.isEmpty == false)
            #expect(first != second)
        }
    }
}
