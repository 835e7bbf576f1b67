package import Checkpoint
import Models
import Tensor
package import TestSupport

/// A LoRA file merged onto its base, compared with `peft`.
package enum LoRAStage {
    /// The matrix that the golden has: the query projection of the first block.
    private static let matrix = "cfm.estimator.transformer_blocks.0.attn.to_q.weight"

    /// `base_to_q` before and `merged_to_q` after the update.
    package static func run(
        base: Checkpoint, merged: Checkpoint, _ comparison: inout Comparison
    ) throws {
        for (name, checkpoint) in [("base_to_q", base), ("merged_to_q", merged)] {
            let shape = try comparison.golden.shape(name)
            let values = try checkpoint.weights.floats(matrix, shape)
            try comparison.check(
                name, Tensor(values, shape), name == "base_to_q" ? .exact : Tolerances.hidden())
        }
    }
}
