import Synthesis

/// A checked request for speech: what the engine gets, and how its audio is packed.
struct SpeechOrder: Sendable {
    let request: SynthesisRequest
    let packing: AudioPacking

    /// The methods of cutting a text.
    static let splitMethods: Set<String> = ["cut0", "cut1", "cut2", "cut3", "cut4", "cut5"]

    /// Whether the answer says which sentence is spoken when, and which word.
    let hasTimestamps: Bool, hasWords: Bool

    /// Checks `parameters` in upstream's order, then what upstream leaves to chance.
    ///
    /// - Throws: a 400 that says what is missing or out of bounds.
    init(_ parameters: Parameters, voice: VoiceDescription, services: Services) throws(APIError) {
        typealias Speech = SpeechParameters
        let (options, limits) = (services.options, services.options.limits)
        let reference = parameters[Speech.reference]
        let referencePath = reference.isEmpty ? voice.referencePath ?? "" : reference
        let name = parameters[Speech.voice]
        try Self.require(!referencePath.isEmpty || !name.isEmpty, "ref_audio_path")
        try StringCheck.check(path: referencePath, "ref_audio_path")
        let source = try Self.source(name, reference: reference, fallback: referencePath, services.voices)
        let own = source.voice
        let weights = try services.weights(model: parameters[Speech.model], voice: own)
        let text = parameters[Speech.text]
        try Self.require(!text.isEmpty, "text")
        let textLanguage = try Self.language(parameters, Speech.textLanguage, voice, weights)
        let prompt = try Self.prompt(parameters, voice, own, weights)
        hasTimestamps = parameters[Speech.timestamps]
        let granularity = parameters[Speech.granularity]
        guard ["sentence", "word"].contains(granularity) else {
            throw .refused(.invalidParameter, "timestamp_granularity must be sentence or word")
        }
        hasWords = granularity == "word"
        packing = AudioPacking(
            container: try AudioContainer(mediaType: parameters[Speech.mediaType], ffmpeg: options.ffmpeg),
            header: options.streamingHeader, ffmpeg: options.ffmpeg)
        let splitMethod = parameters[Speech.splitMethod]
        guard Self.splitMethods.contains(splitMethod) else {
            throw .refused(.unsupportedSplitMethod, "text_split_method:\(splitMethod) is not supported")
        }
        let delivery = try Self.delivery(parameters)
        try parameters.checkRanges(of: SpeechParameters.all)
        let paths = parameters[Speech.auxiliaryReferences].paths
        try StringCheck.check(text, "text", limit: limits.textLength)
        try StringCheck.check(prompt.text, "prompt_text", limit: limits.textLength)
        guard paths.count <= limits.auxiliaryReferences else {
            throw .refused(
                .tooLong,
                "aux_ref_audio_paths has \(paths.count) paths; \(limits.auxiliaryReferences) are allowed")
        }
        for path in paths { try StringCheck.check(path: path, "aux_ref_audio_paths") }

        var request = SynthesisRequest(
            text: text, textLanguage: textLanguage, referencePath: try source.path.get(),
            promptText: prompt.text,
            promptLanguage: prompt.language)
        request.auxiliaryReferencePaths =
            paths.isEmpty ? own?.auxiliary ?? [] : services.voices.auxiliaries(paths)
        request.weights = weights
        request.keptReferences = services.keptReferences(of: own)
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
        if case .chunks = delivery {
            // As upstream, which decodes a streamed sentence on its own; of a larger batch it would speak the first
            // sentence only.
            request.parallelInference = false
            request.batchSize = 1
        }
        self.request = request
    }

    private static func require(_ isThere: Bool, _ name: String) throws(APIError) {
        guard isThere else { throw .refused(.missingParameter, "\(name) is required") }
    }

    /// Where the reference comes from. A path that leads nowhere is an error only after all that upstream checks first.
    private struct Source {
        let path: Result<String, APIError>
        let voice: Voice?
    }

    private static func source(
        _ name: String, reference: String, fallback: String, _ voices: VoiceLibrary
    ) throws(APIError) -> Source {
        let named = name.isEmpty ? nil : try voices.voice(name)
        if reference.isEmpty { return Source(path: .success(named?.reference ?? fallback), voice: named) }
        do {
            let found = try voices.reference(reference)
            return Source(path: .success(found.path), voice: named ?? found.voice)
        } catch {
            return Source(path: .failure(error), voice: named)
        }
    }

    /// What the reference says, and in which language. Some clients send a voice's name for its text.
    private static func prompt(
        _ parameters: Parameters, _ description: VoiceDescription, _ voice: Voice?, _ weights: VoiceWeights?
    ) throws(APIError) -> (text: String, language: String) {
        let text = parameters[SpeechParameters.promptText]
        if let voice, text.isEmpty || text == voice.name { return (voice.promptText, voice.language) }
        if let voice, parameters[SpeechParameters.promptLanguage].isEmpty { return (text, voice.language) }
        return (text, try language(parameters, SpeechParameters.promptLanguage, description, weights))
    }

    /// The language that `parameter` names, in lower case, if the voice speaks it. What weights other than the
    /// server's speak, the engine knows when it has them.
    private static func language(
        _ parameters: Parameters, _ parameter: Parameter<String>, _ description: VoiceDescription,
        _ weights: VoiceWeights?
    ) throws(APIError) -> String {
        let language = parameters[parameter]
        try require(!language.isEmpty, parameter.name)
        guard description.languages.contains(language.lowercased()) || weights?.soVITS != nil else {
            throw .refused(
                .unsupportedLanguage,
                "\(parameter.name): \(language) is not supported in version \(description.version)")
        }
        return language.lowercased()
    }

    private static func delivery(_ parameters: Parameters) throws(APIError) -> Delivery {
        let mode = parameters[SpeechParameters.streamingMode].number
        switch mode {
        case 0: return .whole
        case 1: return .fragments
        case 2, 3:
            return .chunks(
                fixedLength: mode == 3, minimumTokens: Int(parameters[SpeechParameters.minimumChunkLength]),
                overlapTokens: Int(parameters[SpeechParameters.overlapLength]))
        default:
            throw .refused(
                .unsupportedStreamingMode,
                "the value of streaming_mode must be 0, 1, 2, 3(int) or true/false(bool)")
        }
    }
}
