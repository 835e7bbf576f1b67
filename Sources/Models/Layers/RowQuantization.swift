import Checkpoint
import Files

/// A matrix in signed bytes with a scale per row: w ≈ byte · scale.
///
/// Symmetric, rounded to nearest even; the largest magnitude of a row becomes 127, so an element is at most half a scale
/// off. Smaller scales, which clip the largest weights to round the others more finely, were tried: see Checkpoint's README.
struct RowQuantization {
    /// Row-major bytes, and one scale per row; 0 for a row of zeros.
    let bytes: [Int8], scales: [Float]

    /// Quantizes a matrix `[N, K]`.
    ///
    /// - Throws: `valuesDoNotFit` for an infinity or a NaN.
    init(_ tensor: StoredTensor) throws(CheckpointError) {
        let values = try tensor.floats()
        let rows = tensor.shape[0]
        let columns = rows == 0 ? 0 : values.count / rows
        var bytes = [Int8](repeating: 0, count: values.count)
        var scales = [Float](repeating: 0, count: rows)
        for row in scales.indices {
            let place = row * columns..<(row + 1) * columns
            var largest: Float = 0
            for value in values[place] {
                guard value.isFinite else {
                    throw CheckpointError.valuesDoNotFit(
                        path: tensor.file.path, key: tensor.name, count: 1, largest: value.magnitude,
                        type: .int8)
                }
                largest = max(largest, value.magnitude)
            }
            let scale = largest / 127
            // Below that, scales lose their digits; such a row is as good as zero.
            guard scale >= .leastNormalMagnitude else { continue }
            scales[row] = scale
            for index in place { bytes[index] = Int8((values[index] / scale).rounded(.toNearestOrEven)) }
        }
        (self.bytes, self.scales) = (bytes, scales)
    }
}
