import StrictJSON
import Synthesis

/// A validated request to `/v1/audio/speech`.
struct ValidatedOpenAIRequest: Sendable {
    let synthesis: SynthesisRequest
    let encoding: AudioEncoding
    let wantsEvents: Bool

    private static let input = Parameter("input", "", "what to say")
    private static let model = Parameter(
        "model", "", "a model of the server's; with others the voice decides", acceptsNull: true)
    private static let format = Parameter("response_format", "mp3", "container", acceptsNull: true)
    private static let speed = Parameter<Double>(
        "speed", 1, "speaking rate", range: NumericRange(0.25, to: 4), acceptsNull: true)
    private static let streamFormat = Parameter(
        "stream_format", "audio", "`audio` or `sse`", acceptsNull: true)
    private static let language = Parameter(
        "language", "auto", "language of the text; not OpenAI's", acceptsNull: true)
    private static let seed = Parameter<Int64>(
        "seed", -1, "seed; not OpenAI's", range: NumericRange(-1, to: 4_294_967_295), acceptsNull: true)
    private static let splitMethod = Parameter(
        "text_split_method", "cut5", "how the text is cut; not OpenAI's", acceptsNull: true)

    private static let textRules = Parameter(
        "text_rules", "", "`careful` or `upstream`; not OpenAI's", acceptsNull: true)

    private static let read: [any AnyParameter] = [
        input, model, format, speed, streamFormat, language, seed, splitMethod, textRules,
    ]
    /// All members of the body, for the description of the API.
    static let parameters: [any AnyParameter] =
        read + [Parameter("voice", "", "name of a voice, or an object with its id")]

    /// OpenAI's voices, which mean the voice `default`.
    private static let builtIn: Set<String> = [
        "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse",
        "marin", "cedar",
    ]
    static let defaultVoice = VoiceRegistry.bundledName

    /// Validates a body.
    init(_ raw: RawParameters, voice description: VoiceDescription, services: Services) throws(APIError) {
        let table = Self.read
        let parameters = try Parameters(raw, table: table, defaults: .classic)
        let text = parameters[Self.input]
        guard !text.isEmpty else { throw .badRequest(.missingParameter, "input is required", at: "input") }
        try StringCheck.check(text, "input", limit: services.options.limits.textLength)
        try parameters.checkRanges(of: table)
        let language = parameters[Self.language].lowercased()
        let options = services.options
        encoding = try Self.encoding(parameters[Self.format], options)
        switch parameters[Self.streamFormat] {
        case "audio": wantsEvents = false
        case "sse": wantsEvents = true
        default:
            throw .badRequest(.invalidParameter, "stream_format must be audio or sse", at: "stream_format")
        }
        let model = parameters[Self.model]
        // Clients send names of other models, which have no meaning here.
        let named = options.models.contains { $0.name == model } ? model : ""
        var request = try Self.request(text, language, raw.values["voice"], named, description, services)
        guard description.languages.contains(language) || request.weights?.soVITS != nil else {
            throw .badRequest(
                .unsupportedLanguage,
                "language: \(language) is not supported in version \(description.version)", at: "language")
        }
        guard ValidatedRequest.splitMethods.contains(parameters[Self.splitMethod]) else {
            throw .badRequest(
                .unsupportedSplitMethod, "text_split_method must be cut0 to cut5", at: "text_split_method")
        }
        request.splitMethod = parameters[Self.splitMethod]
        request.textRules = try options.textRules(parameters[Self.textRules])
        request.speedFactor = parameters[Self.speed]
        request.seed = parameters[Self.seed]
        request.delivery = .fragments
        synthesis = request
    }

    private static func encoding(_ format: String, _ options: ServerOptions) throws(APIError) -> AudioEncoding
    {
        if format == "pcm" {
            return AudioEncoding(container: .raw, sampleRateHz: 24_000, ffmpeg: options.ffmpeg)
        }
        guard let container = AudioContainer(rawValue: format), container != .raw, container != .ogg else {
            throw .badRequest(
                .unsupportedMediaType, "response_format must be mp3, opus, aac, flac, wav or pcm",
                at: "response_format")
        }
        guard container != .aac || options.ffmpeg != nil else {
            throw .badRequest(
                .unsupportedMediaType,
                "response_format: aac is not supported, since this server has no ffmpeg program; use mp3, opus, flac, "
                    + "wav or pcm", at: "response_format")
        }
        return AudioEncoding(
            container: container, header: options.streamingHeader, ffmpeg: options.ffmpeg)
    }

    /// The request in the voice that `value` names: a name, or an object with an id.
    private static func request(
        _ text: String, _ language: String, _ value: JSONValue?, _ model: String,
        _ description: VoiceDescription, _ services: Services
    ) throws(APIError) -> SynthesisRequest {
        let name: String
        switch value {
        case .string(let text): name = text
        case .object: if case .string(let id)? = value?.members?["id"] { name = id } else { name = "" }
        default: name = ""
        }
        guard !name.isEmpty else { throw .badRequest(.missingParameter, "voice is required", at: "voice") }
        let registry = services.voices.registry
        let isBuiltIn = builtIn.contains(name.lowercased()) || name.lowercased() == defaultVoice
        if let voice = registry.voice(name) ?? (isBuiltIn ? registry.voice(defaultVoice) : nil) {
            return try services.request(text, language: language, voice: voice, model: model)
        }
        // The clip of /set_refer_audio is the default, without a prompt, since its text is unknown.
        if isBuiltIn, let path = description.referencePath {
            var request = SynthesisRequest(
                text: text, textLanguage: language, referencePath: path, promptLanguage: language)
            request.weights = try services.weights(model: model, voice: nil)
            return request
        }
        let known = registry.voices.map(\.name).prefix(20).joined(separator: ", ")
        throw .badRequest(
            .unknownVoice,
            "there is no voice \(name.prefix(VoiceName.maximumLength)); "
                + (known.isEmpty
                    ? "this server has none yet: add one with PUT /v1/audio/voices/NAME" : "use \(known)"),
            at: "voice")
    }
}
