/// Weights of the features of an averaged perceptron by name: a hash table with open addressing, mapped from a pack.
struct FeatureWeights: Sendable {
    /// Feature in each slot, `none` for an empty slot; a power of two of them, at most half in use.
    private let slots: PackArray<UInt32>
    private let mask: Int
    /// Where the name of each feature begins, and after the last the end.
    private let nameStart: PackArray<UInt32>
    private let names: PackArray<UInt8>
    /// Where the weights of each feature begin, and after the last the end: a tag and a value each.
    private let weightStart: PackArray<UInt32>
    private let tags: PackArray<UInt8>
    private let values: PackDoubles

    init(_ reader: inout PackReader) throws(TextError) {
        let slotCount = try reader.count()
        let count = try reader.count()
        let nameBytes = try reader.count()
        let weightCount = try reader.count()
        guard slotCount > 0, slotCount & (slotCount - 1) == 0, count <= slotCount / 2 else {
            throw reader.damaged("\(count) features in \(slotCount) slots")
        }
        slots = try reader.array(UInt32.self, count: slotCount)
        mask = slotCount - 1
        nameStart = try reader.array(UInt32.self, count: count + 1)
        weightStart = try reader.array(UInt32.self, count: count + 1)
        try reader.align()
        values = try reader.doubles(count: weightCount)
        tags = try reader.array(UInt8.self, count: weightCount)
        names = try reader.array(UInt8.self, count: nameBytes)
    }

    /// Adds a feature's weights to the scores of tags; nothing for a feature without weights.
    @inline(__always)
    func add(_ name: [UInt8], to scores: inout [Double]) {
        var slot = Self.hash(name) & mask
        for _ in 0...mask {
            let feature = slots[slot]
            if feature == PackFormat.none { return }
            if isNamed(Int(feature), name) { return add(Int(feature), to: &scores) }
            slot = (slot + 1) & mask
        }
    }

    private func add(_ feature: Int, to scores: inout [Double]) {
        let end = min(Int(weightStart[feature + 1]), values.count)
        var index = Int(weightStart[feature])
        while index < end {
            let tag = Int(tags[index])
            if tag < scores.count { scores[tag] += values[index] }
            index += 1
        }
    }

    @inline(__always)
    private func isNamed(_ feature: Int, _ name: [UInt8]) -> Bool {
        let start = Int(nameStart[feature])
        guard Int(nameStart[feature + 1]) - start == name.count else { return false }
        for index in name.indices where names[start + index] != name[index] { return false }
        return true
    }

    /// FNV-1a, with its high bits folded in.
    @inline(__always)
    private static func hash(_ name: [UInt8]) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7FFF_FFFF)
    }
}
