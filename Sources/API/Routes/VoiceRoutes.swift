import HTTPTypes
import Hummingbird
import Synthesis

/// The endpoints that change the voice of later requests.
struct VoiceRoutes: Sendable {
    let services: Services

    func add(to router: Router<SpeechContext>) {
        let (engine, voices) = (services.engine, services.voices)
        add(
            to: router, "/set_gpt_weights", Parameter("weights_path", "", "text-to-semantic weights (.ckpt)"),
            required: "gpt weight path is required", failed: "change gpt weight failed"
        ) { path, failed in
            try await engine.setTextToSemantic(path: try voices.weightFile(path, message: failed))
        }
        add(
            to: router, "/set_sovits_weights", Parameter("weights_path", "", "SoVITS weights (.pth)"),
            required: "sovits weight path is required", failed: "change sovits weight failed"
        ) { path, failed in
            try await engine.setSoVITS(path: try voices.weightFile(path, message: failed))
        }
        add(
            to: router, "/set_refer_audio", Parameter("refer_audio_path", "", "clip of the voice, 3 to 10 s"),
            required: "refer_audio_path is required", failed: "set refer audio failed"
        ) { path, _ in
            try await engine.setReference(path: try voices.reference(path).path)
        }
    }

    /// An endpoint that takes one path from the query and responds `success`.
    private func add(
        to router: Router<SpeechContext>, _ endpoint: RouterPath, _ parameter: Parameter<String>,
        required: String, failed: String,
        change: @escaping @Sendable (String, String) async throws -> Void
    ) {
        router.endpoint(endpoint, [.get]) { request, context in
            try services.options.access.checkAdmin(request)
            try checkState()
            let raw = try RawParameters(query: request.uri.query)
            let path = try Parameters(raw, table: [parameter], defaults: .classic)[parameter]
            guard !path.isEmpty else { throw APIError.badRequest(.missingParameter, required) }
            try StringCheck.check(path: path, parameter.name)
            try await EngineFailure.mapping(failed, logger: context.logger) {
                try await change(path, failed)
            }
            return .success
        }
    }

    /// Behind a balancer the next request may reach another server, which has not changed.
    private func checkState() throws(APIError) {
        guard services.options.isStateless else { return }
        throw APIError(
            status: .conflict, code: .stateless,
            message:
                "this server keeps no state between requests: name voice, or ref_audio_path, in each request")
    }
}
