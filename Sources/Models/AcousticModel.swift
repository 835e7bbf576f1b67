package import Checkpoint
package import Tensor

/// What an acoustic model needs to know of a reference clip, beside the semantic tokens.
///
/// A case carries the parameters of its analysis, so that it can be computed from audio without knowing the model.
package enum ReferenceInput: Hashable, Sendable {
    /// Magnitude spectrogram at `referenceSampleRateHz`, `[T, fftSize / 2 + 1]`.
    case spectrogram(fftSize: Int, hopSamples: Int, windowSamples: Int)
    /// `ERes2NetV2` of the clip's signal at 16 kHz, `[1, count]`.
    case speakerEmbedding(count: Int)
    /// Normalised log mel spectrogram at a rate of its own, `[T, bands]`.
    case mel(sampleRateHz: Int, fftSize: Int, hopSamples: Int, bands: Int)
}

/// What the reference clips condition a synthesis with: tensors by name, so that caches and files hold those of every
/// version alike.
package struct AcousticConditioning: Sendable {
    /// Tensors by the names of `AcousticModel.conditioningShapes`.
    package var tensors: [String: Tensor]

    /// A conditioning of given tensors.
    package init(_ tensors: [String: Tensor]) { self.tensors = tensors }
}

/// What a reference clip says, as the acoustic model reads it.
package struct AcousticPrompt: Sendable {
    /// Semantic tokens of the clip, and phoneme ids of its text.
    package let tokens: [Int], phonemes: [Int]

    /// The prompt of a request.
    package init(tokens: [Int], phonemes: [Int]) { (self.tokens, self.phonemes) = (tokens, phonemes) }
}

/// Normally distributed noise that a synthesis draws.
package struct NoiseShape: Sendable, Equatable {
    /// Number of the draw within one synthesis; 0 begins a new synthesis.
    package let chunk: Int
    /// Shape `[frames, channels]`.
    package let frames: Int, channels: Int

    /// A draw.
    package init(chunk: Int = 0, frames: Int, channels: Int) {
        (self.chunk, self.frames, self.channels) = (chunk, frames, channels)
    }
}

/// What an acoustic model synthesizes of one sentence.
package struct AcousticInput: Sendable {
    /// Semantic tokens.
    package let tokens: [Int]
    /// Phoneme ids of the text, without those of the prompt.
    package let phonemes: [Int]

    /// A sentence.
    package init(tokens: [Int], phonemes: [Int]) { (self.tokens, self.phonemes) = (tokens, phonemes) }
}

/// What does not change from sentence to sentence of a request, and where noise comes from.
package struct AcousticSetting {
    /// From the reference clips.
    package let conditioning: AcousticConditioning
    /// Speaking rate; 1.25 is a quarter faster.
    package let speed: Double
    /// Steps of a flow, in versions that have one.
    package var sampleSteps = 32
    /// Whether upstream would synthesize the sentences of a batch side by side.
    package var isParallel = true
    /// Joins pieces of sound that overlap by so many samples.
    package let overlapAdd: (_ pieces: [[Float]], _ overlapSamples: Int) throws -> [Float]
    /// Draws noise.
    package let noise: (NoiseShape) -> Tensor
    /// Records activations.
    package let trace: ActivationTrace

    /// A setting.
    package init(
        _ conditioning: AcousticConditioning, speed: Double = 1, trace: ActivationTrace = .none,
        overlapAdd: @escaping ([[Float]], Int) throws -> [Float], noise: @escaping (NoiseShape) -> Tensor
    ) {
        (self.conditioning, self.speed, self.trace) = (conditioning, speed, trace)
        (self.overlapAdd, self.noise) = (overlapAdd, noise)
    }
}

/// A chunk of a streamed sentence.
package struct AcousticChunk: Sendable {
    /// Samples in −1 … 1.
    package let samples: [Float]
    /// What the next chunk is joined with.
    let state: Tensor

    init(samples: [Float], state: Tensor) { (self.samples, self.state) = (samples, state) }
}

/// What turns semantic tokens into sound. Synthesis knows a voice version by this protocol alone: rates, conditioning and
/// noise are properties of the model.
package protocol AcousticModel: Sendable {
    /// The version that the weights turned out to be.
    var version: ModelVersion { get }
    /// Rate at which reference clips are analysed.
    var referenceSampleRateHz: Int { get }
    /// Rate of the samples.
    var outputSampleRateHz: Int { get }
    /// Size of the phoneme vocabulary.
    var phoneCount: Int { get }
    /// HuBERT features → semantic tokens; its codebook is that of the text-to-semantic model.
    var quantizer: Quantizer { get }

    /// The analyses of a reference clip that `conditioning` takes.
    var requiredInputs: Set<ReferenceInput> { get }
    /// Names and shapes of the conditioning's tensors; nil for an axis whose size depends on the clip.
    var conditioningShapes: [String: [Int?]] { get }
    /// The conditioning of one reference clip from its analyses.
    func conditioning(_ inputs: [ReferenceInput: Tensor]) -> AcousticConditioning
    /// The conditioning of several reference clips, the main one first.
    func average(_ conditionings: [AcousticConditioning]) -> AcousticConditioning

    /// Whether the sentences of a request may be put into batches by their length.
    func allowsBuckets(isParallel: Bool) -> Bool
    /// Whether its speech may be extended to a higher rate afterwards.
    var allowsSuperSampling: Bool { get }
    /// Whether it speaks only after a prompt.
    var requiresPrompt: Bool { get }
    /// The conditioning of a request: that of its clips, completed by the prompt.
    func conditioning(_ clips: AcousticConditioning, prompt: AcousticPrompt?) -> AcousticConditioning

    /// Samples that a token becomes.
    func samplesPerToken(speed: Double) -> Double
    /// Speech of the sentences of a batch: samples in −1 … 1, one array per sentence.
    ///
    /// - Parameter checkpoint: called between sentences; throws to stop.
    func synthesize(
        _ batch: [AcousticInput], _ setting: AcousticSetting, checkpoint: () throws -> Void
    ) throws -> [[Float]]

    /// Whether a sentence can be synthesized while it is decoded. Where not, a chunk is a whole sentence.
    var supportsChunks: Bool { get }
    /// Speech of the last tokens of a sentence that is still being decoded.
    ///
    /// - Parameters:
    ///   - sentence: all tokens so far.
    ///   - resultTokens: tokens from the end whose sound is wanted; nil for all.
    ///   - previous: the chunk before, which this one is blended with over `overlapTokens`.
    func synthesizeChunk(
        _ sentence: AcousticInput, resultTokens: Int?, after previous: AcousticChunk?, overlapTokens: Int,
        _ setting: AcousticSetting
    ) -> AcousticChunk

    /// Releases the pages of mapped weights; they are read from the file again when they are needed.
    func releasePages()
}

extension AcousticModel {
    /// Values of the speaker embedding that `conditioning` takes; nil where it takes none.
    package var speakerEmbeddingCount: Int? {
        for case .speakerEmbedding(let count) in requiredInputs { return count }
        return nil
    }

    /// Most versions synthesize the sentences of a batch in any order.
    package func allowsBuckets(isParallel: Bool) -> Bool { true }

    /// Most versions have their full rate.
    package var allowsSuperSampling: Bool { false }

    /// Most versions speak without a prompt.
    package var requiresPrompt: Bool { false }

    /// Most versions are conditioned by the clips alone.
    package func conditioning(
        _ clips: AcousticConditioning, prompt: AcousticPrompt?
    ) -> AcousticConditioning { clips }
}

/// Reads a checkpoint of any version and picks the model that it belongs to.
package enum AcousticModelFactory {
    /// Reads a `.pth` (or its converted form) at `path`.
    ///
    /// - Parameter pretrained: what the version may need beside it.
    /// - Throws: `CheckpointError`, `ModelError`.
    package static func open(_ path: String, pretrained: PretrainedFiles) throws -> any AcousticModel {
        let checkpoint = try checkpoint(path, pretrained: pretrained)
        // SoVITS refuses what is neither.
        return FlowMatching.isSupported(checkpoint)
            ? try FlowMatching(checkpoint, pretrained: pretrained) : try SoVITS(checkpoint)
    }

    /// Phonemes of v1 and of the later versions.
    private static let symbolCounts = [322, 732]

    /// The tensors of a whole model: those of the file at `path`, or, if it is a LoRA, of the model that it was trained on
    /// with the updates added. No model knows of LoRA.
    ///
    /// - Throws: `CheckpointError`; `ModelError` when the base is not there, with the path.
    package static func checkpoint(_ path: String, pretrained: PretrainedFiles) throws -> Checkpoint {
        let checkpoint = try Checkpoint.open(path)
        guard checkpoint.kind == .soVITS else { return checkpoint }
        let embedding = "enc_p.text_embedding.weight"
        if let rows = checkpoint.tensors[embedding]?.shape.first, !symbolCounts.contains(rows) {
            throw ModelError(
                path: path, key: embedding,
                reason:
                    "has \(rows) rows; the symbol tables have \(symbolCounts[0]) (v1) and \(symbolCounts[1])")
        }
        let version = checkpoint.soVITSVersion
        guard version.isLoRA else { return checkpoint }
        guard let base = version.baseFile.map({ "\(pretrained.folder)/\($0)" }) else {
            throw ModelError(
                path: path, key: "version",
                reason: "is a LoRA of \(version.modelVersion.rawValue); v3 and v4 have them")
        }
        guard let found = ConvertedFile.original(base) else {
            throw ModelError(
                path: path, key: "LoRA",
                reason:
                    "changes the base model of \(version.modelVersion.rawValue), which is not there: \(base)")
        }
        return try checkpoint.merged(onto: try Checkpoint.open(found))
    }
}
