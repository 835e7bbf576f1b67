import Checkpoint
import Tensor

extension WeightScope {
    /// This layer's packed weights where a converted file has them in this form.
    func prepared(_ form: PackedConvolution.Form) -> Tensor? {
        prepared(form: form.name, shape: form.shape).flatMap { Tensor(mapping: $0) }
    }

    /// Takes packed weights down for a file that is being converted. (A single output is a row of dot products, which is
    /// packed by copying.)
    func note(_ form: PackedConvolution.Form, _ weights: Tensor) {
        guard form.outputs > 1 else { return }
        note(form: form.name, shape: form.shape) { weights.values }
    }
}
