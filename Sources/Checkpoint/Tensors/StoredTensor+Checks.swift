import Files

extension StoredTensor {
    /// Refuses elements that are not those that were written (where the file has checksums), or that are not finite.
    ///
    /// Reads all elements once, as packing them does afterwards.
    ///
    /// - Throws: `malformed`, `notFinite`.
    func check() throws(CheckpointError) {
        if let update {
            try update.base.check()
            try update.a.check()
            try update.b.check()
            return
        }
        guard elementCount > 0 else { return }
        try checksums?.check(at: byteOffset)
        guard elementType.isFloat, holdsNonFinite() else { return }
        let values = try floats()
        // A binary64 number that single precision cannot hold is found here, too: it would become infinite.
        guard let element = values.firstIndex(where: { !$0.isFinite }) else { return }
        throw CheckpointError.notFinite(path: file.path, key: name, element: element, value: values[element])
    }

    /// Whether an element may be infinite or no number; for layouts that are not scanned in place, true.
    private func holdsNonFinite() -> Bool {
        if let scales = rowScales() { return scales.contains { !$0.isFinite } }
        guard isContiguous || blocks != nil else { return true }
        switch blocks?.elementType ?? elementType {
        case .float16:
            return Self.hasFullExponent(reachableBytes, 0x7C00_7C00_7C00_7C00, 0x0400_0400_0400_0400)
        case .bfloat16:
            return Self.hasFullExponent(reachableBytes, 0x7F80_7F80_7F80_7F80, 0x0080_0080_0080_0080)
        case .float32:
            return Self.hasFullExponent(reachableBytes, 0x7F80_0000_7F80_0000, 0x0080_0000_0080_0000)
        default: return true
        }
    }

    /// Whether all bits of some element's exponent are set, eight bytes at a time: `carry` added to the bits of `exponents`
    /// reaches the sign's bit of an element if and only if they are all set, and never the next element.
    private static func hasFullExponent(
        _ bytes: UnsafeRawBufferPointer, _ exponents: UInt64, _ carry: UInt64
    ) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        let signs = exponents &+ carry
        let whole = bytes.count & ~7
        var found: UInt64 = 0
        for offset in stride(from: 0, to: whole, by: 8) {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            found |= (word & exponents) &+ carry
        }
        var last: UInt64 = 0
        for (place, byte) in bytes[whole...].enumerated() { last |= UInt64(byte) << UInt64(8 * place) }
        found |= (last & exponents) &+ carry
        return found & signs & (signs ^ exponents) != 0
    }
}
