import Checkpoint
public import Models

/// The networks that belong to no voice: HuBERT for references, and the front end with BERT for text.
public struct BaseModels: Sendable {
    /// Hears references.
    public let huBERT: HuBERT
    /// Reads text.
    public let sentences: any SentencePreparing
    /// What a person who starts the program should know about them.
    public let notes: [String]

    /// Puts them together.
    public init(huBERT: HuBERT, sentences: any SentencePreparing, notes: [String] = []) {
        self.huBERT = huBERT
        self.sentences = sentences
        self.notes = notes
    }
}

/// The weights of one voice: immutable, shared by all utterances that began with it.
public struct ModelSet: Sendable {
    /// Text to semantic tokens.
    public let textToSemantic: Text2Semantic
    /// Semantic tokens to speech.
    public let soVITS: SoVITS
    /// Where they came from.
    public let textToSemanticPath: String, soVITSPath: String
    /// Hears references, where the SoVITS weights were trained with a HuBERT of their own.
    let huBERT: HuBERT?
    let huBERTPath: String?
    /// What keeps the weights from being dropped while this set is in use.
    struct Leases: Sendable {
        var textToSemantic: ModelCache.Lease?, soVITS: ModelCache.Lease?, huBERT: ModelCache.Lease?
    }
    var leases = Leases()
    /// Tells references of one set of weights from those of another.
    let generation: Int

    /// `v1` or `v2`: the SoVITS weights decide, as upstream has it.
    public var version: String { soVITS.version.rawValue }

    /// The language codes of the version.
    public var languages: [String] {
        version == "v1"
            ? ["auto", "en", "zh", "ja", "all_zh", "all_ja"]
            : ["auto", "auto_yue", "en", "zh", "ja", "yue", "ko", "all_zh", "all_ja", "all_yue", "all_ko"]
    }

    /// Puts a set together.
    public init(
        textToSemantic: Text2Semantic, soVITS: SoVITS, textToSemanticPath: String, soVITSPath: String,
        huBERT: HuBERT? = nil, huBERTPath: String? = nil, generation: Int = 0
    ) {
        self.huBERT = huBERT
        self.huBERTPath = huBERTPath
        self.textToSemantic = textToSemantic
        self.soVITS = soVITS
        self.textToSemanticPath = textToSemanticPath
        self.soVITSPath = soVITSPath
        self.generation = generation
    }

    /// Phones of the second symbol table; the first has 322, for which text-to-semantic models keep 512 rows.
    private static let secondTable = 732

    /// Refuses two files that don't belong together: ids of one would be out of range in the other, or, with the
    /// tables of different versions, would mean other sounds.
    func checkAgreement() throws {
        let codes = soVITS.quantizer.codeCount
        let sameTable =
            (textToSemantic.phoneCount >= Self.secondTable) == (soVITS.phoneCount >= Self.secondTable)
        guard sameTable, textToSemantic.phoneCount >= soVITS.phoneCount,
            textToSemantic.tokenCount == codes + 1
        else {
            throw SynthesisError(
                .weights,
                "\(textToSemanticPath) (\(textToSemantic.phoneCount) phones, \(textToSemantic.tokenCount) tokens) and "
                    + "\(soVITSPath) (\(soVITS.phoneCount) phones, \(codes) codes) do not belong together; set both "
                    + "weights to the same version")
        }
    }
}
