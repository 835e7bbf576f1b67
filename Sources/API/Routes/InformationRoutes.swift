import HTTPTypes
import Hummingbird
import StrictJSON
import Synthesis

/// The endpoints that tell what the server has.
struct InformationRoutes: Sendable {
    let engine: any SpeechEngine

    func add(to router: Router<SpeechContext>) {
        router.endpoint("/speakers", [.get, .head]) { _, _ in await speakers() }
    }

    /// A list of voices, as SillyTavern asks for it before its first request: here the clip of
    /// `/set_refer_audio`.
    private func speakers() async -> Response {
        guard let path = await engine.voice.referencePath else { return Response(json: .array([])) }
        let file = path.split(separator: "/").last ?? ""
        let name = JSONValue.string(String(file.split(separator: ".").first ?? file))
        return Response(
            json: .array([.object([JSONValue.Member("name", name), JSONValue.Member("voice_id", name)])]))
    }

    /// The answer at `/`: which model, which languages.
    static func about(_ engine: any SpeechEngine) async -> Response {
        let voice = await engine.voice
        return Response(
            json: .object([
                JSONValue.Member("name", .string("gsv")),
                JSONValue.Member("version", .string(voice.version)),
                JSONValue.Member("languages", .array(voice.languages.map { .string($0) })),
                JSONValue.Member("endpoints", .array(endpoints.map { .string($0) })),
            ]))
    }

    private static let endpoints = [
        "/tts", "/control", "/set_gpt_weights", "/set_sovits_weights", "/set_refer_audio", "/speakers",
    ]
}
