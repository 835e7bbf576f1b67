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
            try services.options.access.checkAdministrator(request)
            return try await Self.add(
                try Self.draft(of: try await body(request), request), replacing: false, services)
        }
        router.endpoint("/v1/audio/voices/{name}", [.get, .put, .delete]) { request, context in
            guard let encoded = context.parameters.get("name"), let name = encoded.removingPercentEncoding
            else { throw APIError.refused(.invalidEncoding, "the voice's name is not percent-encoded UTF-8") }
            switch request.method {
            case .put:
                try services.options.access.checkAdministrator(request)
                return try await Self.add(
                    try Self.draft(named: name, of: try await body(request), request), replacing: true,
                    services)
            case .delete:
                try services.options.access.checkAdministrator(request)
                try VoiceWriter(registry: services.voices.registry).remove(name)
                return .success
            default:
                _ = try services.options.access.checkUser(request)
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

    private static func add(_ draft: VoiceWriter.Draft, replacing: Bool, _ services: Services) async throws
        -> Response
    {
        let writer = VoiceWriter(registry: services.voices.registry)
        try await PackingThreads.run { try writer.add(draft, replacing: replacing) }
        guard let voice = services.voices.registry.voice(draft.name) else {
            throw APIError(
                status: .internalServerError, code: .internalError, message: "the voice is gone already")
        }
        return Response(status: .created, json: json(voice))
    }

    /// A form as OpenAI's API has it (`name`, `audio_sample`, `consent`), with what this engine needs besides (`text`,
    /// `language`).
    private static func draft(of body: [UInt8], _ request: Request) throws(APIError) -> VoiceWriter.Draft {
        guard let type = request.headers[.contentType], MultipartForm.isForm(type) else {
            throw APIError(
                status: .unsupportedMediaType, code: .invalidRequest,
                message: "send multipart/form-data with name and audio_sample, or PUT the clip to "
                    + "/v1/audio/voices/NAME")
        }
        let form = try MultipartForm(body, contentType: type)
        func text(_ name: String) throws(APIError) -> String? {
            guard let part = form[name] else { return nil }
            guard let text = part.text else { throw .refused(.invalidEncoding, "\(name) is not UTF-8") }
            return text
        }
        guard let name = try text("name") else { throw .refused(.missingParameter, "name is required") }
        guard let clip = form["audio_sample"] ?? form["file"] else {
            throw .refused(.missingParameter, "audio_sample is required")
        }
        var draft = VoiceWriter.Draft(name: name, clip: clip.bytes)
        draft.promptText = try text("text") ?? ""
        draft.language = try text("language") ?? "auto"
        draft.consent = try text("consent")
        draft.summary = try text("description")
        return draft
    }

    /// The clip itself as the body, and the rest in the query.
    private static func draft(
        named name: String, of body: [UInt8], _ request: Request
    ) throws(APIError) -> VoiceWriter.Draft {
        if MultipartForm.isForm(request.headers[.contentType]) {
            var draft = try draft(of: body, request)
            draft.name = name
            return draft
        }
        guard !body.isEmpty else { throw .refused(.missingParameter, "the clip is required as the body") }
        var draft = VoiceWriter.Draft(name: name, clip: body)
        // Names as in `parameters`; others are passed over.
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
