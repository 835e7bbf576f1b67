package import Checkpoint

/// What the layers of a model prepack, for a converted file: loading it then only maps it.
package enum Prepacking {
    /// The prepacked weights of a checkpoint; none for networks that are not implemented, and for a HuBERT or BERT without
    /// its `config.json`.
    ///
    /// - Parameters:
    ///   - folder: the folder of `config.json`.
    ///   - precision: of the converted file; nil keeps that of the checkpoint.
    ///   - forms: whether convolutions are stored also as the kernels read them, which takes further room in the file.
    /// - Throws: what loading the model throws.
    package static func tensors(
        of checkpoint: Checkpoint, folder: String, precision: WeightPrecision? = nil, forms: Bool = true
    ) throws -> [PrepackedTensor] {
        let recorder = PrepackRecorder(precision: precision, recordsForms: forms)
        switch checkpoint.kind {
        case .textToSemantic: _ = try Text2Semantic(checkpoint, recorder: recorder)
        case .soVITS where SoVITS.isSupported(checkpoint): _ = try SoVITS(checkpoint, recorder: recorder)
        case .soVITS where FlowMatching.isSupported(checkpoint):
            _ = try FlowMatching.Network(checkpoint, recorder: recorder)
        case .huBERT:
            guard let config = try? ConfigFile(folder: folder) else { return [] }
            _ = try HuBERT(checkpoint, config, recorder: recorder)
        case .bert:
            guard let config = try? ConfigFile(folder: folder) else { return [] }
            _ = try BERT(checkpoint, config, allLayers: true, recorder: recorder)
        case .polyphones: _ = try G2PW(checkpoint, recorder: recorder)
        case .vocoder:
            if let config = try? ConfigFile(folder: folder) {
                _ = try Vocoder.bigVGAN(checkpoint, config, recorder: recorder)
            } else {
                _ = try Vocoder.hiFiGAN(checkpoint, recorder: recorder)
            }
        // Batch norms of the speaker network are folded into its weights at load.
        case .soVITS, .speakerVerification, .bandwidthExtension, .other: break
        }
        return recorder.tensors
    }
}
