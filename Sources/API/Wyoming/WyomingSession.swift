import Audio
import StrictJSON
import Synthesis

/// State of one Wyoming connection.
struct WyomingSession {
    let services: Services
    let caller: String
    let send: @Sendable (WyomingEvent) async throws -> Void

    /// Whether no streamed text is in progress.
    var isIdle: Bool { stream == nil }

    /// Whether the client has authenticated, where a key is needed, and the number of its key.
    private var isKnown: Bool
    private var key: String?

    /// The text in progress between `synthesize-start` and `-stop`.
    private var stream: Streamed?

    private struct Streamed {
        let voice: [String: JSONValue]
        var text = ""
        var hasBegun = false
        var rate = 0
    }

    init(
        services: Services, caller: String, send: @escaping @Sendable (WyomingEvent) async throws -> Void
    ) {
        self.services = services
        self.caller = caller
        self.send = send
        isKnown = services.options.wyomingIsOpen || services.options.access.userKeys.isEmpty
    }

    /// Handles an event; those of other services are ignored.
    mutating func handle(_ event: WyomingEvent) async throws {
        if event.type == "authenticate" || event.data["api_key"] != nil {
            try await authenticate(event.text("api_key") ?? "")
        }
        guard isKnown || ["ping", "authenticate"].contains(event.type) else {
            return try await sendError(
                "a key is required: send an event authenticate with api_key",
                ErrorCode.invalidKey.rawValue)
        }
        switch event.type {
        case "describe": try await send(info())
        case "ping":
            try await send(WyomingEvent("pong", [JSONValue.Member("text", event.data["text"] ?? .null)]))
        case "synthesize":
            // During a streamed text, its copy as a whole is for older services.
            guard stream == nil else { return }
            try await reporting {
                var state = Streamed(voice: event.data["voice"]?.members ?? [:])
                try await speak(event.text("text") ?? "", &state)
                try await stop(state)
            }
        case "synthesize-start": stream = Streamed(voice: event.data["voice"]?.members ?? [:])
        case "synthesize-chunk":
            guard var state = stream else { return }
            state.text += event.text("text") ?? ""
            stream = state
            guard let end = Self.lastSentenceEnd(state.text) else { return }
            let ready = String(state.text[..<end])
            state.text = String(state.text[end...])
            try await reporting { try await speak(ready, &state) }
            stream = state
        case "synthesize-stop":
            guard var state = stream else { return }
            stream = nil
            try await reporting {
                if state.text.contains(where: { !$0.isWhitespace }) { try await speak(state.text, &state) }
                try await stop(state)
            }
            try await send(WyomingEvent("synthesize-stopped"))
        default: return
        }
    }

    /// Authenticates the connection. The protocol has no keys: the event is an extension.
    private mutating func authenticate(_ given: String) async throws {
        guard !isKnown else { return }
        do {
            key = try services.options.access.checkUser(key: given)
            isKnown = true
        } catch {
            try await sendError(error.message, error.code.rawValue)
            // Each guess costs a new connection.
            throw CancellationError()
        }
    }

    /// Turns an error into an event; the connection stays.
    private func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as CancellationError {
            throw error
        } catch let error as SynthesisError {
            try await sendError("\(error)", error.code.rawValue)
        } catch let error as APIError {
            try await sendError(
                [error.message, error.exception].compactMap { $0 }.joined(separator: ": "),
                error.code.rawValue)
        }
    }

    private func sendError(_ text: String, _ code: String) async throws {
        try await send(
            WyomingEvent(
                "error", [JSONValue.Member("text", .string(text)), JSONValue.Member("code", .string(code))]))
    }

    private func speak(_ text: String, _ state: inout Streamed) async throws {
        try StringCheck.check(text, "text", limit: services.options.limits.textLength)
        let request = try await request(text, state.voice)
        let speech = try await Speech(
            request, services,
            admission: AdmissionRequest(
                caller: key ?? caller, endpoint: "wyoming", characters: text.unicodeScalars.count),
            connection: ClientConnection())
        do {
            if !state.hasBegun {
                state.hasBegun = true
                state.rate = speech.first.sampleRateHz
                try await send(WyomingEvent("audio-start", format(state.rate)))
            }
            var fragment: AudioFragment? = speech.first
            while let samples = fragment?.samples {
                for start in stride(from: 0, to: samples.count, by: 8_192) {
                    let piece = samples[start..<min(start + 8_192, samples.count)]
                    try await send(
                        WyomingEvent("audio-chunk", format(state.rate), payload: WAVEncoder.pcm(piece)))
                }
                fragment = try await speech.next()
            }
        } catch {
            speech.abandon(error)
            throw error
        }
    }

    private func stop(_ state: Streamed) async throws {
        if state.hasBegun { try await send(WyomingEvent("audio-stop")) }
    }

    private func format(_ rate: Int) -> [JSONValue.Member] {
        [
            JSONValue.Member("rate", .integer(Int64(rate))), JSONValue.Member("width", .integer(2)),
            JSONValue.Member("channels", .integer(1)),
        ]
    }

    /// A request in the voice that the event names, else in the default one.
    private func request(_ text: String, _ voice: [String: JSONValue]) async throws -> SynthesisRequest {
        func member(_ name: String) -> String? {
            guard case .string(let text)? = voice[name], !text.isEmpty else { return nil }
            return text
        }
        let description = await services.engine.voice
        let registry = services.voices.registry
        // Home Assistant names languages as `en_US`.
        let named = (member("language") ?? "auto").split { $0 == "_" || $0 == "-" }.first?.lowercased()
        let language = named.flatMap { description.languages.contains($0) ? $0 : nil } ?? "auto"
        var request: SynthesisRequest
        let name = member("speaker") ?? member("name") ?? ValidatedOpenAIRequest.defaultVoice
        if let own = registry.voice(name) ?? registry.voice(ValidatedOpenAIRequest.defaultVoice)
            ?? registry.voices.first
        {
            request = try services.request(text, language: language, voice: own)
        } else if let path = description.referencePath {
            request = SynthesisRequest(
                text: text, textLanguage: language, referencePath: path, promptLanguage: language)
        } else {
            throw APIError.badRequest(
                .unknownVoice, "this server has no voice yet: add one with PUT /v1/audio/voices/NAME")
        }
        request.delivery = .fragments
        return request
    }

    private func info() async -> WyomingEvent {
        let languages = await services.engine.voice.languages.filter { !$0.contains("_") && $0 != "auto" }
        let attribution = JSONValue.object([
            JSONValue.Member("name", .string("gsv")), JSONValue.Member("url", .string("")),
        ])
        func entry(_ name: String, _ more: [JSONValue.Member]) -> JSONValue {
            .object(
                [
                    JSONValue.Member("name", .string(name)), JSONValue.Member("attribution", attribution),
                    JSONValue.Member("installed", .bool(true)),
                    JSONValue.Member("description", .string(name)),
                    JSONValue.Member("version", .string("1")),
                ] + more)
        }
        let voices = services.voices.registry.voices.map { voice in
            entry(
                voice.name, [JSONValue.Member("languages", .array(languages.map { .string($0) }))])
        }
        let program = entry(
            "gsv",
            [
                JSONValue.Member("voices", .array(voices)),
                JSONValue.Member("supports_synthesize_streaming", .bool(true)),
            ])
        let empty = ["asr", "handle", "intent", "wake", "mic", "snd"].map { JSONValue.Member($0, .array([])) }
        return WyomingEvent("info", [JSONValue.Member("tts", .array([program]))] + empty)
    }

    /// The place after the last character that ends a sentence.
    private static func lastSentenceEnd(_ text: String) -> String.Index? {
        let ends: Set<Character> = ["。", "！", "？", "!", "?", "…", "\n", "."]
        var found: String.Index?
        for index in text.indices where ends.contains(text[index]) {
            let next = text.index(after: index)
            // A period ends a sentence only before whitespace: otherwise it is a part of a number or a name.
            if text[index] == ".", next == text.endIndex || !text[next].isWhitespace { continue }
            found = next
        }
        return found
    }
}
