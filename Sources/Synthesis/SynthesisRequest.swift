/// How the audio of a request is delivered (upstream's `streaming_mode`).
package enum Delivery: Sendable, Equatable {
    /// All of it at the end (`streaming_mode` 0).
    case whole
    /// A fragment per batch of sentences, as each is finished (`streaming_mode` 1, upstream's `return_fragment`).
    case fragments
    /// Chunks of a sentence, cut where the tokens are quiet (`streaming_mode` 2) or every so many tokens
    /// (`streaming_mode` 3), cross-faded over `overlapTokens`.
    case chunks(fixedLength: Bool, minimumTokens: Int, overlapTokens: Int)
}

/// How a text is treated before the front end reads it.
package enum TextRules: String, Sendable, CaseIterable {
    /// What upstream's front end would lose or misread is written out first (`TextRepair`).
    case careful
    /// Nothing: the text reaches the front end as it is.
    case upstream
}

/// The parameters of one synthesis (upstream: the `inputs` of `TTS.run`).
package struct SynthesisRequest: Sendable {
    /// The text to speak and its language code (`zh`, `all_zh`, …).
    package var text: String, textLanguage: String
    /// Path of the reference clip, 3–10 s.
    package var referencePath: String
    /// Further clips whose conditioning is averaged with the reference's; missing files are skipped.
    package var auxiliaryReferencePaths: [String] = []
    /// What the reference clip says; without it the model gets no prompt.
    package var promptText: String = ""
    /// The prompt's language code.
    package var promptLanguage: String
    /// How both texts are treated.
    package var textRules = TextRules.upstream
    /// Sampling: candidates kept, probability mass kept, temperature, penalty of repeated tokens.
    package var topK: Int = 15, topP: Float = 1, temperature: Float = 1, repetitionPenalty: Float = 1.35
    /// `cut0` … `cut5`.
    package var splitMethod: String = "cut5"
    /// Sentences decoded together, how similar in length they must be, and whether to sort them by length first.
    package var batchSize: Int = 1, batchThreshold: Float = 0.75, splitBucket: Bool = true
    /// Speaking rate; 1.25 is a quarter faster.
    package var speedFactor: Double = 1
    /// Silence after each sentence in seconds.
    package var fragmentInterval: Double = 0.3
    /// Seed of all randomness; −1 draws one.
    package var seed: Int64 = -1
    /// Sentences of a batch decoded side by side (true) or one after another.
    package var parallelInference: Bool = true
    /// Steps of a flow, in versions that have one.
    package var sampleSteps: Int = 32
    /// Whether v3's speech is extended to 48 kHz, where the network for it is there.
    package var superSampling = false
    /// How audio is delivered.
    package var delivery: Delivery = .whole
    /// Clips whose features may be kept in a file beside them: those in folders that the program may write to.
    package var keptReferences: Set<String> = []
    /// Weights of the request's own; nil takes those of the engine.
    package var weights: VoiceWeights?

    /// A request with upstream's defaults for everything that has one.
    package init(
        text: String, textLanguage: String, referencePath: String, promptText: String = "",
        promptLanguage: String
    ) {
        self.text = text
        self.textLanguage = textLanguage
        self.referencePath = referencePath
        self.promptText = promptText
        self.promptLanguage = promptLanguage
    }
}

/// Paths of a voice's own weights; nil takes the engine's.
package struct VoiceWeights: Sendable, Equatable {
    /// Text-to-semantic and SoVITS weights, and the folder of a HuBERT that the latter were trained with.
    package var textToSemantic: String?, soVITS: String?, huBERT: String?

    /// The given paths.
    package init(textToSemantic: String? = nil, soVITS: String? = nil, huBERT: String? = nil) {
        self.textToSemantic = textToSemantic
        self.soVITS = soVITS
        self.huBERT = huBERT
    }
}

/// Finished speech: 16-bit mono samples of a batch of sentences, or of a chunk.
package struct AudioFragment: Sendable, Equatable {
    /// Sampling rate in Hz, that of the acoustic model.
    package let sampleRateHz: Int
    /// Samples in playing order.
    package let samples: [Int16]
    /// The sentences in it, and where they are.
    package let sentences: [SpokenSentence]
    /// Whether super sampling was wanted and the network for it is not there.
    package var lacksSuperSampling = false

    /// A fragment of given samples.
    package init(sampleRateHz: Int, samples: [Int16], sentences: [SpokenSentence] = []) {
        self.sampleRateHz = sampleRateHz
        self.samples = samples
        self.sentences = sentences
    }
}

/// A sentence, or the rest of one, in the samples of a fragment.
package struct SpokenSentence: Sendable, Equatable {
    /// Its text, as the request has it; empty where a fragment continues the sentence of the one before.
    package let text: String
    /// Its samples within the fragment, without the pause after it.
    package let samples: Range<Int>

    /// A sentence at a given place.
    package init(text: String, samples: Range<Int>) {
        self.text = text
        self.samples = samples
    }
}
