import HTTPTypes
import Hummingbird
import StrictJSON
import Synthesis

/// OpenAI's speech API: `/v1/audio/speech` and `/v1/models`.
struct OpenAIRoutes: Sendable {
    let services: Services

    func add(to router: Router<SpeechContext>) {
        router.endpoint("/v1/audio/speech", [.post]) { request, context in
            try await speech(request, context)
        }
        router.endpoint("/v1/models", [.get, .head]) { request, _ in
            _ = try services.options.access.checkUser(request)
            return Response(
                json: .object([
                    JSONValue.Member("object", .string("list")),
                    JSONValue.Member("data", .array(await described(models))),
                ]))
        }
        router.endpoint("/v1/models/{model}", [.get, .head]) { request, context in
            _ = try services.options.access.checkUser(request)
            let name = context.parameters.get("model") ?? ""
            guard models.contains(name) else {
                throw APIError(
                    status: .notFound, code: .notFound, message: "there is no model \(name.prefix(100))")
            }
            return Response(json: await described([name])[0])
        }
    }

    /// OpenAI's names, which mean the weights that the voice or the server has, and those of `--model`.
    private var models: [String] { NamedModel.reserved + services.options.models.map(\.name) }

    /// OpenAI's members, and for the names of the server's weights their version and files.
    private func described(_ names: [String]) async -> [JSONValue] {
        let weights = InformationRoutes.weights(await services.engine.voice)
        return names.map { name in
            .object(
                [
                    JSONValue.Member("id", .string(name)), JSONValue.Member("object", .string("model")),
                    JSONValue.Member("created", .integer(1_700_000_000)),
                    JSONValue.Member("owned_by", .string("gsv")),
                ] + (NamedModel.reserved.contains(name) ? weights : files(of: name)))
        }
    }

    /// The files of a named model; one that it leaves out is the server's.
    private func files(of name: String) -> [JSONValue.Member] {
        guard let model = services.options.models.first(where: { $0.name == name }) else { return [] }
        let files = [("gpt_weights", model.weights.textToSemantic), ("sovits_weights", model.weights.soVITS)]
        return files.compactMap { key, path in
            path?.split(separator: "/").last.map { JSONValue.Member(key, .string(String($0))) }
        }
    }

    private func speech(_ request: Request, _ context: SpeechContext) async throws -> Response {
        let caller = try services.options.access.checkUser(request)
        let raw = try await JSONBody.read(request, limit: services.options.limits.bodyBytes)
        let validated = try ValidatedOpenAIRequest(
            raw, voice: await services.engine.voice, services: services)
        let text = validated.synthesis.text
        context.logMetadata.add(text: text, isLogged: services.options.logsText)
        let admission = services.admissionRequest(
            caller, context, endpoint: "/v1/audio/speech", text: text)
        return try await EngineFailure.mapping("tts failed", logger: context.logger) {
            let speech = try await Speech(
                validated.synthesis, services, admission: admission,
                connection: await ClientConnection(context.channel), deadline: try services.deadline(request))
            return validated.wantsEvents
                ? try await OpenAIEvents.response(speech, validated)
                : try await AudioResponse.stream(speech, validated.encoding)
        }
    }
}
