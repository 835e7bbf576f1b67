import Files

/// A matrix in signed bytes with a scale per row: w ≈ byte · scale.
///
/// Symmetric, to the nearest; the largest magnitude of a row becomes 127, so an element is at most half a scale off.
/// Smaller scales, which clip the largest weights to round the others more finely, were tried: see the folder's README.
struct ByteMatrix {
    /// Row-major bytes, and one scale per row; 0 for a row of zeros.
    let elements: [UInt8], scales: [Float]

    /// - Throws: `valuesDoNotFit` for an infinity or a NaN.
    init(_ tensor: StoredTensor) throws(CheckpointError) {
        let values = try tensor.floats()
        let columns = tensor.shape[1]
        var elements = [UInt8](repeating: 0, count: values.count)
        var scales = [Float](repeating: 0, count: tensor.shape[0])
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
            for index in place {
                elements[index] = UInt8(bitPattern: Int8((values[index] / scale).rounded(.toNearestOrEven)))
            }
        }
        (self.elements, self.scales) = (elements, scales)
    }
}
