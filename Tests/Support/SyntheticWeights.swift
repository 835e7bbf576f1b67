import Checkpoint

/// One deliberate mistake in a set of weights, to show that a comparison notices it.
package struct WeightDamage: Sendable {
    /// The tensor's key.
    package let tensor: String
    /// The two entries of its first axis (of more than one entry) that are swapped; nil for the first and the
    /// one that differs most from it. In front of a ReLU, where some units are 0, nil reverses all
    /// rows. A single number is raised by ½.
    package let rows: (Int, Int)?

    /// Swaps two rows of a tensor.
    package init(_ tensor: String, rows: (Int, Int)? = nil) {
        self.tensor = tensor
        self.rows = rows
    }
}

/// Values of synthetic weights: `base + scale · uniform(tag/key)`, rounded to half precision, so that storing
/// them as 16-bit floats loses nothing.
///
/// No tensor has a value that an implementation could omit without a visible error: gains are near 1 but not 1, biases are
/// not 0, and matrices preserve the scale of their inputs (scale = gain · √(3 / fan-in)).
package enum SyntheticWeights {
    /// Gains of matrices by a part of their key; the last match wins.
    private static let gains: [(part: String, gain: Float)] = [
        ("q_proj", 1.5), ("k_proj", 1.5), ("query", 1.5), ("key.", 1.5), ("conv_q", 1.5), ("conv_k", 1.5),
        ("w_qs", 1.5), ("w_ks", 1.5), ("in_proj_weight", 1.25), ("ar_predict_layer", 2.5),
        ("enc_p.proj", 0.5),
        (".post.", 0.5), ("feature_extractor", 2), ("dec.conv_post", 0.25),
    ]

    /// Centre and half width of the values of a tensor.
    static func rule(_ key: String, _ shape: [Int]) -> (base: Float, scale: Float) {
        let name = key.split(separator: ".").last ?? ""
        if key.hasSuffix("weight_g") { return (key.contains("ups.") ? 1.5 : 1, 0.2) }
        if name == "alpha" { return (1.5, 0.2) }
        if key.lowercased().contains("norm"), !key.contains(".linear.") {
            return name == "bias" || name == "beta" ? (0, 0.1) : (1, 0.2)
        }
        switch name {
        case "bias", "in_proj_bias": return (0, 0.1)
        case "inited": return (1, 0)
        case "cluster_size": return (5, 2)
        case "embed", "embed_avg": return (0, 1.7)
        case "emb_rel_k", "emb_rel_v", "masked_spec_embed": return (0, 0.5)
        default: break
        }
        if key.contains("embedding") { return (0, 1.7) }
        let gain = gains.last { key.contains($0.part) }?.gain ?? 1
        return (0, gain * (3 / Float(shape.dropFirst().reduce(1, *))).squareRoot())
    }

    /// The values of a tensor, row-major, each of them exact in half precision.
    ///
    /// - Parameter end: names the stream of the prediction layer's last row. That row decides when speech
    ///   ends; its stream is chosen so that a tiny model ends after about a second of speech.
    static func values(tag: String, key: String, shape: [Int], end: Int) -> [Float] {
        let (base, scale) = rule(key, shape)
        var values = SyntheticNumbers.uniform("\(tag)/\(key)", shape.reduce(1, *)).map { base + scale * $0 }
        if key.hasSuffix("ar_predict_layer.weight"), shape.count == 2, shape[0] > 0 {
            let row = SyntheticNumbers.uniform("\(tag)/end/\(end)", shape[1]).map { scale * $0 * 2 }
            values.replaceSubrange(values.count - row.count..<values.count, with: row)
        }
        return values.map { Float(Float16($0)) }
    }

    /// Applies a damage to the values of the tensor it names.
    static func damage(_ values: inout [Float], shape: [Int], _ damage: WeightDamage) {
        guard let axis = shape.firstIndex(where: { $0 > 1 }) else {
            for i in values.indices { values[i] += 0.5 }
            return
        }
        // All axes before this one have one entry.
        let size = shape[(axis + 1)...].reduce(1, *)
        var swaps = [damage.rows ?? (0, farthestRow(values, count: shape[axis], size: size))]
        if damage.rows == nil, [".linear1.", ".conv_1."].contains(where: damage.tensor.contains) {
            swaps = (0..<shape[axis] / 2).map { ($0, shape[axis] - 1 - $0) }
        }
        for (a, b) in swaps {
            for i in 0..<size { values.swapAt(a * size + i, b * size + i) }
        }
    }

    private static func farthestRow(_ values: [Float], count: Int, size: Int) -> Int {
        var best = (row: 0, distance: Float(0))
        for row in 0..<count {
            var distance: Float = 0
            for i in 0..<size { distance += abs(values[row * size + i] - values[i]) }
            if distance > best.distance { best = (row, distance) }
        }
        return best.row
    }
}
