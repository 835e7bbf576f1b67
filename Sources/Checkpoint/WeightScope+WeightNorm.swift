extension WeightScope {
    /// A weight that is stored normalised, w = g · v / ‖v‖, folded into one array (row-major, 32-bit floats).
    ///
    /// Equals `torch.nn.utils.weight_norm`. Reads the old spelling (`weight_g`, `weight_v`) and the new one
    /// (`parametrizations.weight.original0`, `…original1`); a plain `weight` is returned as it is. The norm is
    /// taken over all axes but the one that g keeps: axis 0 in all of GPT-SoVITS, axis 2 in HuBERT's positional
    /// convolution. As upstream widens the file's elements first, v and g are widened to 32 bits; the sum of
    /// squares is accumulated in 64 bits and its root rounded to 32 (torch sums in 32 bits in an order of its
    /// own, so the last bit may differ).
    ///
    /// - Parameter shape: the shape of the folded weight, which is that of v.
    /// - Throws: `missingTensor`, `wrongShape`, `wrongElementType`.
    package func weightNorm(_ name: String = "weight", _ shape: [Int]) throws(CheckpointError) -> [Float] {
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
        let scales = values.withUnsafeBufferPointer { v in
            zip(gains, Self.squares(v, shape, axis)).map { gain, square in gain / Float(square.squareRoot()) }
        }
        values.withUnsafeMutableBufferPointer { v in
            scales.withUnsafeBufferPointer { Self.scale(v, shape, axis, by: $0) }
        }
        return values
    }

    /// Sums of squares over all axes but one. Elements with the same index on it form runs; where the runs are single
    /// elements, the sums of all indices are updated together.
    private static func squares(_ v: UnsafeBufferPointer<Float>, _ shape: [Int], _ axis: Int) -> [Double] {
        let (count, run) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
        return [Double](unsafeUninitializedCapacity: count) { sums, initialized in
            sums.initialize(repeating: 0)
            initialized = count
            for start in stride(from: 0, to: v.count, by: max(run * count, 1)) {
                if run == 1 {
                    for index in 0..<count {
                        sums[index] += Double(v[start + index]) * Double(v[start + index])
                    }
                } else {
                    for index in 0..<count {
                        sums[index] += sumOfSquares(v[start + index * run..<start + (index + 1) * run])
                    }
                }
            }
        }
    }

    /// Four independent sums, because a single one is bound by the latency of addition.
    private static func sumOfSquares(_ run: Slice<UnsafeBufferPointer<Float>>) -> Double {
        var sums = SIMD4<Double>()
        var index = run.startIndex
        while index + 4 <= run.endIndex {
            let x = SIMD4<Double>(
                Double(run[index]), Double(run[index + 1]), Double(run[index + 2]), Double(run[index + 3]))
            sums += x * x
            index += 4
        }
        var sum = sums[0] + sums[1] + (sums[2] + sums[3])
        while index < run.endIndex {
            sum += Double(run[index]) * Double(run[index])
            index += 1
        }
        return sum
    }

    private static func scale(
        _ v: UnsafeMutableBufferPointer<Float>, _ shape: [Int], _ axis: Int,
        by scales: UnsafeBufferPointer<Float>
    ) {
        let (count, run) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
        for start in stride(from: 0, to: v.count, by: max(run * count, 1)) {
            if run == 1 {
                for index in 0..<count { v[start + index] *= scales[index] }
            } else {
                for index in 0..<count {
                    let (scale, first) = (scales[index], start + index * run)
                    for i in first..<first + run { v[i] *= scale }
                }
            }
        }
    }
}
