public import Checkpoint

/// What a converted file may hold beside a model's weights, so that loading it does nothing but map it.
public enum Preparation {
    /// The packed convolutions of a SoVITS or HuBERT checkpoint; none for other networks, and for a HuBERT that has no
    /// `config.json` beside it.
    ///
    /// - Parameter folder: where a HuBERT's `config.json` lies.
    /// - Throws: what loading the model throws.
    public static func tensors(of checkpoint: Checkpoint, folder: String) throws -> [PreparedTensor] {
        let record = PreparationRecord()
        switch checkpoint.kind {
        case .soVITS where SoVITS.isSupported(checkpoint):
            _ = try SoVITS(checkpoint, record: record)
        case .huBERT:
            guard let config = try? ConfigFile(folder: folder) else { return [] }
            _ = try HuBERT(checkpoint, config, record: record)
        default: break
        }
        return record.tensors
    }
}
