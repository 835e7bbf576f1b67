import Synthesis

/// A checked request for speech: what the engine gets, and how its audio is packed.
struct SpeechOrder: Sendable {
    let request: SynthesisRequest
    let container: AudioContainer

    /// The methods of cutting a text.
    private static let splitMethods: Set<String> = ["cut0", "cut1", "cut2", "cut3", "cut4", "cut5"]

    /// Checks `parameters` in upstream's order, then what upstream leaves to chance.
    ///
    /// - Throws: a 400 that says what is missing or out of bounds.
    init(_ parameters: Parameters, voice: VoiceDescription, limits: RequestLimits) throws(APIError) {
        typealias Speech = SpeechParameters
        let reference = parameters[Speech.reference]
        let referencePath = reference.isEmpty ? voice.referencePath ?? "" : reference
        try Self.require(!referencePath.isEmpty, "ref_audio_path")
        let text = parameters[Speech.text]
        try Self.require(!text.isEmpty, "text")
        let textLanguage = try Self.language(parameters, Speech.textLanguage, voice)
        let promptLanguage = try Self.language(parameters, Speech.promptLanguage, voice)
        container = try AudioContainer(mediaType: parameters[Speech.mediaType])
        let splitMethod = parameters[Speech.splitMethod]
        guard Self.splitMethods.contains(splitMethod) else {
            throw .refused(.unsupportedSplitMethod, "text_split_method:\(splitMethod) is not supported")
        }
        let delivery = try Self.delivery(parameters[Speech.streamingMode])

        try parameters.checkRanges(of: SpeechParameters.all)
        let promptText = parameters[Speech.promptText]
        let paths = parameters[Speech.auxiliaryReferences].paths
        try StringCheck.check(text, "text", limit: limits.textLength)
        try StringCheck.check(promptText, "prompt_text", limit: limits.textLength)
        try StringCheck.check(path: referencePath, "ref_audio_path")
        guard paths.count <= limits.auxiliaryReferences else {
            throw .refused(
                .tooLong,
                "aux_ref_audio_paths has \(paths.count) paths; \(limits.auxiliaryReferences) are allowed")
        }
        for path in paths { try StringCheck.check(path: path, "aux_ref_audio_paths") }

        var request = SynthesisRequest(
            text: text, textLanguage: textLanguage, referencePath: referencePath, promptText: promptText,
            promptLanguage: promptLanguage)
        request.auxiliaryReferencePaths = paths
        request.topK = Int(parameters[Speech.topK])
        request.topP = Float(parameters[Speech.topP])
        request.temperature = Float(parameters[Speech.temperature])
        request.repetitionPenalty = Float(parameters[Speech.repetitionPenalty])
        request.splitMethod = splitMethod
        request.batchSize = Int(parameters[Speech.batchSize])
        request.batchThreshold = Float(parameters[Speech.batchThreshold])
        request.splitBucket = parameters[Speech.splitBucket]
        request.speedFactor = parameters[Speech.speedFactor]
        request.fragmentInterval = parameters[Speech.fragmentInterval]
        request.seed = parameters[Speech.seed]
        request.parallelInference = parameters[Speech.parallelInference]
        request.delivery = delivery
        self.request = request
    }

    private static func require(_ isThere: Bool, _ name: String) throws(APIError) {
        guard isThere else { throw .refused(.missingParameter, "\(name) is required") }
    }

    /// The language that `parameter` names, in lower case, if the voice speaks it.
    private static func language(
        _ parameters: Parameters, _ parameter: Parameter<String>, _ voice: VoiceDescription
    ) throws(APIError) -> String {
        let language = parameters[parameter]
        try require(!language.isEmpty, parameter.name)
        guard voice.languages.contains(language.lowercased()) else {
            throw .refused(
                .unsupportedLanguage,
                "\(parameter.name): \(language) is not supported in version \(voice.version)")
        }
        return language.lowercased()
    }

    private static func delivery(_ mode: StreamingMode) throws(APIError) -> Delivery {
        switch mode.number {
        case 0: return .whole
        case 1: return .fragments
        case 2, 3:
            throw .refused(
                .unsupportedStreamingMode,
                "streaming_mode \(mode.number) is not offered by this version: "
                    + "use 1 (each batch of sentences as soon as it is spoken) or 0 (one answer)")
        default:
            throw .refused(
                .unsupportedStreamingMode,
                "the value of streaming_mode must be 0, 1, 2, 3(int) or true/false(bool)")
        }
    }
}
