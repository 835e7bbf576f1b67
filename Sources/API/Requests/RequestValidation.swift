import Synthesis

/// The checks of a request for speech. Their order is upstream's, since it decides which of several errors a client sees.
struct RequestValidation {
    private typealias Speech = SpeechParameters

    private let source: Source
    private let weights: VoiceWeights?
    private let text: String, textLanguage: String
    private let prompt: (text: String, language: String)
    private let splitMethod: String
    private let textRules: TextRules
    private let delivery: Delivery
    private let auxiliaries: [String]
    let hasWords: Bool
    let encoding: AudioEncoding

    /// Runs the checks.
    ///
    /// - Throws: the error of the first that fails.
    init(
        _ parameters: Parameters, _ voice: VoiceDescription, _ services: Services
    ) throws(APIError) {
        let options = services.options
        source = try Self.source(parameters, voice, services.voices)
        weights = try services.weights(model: parameters[Speech.model], voice: source.voice)
        text = parameters[Speech.text]
        try Self.require(!text.isEmpty, "text")
        textLanguage = try Self.language(parameters, Speech.textLanguage, voice, weights)
        prompt = try Self.prompt(parameters, voice, source.voice, weights)
        hasWords = try Self.hasWords(parameters)
        encoding = AudioEncoding(
            container: try AudioContainer(mediaType: parameters[Speech.mediaType], ffmpeg: options.ffmpeg),
            header: options.streamingHeader, ffmpeg: options.ffmpeg)
        splitMethod = try Self.splitMethod(parameters)
        textRules = try options.textRules(parameters[Speech.textRules])
        delivery = try Self.delivery(parameters)
        auxiliaries = parameters[Speech.auxiliaryReferences].paths
        try parameters.checkRanges(of: SpeechParameters.all)
        try checkLengths(options.limits)
    }

    /// What the engine gets.
    ///
    /// - Throws: the error of a reference that was not found: only after all that upstream checks before it.
    func synthesisRequest(
        _ parameters: Parameters, _ services: Services
    ) throws(APIError) -> SynthesisRequest {
        var request = SynthesisRequest(
            text: text, textLanguage: textLanguage, referencePath: try source.path.get(),
            promptText: prompt.text, promptLanguage: prompt.language)
        request.auxiliaryReferencePaths =
            auxiliaries.isEmpty ? source.voice?.auxiliary ?? [] : services.voices.auxiliaries(auxiliaries)
        request.weights = weights
        request.keptReferences = services.keptReferences(of: source.voice)
        request.topK = Int(parameters[Speech.topK])
        request.topP = Float(parameters[Speech.topP])
        request.temperature = Float(parameters[Speech.temperature])
        request.repetitionPenalty = Float(parameters[Speech.repetitionPenalty])
        request.splitMethod = splitMethod
        request.textRules = textRules
        request.batchSize = Int(parameters[Speech.batchSize])
        request.batchThreshold = Float(parameters[Speech.batchThreshold])
        request.splitBucket = parameters[Speech.splitBucket]
        request.speedFactor = parameters[Speech.speedFactor]
        request.fragmentInterval = parameters[Speech.fragmentInterval]
        request.seed = parameters[Speech.seed]
        request.parallelInference = parameters[Speech.parallelInference]
        request.superSampling = parameters[Speech.superSampling]
        request.sampleSteps = Int(parameters[Speech.sampleSteps])
        request.delivery = delivery
        if case .chunks = delivery {
            // As upstream, which decodes a streamed sentence on its own; of a larger batch it would speak the first
            // sentence only.
            request.parallelInference = false
            request.batchSize = 1
        }
        return request
    }

    private static func require(_ isThere: Bool, _ name: String) throws(APIError) {
        guard isThere else { throw .badRequest(.missingParameter, "\(name) is required") }
    }

    /// Where the reference comes from. A path that leads nowhere is an error only after all that upstream checks first.
    private struct Source {
        let path: Result<String, APIError>
        let voice: Voice?
    }

    private static func source(
        _ parameters: Parameters, _ description: VoiceDescription, _ voices: VoiceLibrary
    ) throws(APIError) -> Source {
        let (reference, name) = (parameters[Speech.reference], parameters[Speech.voice])
        let path = reference.isEmpty ? description.referencePath ?? "" : reference
        try require(!path.isEmpty || !name.isEmpty, "ref_audio_path")
        try StringCheck.check(path: path, "ref_audio_path")
        let named = name.isEmpty ? nil : try voices.voice(name)
        if reference.isEmpty { return Source(path: .success(named?.reference ?? path), voice: named) }
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
        let text = parameters[Speech.promptText]
        if let voice, text.isEmpty || text == voice.name { return (voice.promptText, voice.language) }
        if let voice, parameters[Speech.promptLanguage].isEmpty { return (text, voice.language) }
        return (text, try language(parameters, Speech.promptLanguage, description, weights))
    }

    /// The language that `parameter` names, in lower case, if the voice supports it. Which languages weights other than the
    /// server's support, the engine knows when it has loaded them.
    private static func language(
        _ parameters: Parameters, _ parameter: Parameter<String>, _ description: VoiceDescription,
        _ weights: VoiceWeights?
    ) throws(APIError) -> String {
        let language = parameters[parameter]
        try require(!language.isEmpty, parameter.name)
        guard description.languages.contains(language.lowercased()) || weights?.soVITS != nil else {
            throw .badRequest(
                .unsupportedLanguage,
                "\(parameter.name): \(language) is not supported in version \(description.version)")
        }
        return language.lowercased()
    }

    private static func hasWords(_ parameters: Parameters) throws(APIError) -> Bool {
        let granularity = parameters[Speech.granularity]
        guard ["sentence", "word"].contains(granularity) else {
            throw .badRequest(.invalidParameter, "timestamp_granularity must be sentence or word")
        }
        return granularity == "word"
    }

    private static func splitMethod(_ parameters: Parameters) throws(APIError) -> String {
        let method = parameters[Speech.splitMethod]
        guard ValidatedRequest.splitMethods.contains(method) else {
            throw .badRequest(.unsupportedSplitMethod, "text_split_method:\(method) is not supported")
        }
        return method
    }

    private static func delivery(_ parameters: Parameters) throws(APIError) -> Delivery {
        let mode = parameters[Speech.streamingMode].number
        switch mode {
        case 0: return .whole
        case 1: return .fragments
        case 2, 3:
            return .chunks(
                fixedLength: mode == 3, minimumTokens: Int(parameters[Speech.minimumChunkLength]),
                overlapTokens: Int(parameters[Speech.overlapLength]))
        default:
            throw .badRequest(
                .unsupportedStreamingMode,
                "the value of streaming_mode must be 0, 1, 2, 3(int) or true/false(bool)")
        }
    }

    private func checkLengths(_ limits: RequestLimits) throws(APIError) {
        try StringCheck.check(text, "text", limit: limits.textLength)
        try StringCheck.check(prompt.text, "prompt_text", limit: limits.textLength)
        guard auxiliaries.count <= limits.auxiliaryReferences else {
            throw .badRequest(
                .tooLong,
                "aux_ref_audio_paths has \(auxiliaries.count) paths; \(limits.auxiliaryReferences) are allowed"
            )
        }
        for path in auxiliaries { try StringCheck.check(path: path, "aux_ref_audio_paths") }
    }
}
