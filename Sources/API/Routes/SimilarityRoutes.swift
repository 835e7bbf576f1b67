import Audio
import HTTPTypes
import Hummingbird
import StrictJSON
import Synthesis

/// `/v1/audio/similarity`: how alike two voices sound.
struct SimilarityRoutes: Sendable {
    let services: Services

    /// The two clips: paths on the server or names of voices; in a form, files as well.
    static let parameters = [
        Parameter("a", "", "a clip: a path on the server or the name of a voice"),
        Parameter("b", "", "the clip that it is compared with"),
    ]

    func add(to router: Router<SpeechContext>) {
        router.endpoint("/v1/audio/similarity", [.post]) { request, context in
            let caller = try services.options.access.checkUser(request)
            let clips = try await clips(of: request)
            let names = (Self.parameters[0].name, Self.parameters[1].name)
            return try await EngineFailure.mapping("similarity failed", logger: context.logger) {
                let permit = try await services.admit(
                    services.admissionRequest(caller, context, endpoint: "/v1/audio/similarity", text: ""),
                    await ClientConnection(context.channel), try services.deadline(request))
                defer { permit.release() }
                let similarity = try await services.engine.similarity(clips[0], clips[1], names: names)
                return Response(
                    json: .object([
                        JSONValue.Member("similarity", .number((similarity * 1e4).rounded() / 1e4))
                    ]))
            }
        }
    }

    /// Both clips of a form or of a JSON object.
    private func clips(of request: Request) async throws -> [AudioClip] {
        let sources: [Source]
        if let type = request.headers[.contentType], MultipartForm.isForm(type) {
            let body = try await JSONBody.bytes(of: request, limit: services.options.limits.uploadBytes)
            let form = try MultipartForm(body, contentType: type)
            sources = try Self.parameters.map { parameter in
                if let part = form[parameter.name], part.fileName != nil {
                    return .upload(part.bytes, parameter.name)
                }
                return try file(form.text(parameter.name) ?? "", parameter.name)
            }
        } else {
            let raw = try await JSONBody.read(request, limit: services.options.limits.bodyBytes)
            let parameters = try Parameters(raw, table: Self.parameters, defaults: services.options.defaults)
            sources = try Self.parameters.map { try file(parameters[$0], $0.name) }
        }
        return try await EncoderThreads.run { try sources.map { try $0.clip() } }
    }

    /// The file that a path or the name of a voice means.
    private func file(_ path: String, _ parameter: String) throws(APIError) -> Source {
        guard !path.isEmpty else {
            throw .badRequest(
                .missingParameter,
                "\(parameter) is required: a file in a form, a path on the server, or the name of a voice",
                at: parameter)
        }
        try StringCheck.check(path: path, parameter)
        return .file(try services.voices.reference(path, message: "similarity failed").path)
    }

    private enum Source: Sendable {
        /// The content of a file, and the name of its field.
        case upload([UInt8], String)
        case file(String)

        func clip() throws(APIError) -> AudioClip {
            do throws(AudioError) {
                switch self {
                case .upload(let bytes, let name): return try AudioReader.read(bytes: bytes, source: name)
                case .file(let path): return try AudioReader.read(path: path)
                }
            } catch {
                throw .badRequest(.invalidReference, "\(error)")
            }
        }
    }
}
