import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON
import Synthesis

/// `/v1/audio/voices`: the list of voices, uploads and removals.
struct RegistryRoutes: Sendable {
    let services: Services

    /// What goes with an uploaded clip, in the query.
    static let parameters: [any AnyParameter] = [
        Parameter("text", "", "what the clip says"), Parameter("language", "auto", "its language"),
        Parameter("consent", "", "what is known of the speaker's consent"),
        Parameter("description", "", "for people"),
    ]

    func add(to router: Router<SpeechContext>) {
        let services = services
        router.endpoint("/v1/audio/voices", [.get, .head, .post]) { request, context in
            guard request.method == .post else {
                _ = try services.options.access.checkUser(request)
                let voices = services.voices.registry.voices.map(Self.json)
                return Response(json: .object([JSONValue.Member("voices", .array(voices))]))
            }
            try services.options.access.checkAdmin(request)
            return try await write(try Self.draft(of: try await body(request), request), existing: .kept)
        }
        router.endpoint("/v1/audio/voices/{name}", [.get, .put, .delete]) { request, context in
            let access = services.options.access
            if request.method == .get {
                _ = try access.checkUser(request)
            } else {
                try access.checkAdmin(request)
            }
            guard let encoded = context.parameters.get("name"), let name = encoded.removingPercentEncoding
            else {
                throw APIError.badRequest(.invalidEncoding, "the voice's name is not percent-encoded UTF-8")
            }
            switch request.method {
            case .put:
                let draft = try Self.draft(named: name, of: try await body(request), request)
                return try await write(draft, existing: .replaced)
            case .delete:
                try await EncoderThreads.run { try services.voices.writer.remove(name) }
                return .success
            default:
                guard let voice = services.voices.registry.voice(name) else {
                    throw APIError(
                        status: .notFound, code: .unknownVoice,
                        message: "there is no voice \(name.prefix(VoiceName.maximumLength))")
                }
                return Response(json: Self.json(voice))
            }
        }
    }

    private func body(_ request: Request) async throws -> [UInt8] {
        try await JSONBody.bytes(of: request, limit: services.options.limits.uploadBytes)
    }

    private func write(_ draft: VoiceDraft, existing: VoiceWriter.Existing) async throws -> Response {
        let writer = services.voices.writer
        try await EncoderThreads.run { try writer.write(draft, existing: existing) }
        guard let voice = services.voices.registry.voice(draft.name) else {
            throw APIError(
                status: .conflict, code: .notWritable, message: "the voice was removed meanwhile")
        }
        return Response(status: .created, json: Self.json(voice))
    }

    /// A form as OpenAI's API has it (`name`, `audio_sample`, `consent`), with what this engine needs besides (`text`,
    /// `language`).
    private static func draft(of body: [UInt8], _ request: Request) throws(APIError) -> VoiceDraft {
        guard let type = request.headers[.contentType], MultipartForm.isForm(type) else {
            throw APIError(
                status: .unsupportedMediaType, code: .invalidRequest,
                message: "send multipart/form-data with name and audio_sample, or PUT the clip to "
                    + "/v1/audio/voices/NAME")
        }
        let form = try MultipartForm(body, contentType: type)
        guard let name = try form.text("name") else {
            throw .badRequest(.missingParameter, "name is required")
        }
        return try draft(named: name, of: form)
    }

    private static func draft(named name: String, of form: MultipartForm) throws(APIError) -> VoiceDraft {
        guard let clip = form["audio_sample"] ?? form["file"] else {
            throw .badRequest(.missingParameter, "audio_sample is required")
        }
        return VoiceDraft(
            name: name, clip: clip.bytes, promptText: try form.text("text") ?? "",
            language: try form.text("language"), consent: try form.text("consent"),
            summary: try form.text("description"))
    }

    /// The clip itself as the body, and the rest in the query; or a form.
    private static func draft(
        named name: String, of body: [UInt8], _ request: Request
    ) throws(APIError) -> VoiceDraft {
        if let type = request.headers[.contentType], MultipartForm.isForm(type) {
            return try draft(named: name, of: try MultipartForm(body, contentType: type))
        }
        guard !body.isEmpty else { throw .badRequest(.missingParameter, "the clip is required as the body") }
        var draft = VoiceDraft(name: name, clip: body)
        // Names as in `parameters`; others are ignored.
        for (key, value) in try QueryString.pairs(request.uri.query ?? "") {
            switch key {
            case "text": draft.promptText = value
            case "language": draft.language = value
            case "consent": draft.consent = value
            case "description": draft.summary = value
            default: continue
            }
        }
        return draft
    }

    /// A voice as the lists have it.
    static func json(_ voice: Voice) -> JSONValue {
        var members = [
            JSONValue.Member("id", .string(voice.name)), JSONValue.Member("name", .string(voice.name)),
            JSONValue.Member("language", .string(voice.language)),
            JSONValue.Member("text", .string(voice.promptText)),
            JSONValue.Member(
                "has_own_weights", .bool(voice.weights != VoiceWeights())),
        ]
        if let model = voice.model { members.append(JSONValue.Member("model", .string(model))) }
        if let consent = voice.consent { members.append(JSONValue.Member("consent", .string(consent))) }
        if let summary = voice.summary { members.append(JSONValue.Member("description", .string(summary))) }
        return .object(members)
    }
}
