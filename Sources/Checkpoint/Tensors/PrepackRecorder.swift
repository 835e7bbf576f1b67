import Synchronization

/// Records what layers prepack while a model is loaded, so that a converted file can hold it.
///
/// Layers ask it for the precision that the file is converted to: what they prepack is what they would make of the
/// converted weights.
package final class PrepackRecorder: Sendable {
    /// The precision of the converted file; nil keeps that of the source.
    package let precision: WeightPrecision?
    /// Whether forms beside the weights are recorded, which need further room in the file, or only those in their place.
    package let recordsForms: Bool

    private let recorded = Mutex<[String: PrepackedTensor]>([:])

    /// An empty record.
    package init(precision: WeightPrecision? = nil, recordsForms: Bool = true) {
        self.precision = precision
        self.recordsForms = recordsForms
    }

    package func add(_ tensor: PrepackedTensor) { recorded.withLock { $0[tensor.name] = tensor } }

    /// What was recorded, in the order of names.
    package var tensors: [PrepackedTensor] { recorded.withLock { $0.values.sorted { $0.name < $1.name } } }
}

extension WeightScope {
    /// This layer's prepacked weights in the file, if they have the form and shape that the caller reads. Then the weights
    /// themselves count as used.
    ///
    /// A file that was converted by a version with other forms loads as if nothing were prepacked.
    package func prepacked(form: String, shape: [Int]) -> StoredTensor? {
        guard recorder == nil, let item = checkpoint.prepacked[PrepackedIndex.name(prefix)],
            item.form == form,
            item.tensor.shape == shape
        else { return nil }
        markUsed(
            "weight", "weight_g", "weight_v", "parametrizations.weight.original0",
            "parametrizations.weight.original1")
        return item.tensor
    }
}
