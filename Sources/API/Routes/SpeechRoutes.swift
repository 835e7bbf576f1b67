import HTTPTypes
import Hummingbird
import Logging
import Synthesis

/// `/tts`, and `/` for clients that post there.
struct SpeechRoutes: Sendable {
    let services: Services

    func add(to router: Router<SpeechContext>) {
        router.endpoint("/tts", [.get, .head, .post]) { request, context in
            try await speak(try await parameters(of: request), request, context)
        }
        router.endpoint("/", [.get, .head, .post]) { request, context in
            if request.method != .post, request.uri.query?.isEmpty ?? true {
                return await Page.response(request, services.engine)
            }
            let raw = LegacyNames.modernized(try await parameters(of: request))
            return try await speak(raw, request, context)
        }
    }

    private func parameters(of request: Request) async throws -> RawParameters {
        request.method == .post
            ? try await JSONBody.read(request, limit: services.options.limits.bodyBytes)
            : try RawParameters(query: request.uri.query)
    }

    /// Validates everything, waits for the first audio, and only then begins the response.
    private func speak(_ raw: RawParameters, _ request: Request, _ context: SpeechContext) async throws
        -> Response
    {
        let caller = try services.options.access.checkUser(request)
        let parameters = try Parameters(
            raw, table: SpeechParameters.all, defaults: services.options.defaults)
        let validated = try ValidatedRequest(
            parameters, voice: await services.engine.voice, services: services)
        if request.method == .head { return AudioResponse.head(validated.encoding.container) }
        let text = validated.synthesis.text
        context.logMetadata.add(text: text, isLogged: services.options.logsText)
        let admission = services.admissionRequest(caller, context, endpoint: "/tts", text: text)
        return try await EngineFailure.mapping("tts failed", logger: context.logger) {
            let speech = try await Speech(
                validated.synthesis, services, admission: admission,
                connection: await ClientConnection(context.channel), deadline: try services.deadline(request))
            if speech.first.lacksSuperSampling {
                context.logger.notice(
                    "super_sampling: no AP-BWE in 24kto48k of the pretrained models; speaking without it")
            }
            switch (validated.synthesis.delivery, validated.hasTimestamps) {
            case (.whole, false): return try await AudioResponse.whole(speech, validated.encoding)
            case (.whole, true): return try await TimestampResponse.whole(speech, validated)
            case (_, false): return try await AudioResponse.stream(speech, validated.encoding)
            case (_, true): return try await TimestampResponse.stream(speech, validated)
            }
        }
    }
}
