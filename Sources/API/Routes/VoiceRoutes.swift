import Hummingbird
import Synthesis

/// The endpoints that change the voice of later requests.
struct VoiceRoutes: Sendable {
    let engine: any SpeechEngine

    func add(to router: Router<SpeechContext>) {
        let engine = engine
        add(
            to: router, "/set_gpt_weights", Parameter("weights_path", "", "text-to-semantic weights (.ckpt)"),
            required: "gpt weight path is required", failed: "change gpt weight failed"
        ) { try await engine.setTextToSemantic(path: $0) }
        add(
            to: router, "/set_sovits_weights", Parameter("weights_path", "", "SoVITS weights (.pth)"),
            required: "sovits weight path is required", failed: "change sovits weight failed"
        ) { try await engine.setSoVITS(path: $0) }
        add(
            to: router, "/set_refer_audio", Parameter("refer_audio_path", "", "clip of the voice, 3 to 10 s"),
            required: "refer_audio_path is required", failed: "set refer audio failed"
        ) { try await engine.setReference(path: $0) }
    }

    /// An endpoint that takes one path from the query and answers `success`.
    private func add(
        to router: Router<SpeechContext>, _ endpoint: RouterPath, _ parameter: Parameter<String>,
        required: String, failed: String, change: @escaping @Sendable (String) async throws -> Void
    ) {
        router.endpoint(endpoint, [.get]) { request, context in
            try SameSite.check(request)
            let raw = try RawParameters(query: request.uri.query)
            let path = try Parameters(raw, table: [parameter], defaults: .classic)[parameter]
            guard !path.isEmpty else { throw APIError.refused(.missingParameter, required) }
            try StringCheck.check(path: path, parameter.name)
            do {
                try await change(path)
            } catch let error as CancellationError {
                throw error
            } catch {
                throw EngineFailure.answer(failed, error, logger: context.logger)
            }
            return .success
        }
    }
}
