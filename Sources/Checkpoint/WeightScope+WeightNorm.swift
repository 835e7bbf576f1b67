extension WeightScope {
    /// A weight that is stored normalised, w = g · v / ‖v‖, folded into one array (row-major, 32-bit floats).
    ///
    /// Equals `torch.nn.utils.weight_norm`. Reads the old spelling (`weight_g`, `weight_v`) and the new one
    /// (`parametrizations.weight.original0`, `…original1`); a plain `weight` is given back as it is. The norm is
    /// taken over all axes but the one that g keeps: axis 0 in all of GPT-SoVITS, axis 2 in HuBERT's positional
    /// convolution. As upstream widens the file's elements first, v and g are widened to 32 bits; the sum of
    /// squares is accumulated in 64 bits and its root rounded to 32 (torch sums in 32 bits in an order of its
    /// own, so the last bit may differ).
    ///
    /// - Parameter shape: the shape of the folded weight, which is that of v.
    /// - Throws: `missingTensor`, `wrongShape`, `wrongElementType`.
    public func weightNorm(_ name: String = "weight", _ shape: [Int]) throws(CheckpointError) -> [Float] {
        let spellings = [
            ("\(name)_g", "\(name)_v"),
            ("parametrizations.\(name).original0", "parametrizations.\(name).original1"),
        ]
        if let (gain, direction) = spellings.first(where: { has($0.1) }) {
            return try folded(gain, direction, shape)
        }
        // Neither spelling: a plain weight, or an error that names it.
        return try floats(has(name) ? name : "\(name)_v", shape)
    }

    private func folded(_ gain: String, _ direction: String, _ shape: [Int]) throws(CheckpointError)
        -> [Float]
    {
        var values = try floats(direction, shape)
        let gainShape = self.shape(of: gain) ?? []
        let axis = shape.indices.first { axis in
            gainShape == shape.indices.map { $0 == axis ? shape[axis] : 1 }
        }
        guard let axis else {
            // The usual shape, for the message.
            _ = try tensor(gain, shape.indices.map { $0 == 0 ? shape[0] : 1 })
            return values
        }
        let gains = try floats(gain, gainShape)
        // Elements with the same index on the axis lie in runs of `inner`, every `inner * shape[axis]`.
        let inner = shape[(axis + 1)...].reduce(1, *)
        let count = shape[axis]
        var squares = [Double](repeating: 0, count: count)
        for start in stride(from: 0, to: values.count, by: max(inner, 1)) {
            var sum = 0.0
            for value in values[start..<start + inner] { sum += Double(value) * Double(value) }
            squares[start / inner % count] += sum
        }
        let scales = zip(gains, squares).map { gain, square in gain / Float(square.squareRoot()) }
        for start in stride(from: 0, to: values.count, by: max(inner, 1)) {
            let scale = scales[start / inner % count]
            for index in start..<start + inner { values[index] *= scale }
        }
        return values
    }
}
