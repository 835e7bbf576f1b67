/// The files of a voice and of the base models that it was trained with.
public struct VoiceFiles: Sendable, Equatable {
    /// Text-to-semantic ("GPT") weights: `.ckpt`, or converted `.safetensors`.
    public var textToSemantic: String
    /// SoVITS weights: `.pth`, or converted `.safetensors`; of any version.
    public var soVITS: String
    /// The folder of HuBERT (`chinese-hubert-base`).
    public var huBERT: String
    /// The folder of BERT (`chinese-roberta-wwm-ext-large`), which gives Chinese its prosody features; nil for a voice that
    /// was trained without.
    public var bert: String?

    /// Names the files.
    public init(textToSemantic: String, soVITS: String, huBERT: String, bert: String?) {
        self.textToSemantic = textToSemantic
        self.soVITS = soVITS
        self.huBERT = huBERT
        self.bert = bert
    }
}

/// A recording of the speaker: 3 to 10 seconds, in any format that libsndfile reads.
public struct ReferenceClip: Sendable, Equatable {
    /// Where the recording is.
    public var path: String
    /// What it says, word for word; empty if that is not known, which makes the voice less alike.
    public var text: String
    /// The language of `text`, a code of `Voice.languages`.
    public var language: String

    /// Describes a recording.
    public init(path: String, text: String = "", language: String = "auto") {
        self.path = path
        self.text = text
        self.language = language
    }
}
