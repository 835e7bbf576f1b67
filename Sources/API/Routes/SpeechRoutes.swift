import HTTPTypes
import Hummingbird
import Synthesis

/// `/tts`, and `/` for clients that post there.
struct SpeechRoutes: Sendable {
    let services: Services

    func add(to router: Router<SpeechContext>) {
        router.endpoint("/tts", [.get, .head, .post]) { request, context in
            try await answer(try await parameters(of: request), request, context)
        }
        router.endpoint("/", [.get, .head, .post]) { request, context in
            if request.method != .post, request.uri.query?.isEmpty ?? true {
                return await Page.answer(request, services.engine)
            }
            let raw = LegacyNames.modernized(try await parameters(of: request))
            return try await answer(raw, request, context)
        }
    }

    private func parameters(of request: Request) async throws -> RawParameters {
        request.method == .post
            ? try await JSONBody.read(request, limit: services.options.limits.bodyBytes)
            : try RawParameters(query: request.uri.query)
    }

    /// Checks everything, waits for the first sound, and only then begins to answer.
    private func answer(_ raw: RawParameters, _ request: Request, _ context: SpeechContext) async throws
        -> Response
    {
        let caller = try services.options.access.checkUser(request)
        let parameters = try Parameters(
            raw, table: SpeechParameters.all, defaults: services.options.defaults)
        let order = try SpeechOrder(parameters, voice: await services.engine.voice, services: services)
        if request.method == .head { return AudioResponse.head(order.packing.container) }
        let ticket = services.ticket(caller, context, endpoint: "/tts", text: order.request.text)
        return try await EngineFailure.answering("tts failed", logger: context.logger) {
            let speech = try await Speech(
                order.request, services, ticket: ticket,
                connection: await ClientConnection(context.channel), deadline: try services.deadline(request))
            switch (order.request.delivery, order.hasTimestamps) {
            case (.whole, false): return try await AudioResponse.whole(speech, order.packing)
            case (.whole, true): return try await TimestampResponse.whole(speech, order)
            case (_, false): return try await AudioResponse.stream(speech, order.packing)
            case (_, true): return try await TimestampResponse.stream(speech, order)
            }
        }
    }
}
