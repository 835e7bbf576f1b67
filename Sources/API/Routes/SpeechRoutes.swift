import HTTPTypes
import Hummingbird
import Synthesis

/// `/tts`, and `/` for clients that post there.
struct SpeechRoutes: Sendable {
    let engine: any SpeechEngine
    let options: ServerOptions

    func add(to router: Router<SpeechContext>) {
        router.endpoint("/tts", [.get, .head, .post]) { request, context in
            try await answer(try await parameters(of: request), request, context)
        }
        router.endpoint("/", [.get, .head, .post]) { request, context in
            if request.method != .post, request.uri.query?.isEmpty ?? true {
                return await InformationRoutes.about(engine)
            }
            let raw = LegacyNames.modernized(try await parameters(of: request))
            return try await answer(raw, request, context)
        }
    }

    private func parameters(of request: Request) async throws -> RawParameters {
        request.method == .post
            ? try await JSONBody.read(request, limit: options.limits.bodyBytes)
            : try RawParameters(query: request.uri.query)
    }

    /// Checks everything, waits for the first sound, and only then begins to answer.
    private func answer(_ raw: RawParameters, _ request: Request, _ context: SpeechContext) async throws
        -> Response
    {
        let parameters = try Parameters(raw, table: SpeechParameters.all, defaults: options.defaults)
        let order = try SpeechOrder(parameters, voice: await engine.voice, limits: options.limits)
        if request.method == .head { return AudioResponse.head(order.container) }
        do {
            let speech = try await Speech(
                order.request, engine: engine, connection: await ClientConnection(context.channel))
            switch order.request.delivery {
            case .whole:
                return try AudioResponse.whole(
                    try await speech.samples(), sampleRateHz: speech.first.sampleRateHz,
                    container: order.container)
            case .fragments, .parts:
                return try AudioResponse.stream(
                    speech, container: order.container, header: options.streamingHeader)
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw EngineFailure.answer("tts failed", error, logger: context.logger)
        }
    }
}
