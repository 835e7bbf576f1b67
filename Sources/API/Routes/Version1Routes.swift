import HTTPTypes
import Hummingbird
import StrictJSON
import Synthesis

/// Endpoints of the API before `api_v2` (upstream's `api.py`), besides `/` and `/control`: `--compat v1`.
struct Version1Routes: Sendable {
    let services: Services

    private static let gpt = Parameter("gpt_model_path", "", "text-to-semantic weights", acceptsNull: true)
    private static let soVITS = Parameter("sovits_model_path", "", "SoVITS weights", acceptsNull: true)
    private static let clip = Parameter("refer_wav_path", "", "clip of the voice", acceptsNull: true)

    func add(to router: Router<SpeechContext>) {
        let services = services
        add(to: router, "/set_model", [Self.gpt, Self.soVITS], "change model failed") { parameters in
            let (gpt, soVITS) = (parameters[Self.gpt], parameters[Self.soVITS])
            guard !gpt.isEmpty || !soVITS.isEmpty else {
                throw APIError.badRequest(
                    .missingParameter, "gpt_model_path or sovits_model_path is required")
            }
            let message = "change model failed"
            // Both are looked for before one is changed.
            let files = try [gpt, soVITS].map { path in
                path.isEmpty ? nil : try services.voices.weightFile(path, message: message)
            }
            if let path = files[0] { try await services.engine.setTextToSemantic(path: path) }
            if let path = files[1] { try await services.engine.setSoVITS(path: path) }
        }
        add(to: router, "/change_refer", [Self.clip], "change refer failed") { parameters in
            let path = parameters[Self.clip]
            guard !path.isEmpty else {
                throw APIError.badRequest(.missingParameter, "refer_wav_path is required")
            }
            try StringCheck.check(path: path, "refer_wav_path")
            try await services.engine.setReference(path: try services.voices.reference(path).path)
        }
    }

    private func add(
        to router: Router<SpeechContext>, _ path: RouterPath, _ table: [any AnyParameter], _ failed: String,
        change: @escaping @Sendable (Parameters) async throws -> Void
    ) {
        router.endpoint(path, [.get, .post]) { request, context in
            try services.options.access.checkAdmin(request)
            guard !services.options.isStateless else {
                throw APIError(
                    status: .conflict, code: .stateless,
                    message: "this server keeps no state between requests: name the voice in each request")
            }
            let raw =
                request.method == .post
                ? try await JSONBody.read(request, limit: services.options.limits.bodyBytes)
                : try RawParameters(query: request.uri.query)
            let parameters = try Parameters(raw, table: table, defaults: .classic)
            try await EngineFailure.mapping(failed, logger: context.logger) { try await change(parameters) }
            return .success
        }
    }
}
