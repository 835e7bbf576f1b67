import Checkpoint
import Tensor

extension WeightScope {
    /// This layer's packed weights: those that a converted file has in this form, else those that `pack` makes, which are
    /// taken down for a file that is being converted. (But not of a single output: a row of dot products, packed by copying.)
    func packed(
        _ form: PackedConvolution.Form, pack: () throws(CheckpointError) -> Tensor
    ) throws(CheckpointError) -> Tensor {
        if let known = prepared(form: form.name, shape: form.shape).flatMap({ Tensor(mapping: $0) }) {
            return known
        }
        let made = try pack()
        if form.outputs > 1 { note(form: form.name, shape: form.shape) { made.values } }
        return made
    }
}
