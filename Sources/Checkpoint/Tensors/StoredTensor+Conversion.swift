import Files

extension StoredTensor {
    /// All elements in the element type `type`, row-major and little-endian.
    ///
    /// - Parameter type: the tensor's own, `float16` or `float32`.
    /// - Throws: `valuesDoNotFit` when a finite value would become infinite (infinities of the source stay what they
    ///   are), `wrongElementType` when integers are to become floating point numbers.
    package func bytes(as type: ElementType) throws(CheckpointError) -> [UInt8] {
        if type == elementType { return elements() }
        let values = try floats()
        try checkRange(values, type)
        switch type {
        case .float16:
            return values.map { HalfPrecision.narrow($0).littleEndian }.withUnsafeBytes { Array($0) }
        case .float32: return values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Array($0) }
        default: preconditionFailure("StoredTensor.bytes: \(elementType) as \(type)")
        }
    }

    /// All elements as `elementType`, row-major.
    private func elements() -> [UInt8] {
        let count = elementCount * elementType.byteWidth
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            let target = UnsafeMutableBufferPointer(rebasing: buffer[0..<count])
            copyElements(into: UnsafeMutableRawBufferPointer(target))
            written = count
        }
    }

    /// Refuses finite values that would become infinite.
    private func checkRange(_ values: [Float], _ type: ElementType) throws(CheckpointError) {
        var count = 0
        var largest: Float = 0
        if elementType == .float64, values.contains(where: \.isInfinite) {
            count = finiteOverflows()
            largest = .infinity
        }
        if type == .float16 {
            // 65,520 is the first value that rounds to infinity.
            for value in values where value.magnitude >= 65_520 && value.isFinite {
                count += 1
                largest = max(largest, value.magnitude)
            }
        }
        guard count == 0 else {
            throw CheckpointError.valuesDoNotFit(
                path: file.path, key: name, count: count, largest: largest, type: type)
        }
    }

    /// How many finite binary64 elements become infinite as 32-bit floats.
    private func finiteOverflows() -> Int {
        var count = 0
        gather(UInt64.self) { source, stride, _, length in
            for i in 0..<length {
                let value = Double(bitPattern: source(i * stride))
                if value.isFinite, Float(value).isInfinite { count += 1 }
            }
        }
        return count
    }
}
