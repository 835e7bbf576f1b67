import Synthesis

/// A validated request for speech: what the engine gets, and how its audio is encoded.
struct ValidatedRequest: Sendable {
    let synthesis: SynthesisRequest
    let encoding: AudioEncoding
    /// Whether the response has the times of sentences, and of words.
    let hasTimestamps: Bool, hasWords: Bool

    /// The methods of cutting a text.
    static let splitMethods: Set<String> = ["cut0", "cut1", "cut2", "cut3", "cut4", "cut5"]

    /// Validates `parameters` in upstream's order, then what upstream leaves unchecked.
    ///
    /// - Throws: a 400 that says what is missing or out of bounds.
    init(_ parameters: Parameters, voice: VoiceDescription, services: Services) throws(APIError) {
        let validation = try RequestValidation(parameters, voice, services)
        synthesis = try validation.synthesisRequest(parameters, services)
        encoding = validation.encoding
        hasTimestamps = parameters[SpeechParameters.timestamps]
        hasWords = validation.hasWords
    }
}
