import Synthesis

/// How a text is spoken. The defaults are those of GPT-SoVITS.
public struct SpeechOptions: Sendable, Equatable {
    /// Language of the text, a code of `Voice.languages`.
    public var language = "auto"
    /// Speaking rate, 0.1 to 10; 1.25 is a quarter faster.
    public var speed = 1.0
    /// Seed of all randomness: the same seed, text and options give the same samples. Nil draws one.
    public var seed: UInt32?
    /// Sampling of semantic tokens: how many candidates are kept, at least 1, …
    public var topK = 15
    /// … the probability mass that is kept, above 0 and at most 1, …
    public var topP: Float = 1
    /// … the temperature, at least 0 …
    public var temperature: Float = 1
    /// … and the factor, above 0, by which the logits of tokens that were already used are made smaller.
    public var repetitionPenalty: Float = 1.35
    /// Where the text is cut into sentences.
    public var splitting = Splitting.everyPunctuation
    /// Silence after each sentence in seconds, 0 to 60.
    public var pauseSeconds = 0.3

    /// The defaults.
    public init() {}

    /// Rules for cutting a text into sentences (upstream's `cut0` to `cut5`).
    public enum Splitting: String, Sendable, CaseIterable {
        /// Not at all.
        case none = "cut0"
        /// After every four sentences.
        case everyFourSentences = "cut1"
        /// After about fifty characters.
        case everyFiftyCharacters = "cut2"
        /// At the Chinese period 。
        case chinesePeriod = "cut3"
        /// At the period of Latin scripts.
        case period = "cut4"
        /// At every punctuation mark.
        case everyPunctuation = "cut5"
    }

    /// The request of the engine; its audio is delivered sentence by sentence.
    func request(_ text: String, reference: ReferenceClip) throws(GSVError) -> SynthesisRequest {
        func check(_ isInRange: Bool, _ rule: String) throws(GSVError) {
            if !isInRange { throw GSVError(.invalidParameter, rule) }
        }
        try check((0.1...10).contains(speed), "speed is \(speed); 0.1 to 10 are allowed")
        try check(topK >= 1, "topK is \(topK); it must be at least 1")
        try check(topP > 0 && topP <= 1, "topP is \(topP); it must be above 0 and at most 1")
        try check(temperature >= 0, "temperature is \(temperature); it must not be negative")
        try check(repetitionPenalty > 0, "repetitionPenalty is \(repetitionPenalty); it must be above 0")
        try check((0...60).contains(pauseSeconds), "pauseSeconds is \(pauseSeconds); 0 to 60 are allowed")
        var request = SynthesisRequest(
            text: text, textLanguage: language, referencePath: reference.path, promptText: reference.text,
            promptLanguage: reference.language)
        request.textRules = .careful
        request.speedFactor = speed
        request.seed = seed.map { Int64($0) } ?? -1
        request.topK = topK
        request.topP = topP
        request.temperature = temperature
        request.repetitionPenalty = repetitionPenalty
        request.splitMethod = splitting.rawValue
        request.fragmentInterval = pauseSeconds
        request.delivery = .fragments
        return request
    }
}
