import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON
import Synthesis

/// Endpoints that describe the server.
struct InformationRoutes: Sendable {
    let services: Services

    func add(to router: Router<SpeechContext>) {
        router.endpoint("/speakers", [.get, .head]) { request, _ in
            _ = try services.options.access.checkUser(request)
            return await speakers()
        }
        router.endpoint("/openapi.json", [.get, .head]) { _, _ in
            Response(json: OpenAPIDocument.json)
        }
    }

    /// A list of voices, which SillyTavern requests first: those of the registry, and the clip of
    /// `/set_refer_audio`.
    private func speakers() async -> Response {
        var names = services.voices.registry.voices.map(\.name)
        if let path = await services.engine.voice.referencePath {
            let file = path.split(separator: "/").last ?? ""
            names.append(String(file.split(separator: ".").first ?? file))
        }
        return Response(
            json: .array(
                names.map { name in
                    .object([
                        JSONValue.Member("name", .string(name)), JSONValue.Member("voice_id", .string(name)),
                    ])
                }))
    }

    /// The version and the files of the weights that new requests get.
    static func weights(_ voice: VoiceDescription) -> [JSONValue.Member] {
        [
            JSONValue.Member("model_version", .string(voice.version)),
            JSONValue.Member("gpt_weights", .string(voice.textToSemanticFile)),
            JSONValue.Member("sovits_weights", .string(voice.soVITSFile)),
        ]
    }

    /// The response at `/`: which model, which languages.
    static func about(_ engine: any SpeechEngine) async -> Response {
        let voice = await engine.voice
        return Response(
            json: .object([
                JSONValue.Member("name", .string("gsv")),
                JSONValue.Member("version", .string(voice.version)),
                JSONValue.Member("languages", .array(voice.languages.map { .string($0) })),
                JSONValue.Member("endpoints", .array(OpenAPIDocument.paths.map { .string($0) })),
            ]))
    }
}
