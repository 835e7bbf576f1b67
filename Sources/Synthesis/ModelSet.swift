import Checkpoint
package import Models

/// The networks that belong to no voice: HuBERT for references, and the front end with BERT for text.
package struct BaseModels: Sendable {
    /// Features of reference clips.
    package let huBERT: HuBERT
    /// Phonemes and features of text.
    package let text: any TextPreprocessing
    /// Files that voices of some versions need.
    package let pretrained: PretrainedFiles
    /// Speech at a higher rate.
    package let superSampler: SuperSampler
    /// Speaker embeddings of reference clips.
    package let speakerVerification: any SpeakerVerification
    /// What the operator should know about them.
    package let notes: [String]

    /// The given networks.
    package init(
        huBERT: HuBERT, text: any TextPreprocessing, pretrained: PretrainedFiles = PretrainedFiles(),
        speakerVerification: (any SpeakerVerification)? = nil, notes: [String] = []
    ) {
        self.huBERT = huBERT
        self.text = text
        self.pretrained = pretrained
        superSampler = SuperSampler(folders: pretrained.bandwidthExtension)
        self.speakerVerification =
            speakerVerification ?? PretrainedSpeakerVerification(path: pretrained.speakerVerification)
        self.notes = notes
    }
}

/// A model and where it came from.
package struct Loaded<Model: Sendable>: Sendable {
    /// The model.
    package let model: Model
    /// Its file or folder.
    package let path: String
    /// Identifies the weights: what was computed with others does not apply to them.
    let weightsID: Int
    /// Keeps the weights in the cache.
    let lease: ModelCache.Lease?

    init(_ model: Model, path: String, weightsID: Int = 0, lease: ModelCache.Lease? = nil) {
        (self.model, self.path, self.weightsID, self.lease) = (model, path, weightsID, lease)
    }
}

/// The weights of one voice: immutable, shared by all requests that began with it.
package struct ModelSet: Sendable {
    /// Phonemes to semantic tokens.
    package internal(set) var textToSemantic: Loaded<Text2Semantic>
    /// Semantic tokens to speech.
    package internal(set) var acoustic: Loaded<any AcousticModel>
    /// The HuBERT that the acoustic model was trained with, where it is not that of `BaseModels`.
    var huBERT: Loaded<HuBERT>?

    /// The version of the acoustic model decides, as upstream has it.
    package var version: String { acoustic.model.version.rawValue }

    /// The language codes of the version.
    package var languages: [String] {
        version == "v1"
            ? ["auto", "en", "zh", "ja", "all_zh", "all_ja"]
            : ["auto", "auto_yue", "en", "zh", "ja", "yue", "ko", "all_zh", "all_ja", "all_yue", "all_ko"]
    }

    /// A set of models that were loaded elsewhere.
    package init(
        textToSemantic: Text2Semantic, acoustic: any AcousticModel, textToSemanticPath: String,
        acousticPath: String
    ) {
        self.textToSemantic = Loaded(textToSemantic, path: textToSemanticPath)
        self.acoustic = Loaded(acoustic, path: acousticPath)
    }

    /// Phonemes of the second symbol table; the first has 322, for which text-to-semantic models keep 512 rows.
    private static let secondTable = 732

    /// Refuses two files that don't belong together: ids of one would be out of range in the other, or, with the
    /// tables of different versions, would mean other sounds.
    func checkAgreement() throws {
        let (decoder, acoustic) = (textToSemantic.model, acoustic.model)
        let codes = acoustic.quantizer.codeCount
        let sameTable =
            (decoder.phoneCount >= Self.secondTable) == (acoustic.phoneCount >= Self.secondTable)
        guard sameTable, decoder.phoneCount >= acoustic.phoneCount, decoder.tokenCount == codes + 1 else {
            throw SynthesisError(
                .weights,
                "\(textToSemantic.path) (\(decoder.phoneCount) phones, \(decoder.tokenCount) tokens) and "
                    + "\(self.acoustic.path) (\(acoustic.phoneCount) phones, \(codes) codes) do not belong together; "
                    + "set both weights to the same version")
        }
    }
}
