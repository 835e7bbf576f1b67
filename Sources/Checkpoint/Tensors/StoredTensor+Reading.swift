import Files

extension StoredTensor {
    /// All elements as 32-bit floats, row-major.
    ///
    /// binary16 and bfloat16 widen exactly, binary64 is rounded to the nearest.
    ///
    /// - Throws: `wrongElementType` when the tensor holds integers.
    package func floats() throws(CheckpointError) -> [Float] {
        guard elementType.isFloat else {
            throw CheckpointError.wrongElementType(
                path: file.path, key: name, expected: "floating point numbers", found: elementType)
        }
        return [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
            copyFloats(into: UnsafeMutableBufferPointer(rebasing: buffer[0..<elementCount]))
            count = elementCount
        }
    }

    /// Writes all elements as 32-bit floats, row-major, into `target`.
    ///
    /// - Precondition: `target` has room for exactly `elementCount` floats, and `elementType.isFloat`.
    package func copyFloats(into target: UnsafeMutableBufferPointer<Float>) {
        precondition(target.count == elementCount, "copyFloats: \(target.count) for \(elementCount) elements")
        precondition(elementType.isFloat, "copyFloats: \(name) holds \(elementType)")
        guard let out = target.baseAddress, elementCount > 0 else { return }
        if let update { return update.copy(into: target) }
        if let blocks, let scales = rowScales() {
            gather(UInt8.self) { source, stride, offset, count in
                let scale = scales[offset / blocks.columns]
                for i in 0..<count {
                    out[offset + i] = Float(Int8(bitPattern: source(i * stride))) * scale
                }
            }
            return
        }
        switch elementType {
        case .float16:
            gather(UInt16.self) { source, stride, offset, count in
                for i in 0..<count { out[offset + i] = HalfPrecision.widen(source(i * stride)) }
            }
        case .bfloat16:
            gather(UInt16.self) { source, stride, offset, count in
                for i in 0..<count { out[offset + i] = Float(bitPattern: UInt32(source(i * stride)) << 16) }
            }
        case .float64:
            gather(UInt64.self) { source, stride, offset, count in
                for i in 0..<count { out[offset + i] = Float(Double(bitPattern: source(i * stride))) }
            }
        default:
            gather(UInt32.self) { source, stride, offset, count in
                for i in 0..<count { out[offset + i] = Float(bitPattern: source(i * stride)) }
            }
        }
        withExtendedLifetime(file) {}
    }

    /// All elements as integers, row-major. `bool` gives 0 and 1.
    ///
    /// - Throws: `wrongElementType` when the tensor holds floating point numbers.
    package func integers() throws(CheckpointError) -> [Int64] {
        guard !elementType.isFloat else {
            throw CheckpointError.wrongElementType(
                path: file.path, key: name, expected: "integers", found: elementType)
        }
        return [Int64](unsafeUninitializedCapacity: elementCount) { buffer, count in
            switch elementType {
            case .int64: integers(Int64.self, into: buffer)
            case .int32: integers(Int32.self, into: buffer)
            case .int16: integers(Int16.self, into: buffer)
            case .int8: integers(Int8.self, into: buffer)
            default: integers(UInt8.self, into: buffer)
            }
            if elementType == .bool {
                for i in 0..<elementCount where buffer[i] != 0 { buffer[i] = 1 }
            }
            count = elementCount
        }
    }

    /// Writes all elements as `elementType`, row-major, into `target` of `elementCount * byteWidth` bytes.
    func copyElements(into target: UnsafeMutableRawBufferPointer) {
        precondition(
            target.count == elementCount * elementType.byteWidth, "copyElements: \(target.count) bytes")
        if blocks?.scalesOffset != nil || update != nil {
            let values = [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
                copyFloats(into: UnsafeMutableBufferPointer(rebasing: buffer[0..<elementCount]))
                count = elementCount
            }
            for (index, value) in values.enumerated() {
                target.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: index * 4, as: UInt32.self)
            }
            return
        }
        switch elementType.byteWidth {
        case 8: copyElements(UInt64.self, into: target)
        case 4: copyElements(UInt32.self, into: target)
        case 2: copyElements(UInt16.self, into: target)
        default: copyElements(UInt8.self, into: target)
        }
    }

    private func copyElements<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, into target: UnsafeMutableRawBufferPointer
    ) {
        let width = MemoryLayout<T>.size
        gather(type) { source, stride, offset, count in
            for i in 0..<count {
                target.storeBytes(
                    of: source(i * stride).littleEndian, toByteOffset: (offset + i) * width, as: type)
            }
        }
    }

    private func integers<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, into out: UnsafeMutableBufferPointer<Int64>
    ) {
        gather(type) { source, stride, offset, count in
            for i in 0..<count { out[offset + i] = Int64(source(i * stride)) }
        }
    }

    /// Walks the elements row by row, a row being the longest run with one stride.
    ///
    /// - Parameter row: gets a reader for the row's elements (by distance from the row's first element, in
    ///   elements), the stride, the row's place in row-major order, and its length.
    @inline(__always)
    func gather<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type,
        row: (_ source: (Int) -> T, _ stride: Int, _ offset: Int, _ count: Int) -> Void
    ) {
        guard elementCount > 0, let base = reachableBytes.baseAddress else { return }
        let width = MemoryLayout<T>.size
        func visit(_ start: Int, _ stride: Int, _ offset: Int, _ count: Int) {
            let first = base + start * width
            row(
                { T(littleEndian: first.loadUnaligned(fromByteOffset: $0 * width, as: T.self)) }, stride,
                offset, count)
        }
        if isContiguous { return visit(0, 1, 0, elementCount) }
        if let blocks {
            for row in 0..<blocks.rows {
                visit(
                    blocks.start(ofRow: row), blocks.rowsPerBlock, row * blocks.columns, blocks.columns)
            }
            return
        }
        let rowCount = shape.last ?? 1
        let rowStride = strides.last ?? 1
        var index = [Int](repeating: 0, count: shape.count - 1)
        var start = 0
        for offset in stride(from: 0, to: elementCount, by: rowCount) {
            visit(start, rowStride, offset, rowCount)
            for axis in index.indices.reversed() {
                index[axis] += 1
                start += strides[axis]
                if index[axis] < shape[axis] { break }
                start -= shape[axis] * strides[axis]
                index[axis] = 0
            }
        }
    }
}
