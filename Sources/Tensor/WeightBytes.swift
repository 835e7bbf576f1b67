import TensorKernelTable

/// Element types of weights in memory.
package enum WeightType: Sendable {
    /// IEEE binary16.
    case float16
    /// IEEE binary32.
    case float32
    /// Signed bytes with a scale per output.
    case int8

    var byteWidth: Int {
        switch self {
        case .float16: 2
        case .float32: 4
        case .int8: 1
        }
    }

    /// Whether memory begins at a multiple of the element's width.
    fileprivate func isAligned(_ bytes: UnsafeRawBufferPointer) -> Bool {
        UInt(bitPattern: bytes.baseAddress) % UInt(byteWidth) == 0
    }
}

extension Tensor {
    /// Single-precision elements in memory that `owner` keeps alive and nothing changes, such as a mapped file; nil
    /// unless they begin at a multiple of 64 bytes, as kernels require of weights.
    package init?(mapping bytes: UnsafeRawBufferPointer, _ shape: [Int], owner: any AnyObject & Sendable) {
        let count = shape.reduce(1, *)
        guard let base = bytes.baseAddress, UInt(bitPattern: base) % 64 == 0, bytes.count == count * 4 else {
            return nil
        }
        self.init(
            shape: shape,
            storage: Storage(mapped: base.assumingMemoryBound(to: Float.self), count: count, owner: owner))
    }
}

extension EmbeddingTable {
    /// A table `[V, C]` in memory that `owner` keeps alive and nothing changes: half precision at a multiple of two
    /// bytes, or single precision at any alignment. nil for others.
    package init?(
        mapping bytes: UnsafeRawBufferPointer, of type: WeightType, rows: Int, columns: Int,
        owner: any AnyObject & Sendable
    ) {
        guard let base = bytes.baseAddress, bytes.count == rows * columns * type.byteWidth else { return nil }
        switch type {
        case .float16:
            guard type.isAligned(bytes) else { return nil }
            self.init(
                halves: base.assumingMemoryBound(to: UInt16.self), rows: rows, columns: columns, owner: owner)
        case .float32: self.init(floats: base, rows: rows, columns: columns, owner: owner)
        case .int8: return nil
        }
    }
}

extension PackedMatrix {
    /// Outputs of a panel.
    package static let panelOutputs = 16

    /// Shape of the panels of a matrix `[N, K]`: `[panels, K, 16]`.
    package static func panelShape(outputs: Int, inputs: Int) -> [Int] {
        [panels(outputs), inputs, panelOutputs]
    }

    /// Panels in memory that `owner` keeps alive and nothing changes, such as a mapped file. nil unless they begin at a
    /// multiple of their element's width.
    ///
    /// - Parameter scales: of signed bytes, one per output to the end of the last panel.
    package init?(
        panels bytes: UnsafeRawBufferPointer, of type: WeightType, scales: [Float] = [], outputs: Int,
        inputs: Int,
        owner: any AnyObject & Sendable
    ) {
        let padded = Self.panels(outputs) * Self.panelOutputs
        guard let base = bytes.baseAddress, type.isAligned(bytes),
            bytes.count == padded * inputs * type.byteWidth, type != .int8 || scales.count == padded
        else { return nil }
        let elements: Elements =
            switch type {
            case .float16: .half(base.assumingMemoryBound(to: UInt16.self), owner: owner)
            case .float32: .float(base.assumingMemoryBound(to: Float.self), owner: owner)
            case .int8:
                .byte(
                    base.assumingMemoryBound(to: Int8.self), scales: Tensor(scales, [scales.count]),
                    owner: owner)
            }
        self.init(outputs: outputs, inputs: inputs, elements: elements)
    }

    /// Packs a row-major matrix `[N, K]` of half-precision elements, which stay so. nil unless they begin at a multiple
    /// of two bytes.
    package init?(rowMajorHalves bytes: UnsafeRawBufferPointer, outputs: Int, inputs: Int) {
        guard let base = bytes.baseAddress, WeightType.float16.isAligned(bytes),
            bytes.count == outputs * inputs * 2
        else { return nil }
        let halves = base.assumingMemoryBound(to: UInt16.self)
        self.init(outputs: outputs, inputs: inputs) { (packed: UnsafeMutablePointer<UInt16>, owner) in
            Self.pack(halves, outputs, inputs, zero: 0, into: packed, by: Kernels.table.packPanelF16)
            return .half(packed, owner: owner)
        }
    }

    /// Packs a matrix `[N, K]` that is stored column after column, at any alignment; half precision stays half
    /// precision. nil for signed bytes.
    package init?(columnMajor bytes: UnsafeRawBufferPointer, of type: WeightType, outputs: Int, inputs: Int) {
        guard let base = bytes.baseAddress, bytes.count == outputs * inputs * type.byteWidth else {
            return nil
        }
        switch type {
        case .float16:
            self.init(outputs: outputs, inputs: inputs) { (packed: UnsafeMutablePointer<UInt16>, owner) in
                Self.pack(columnMajor: base, outputs, inputs, zero: 0, into: packed)
                return .half(packed, owner: owner)
            }
        case .float32:
            self.init(outputs: outputs, inputs: inputs) { (packed: UnsafeMutablePointer<Float>, owner) in
                Self.pack(columnMajor: base, outputs, inputs, zero: 0, into: packed)
                return .float(packed, owner: owner)
            }
        case .int8: return nil
        }
    }

    /// Packs a row-major matrix `[N, K]` of signed bytes, w ≈ byte · scale of its row.
    package init(bytes: [Int8], scales: [Float], outputs: Int, inputs: Int) {
        precondition(
            bytes.count == outputs * inputs && scales.count == outputs,
            "PackedMatrix: \(bytes.count) bytes, \(scales.count) scales for [\(outputs), \(inputs)]")
        let padded = Self.panels(outputs) * Self.panelOutputs
        let padding = [Float](repeating: 0, count: padded - outputs)
        self.init(outputs: outputs, inputs: inputs) { (packed: UnsafeMutablePointer<Int8>, owner) in
            for output in 0..<outputs {
                let row = packed + output / 16 * 16 * inputs + output % 16
                for input in 0..<inputs { row[input * 16] = bytes[output * inputs + input] }
            }
            return .byte(packed, scales: Tensor(scales + padding, [padded]), owner: owner)
        }
    }

    /// The type of the packed elements.
    package var weightType: WeightType {
        switch elements {
        case .half: .float16
        case .float: .float32
        case .byte: .int8
        }
    }

    /// The scales of signed bytes, one per output to the end of the last panel; nil for other types.
    package var scales: [Float]? {
        if case .byte(_, let scales, _) = elements { scales.values } else { nil }
    }

    /// Passes the panels, `panelShape` elements, to `body`; the pointer must not escape it.
    package func withPanels<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        let count = Self.panels(outputs) * Self.panelOutputs * inputs * weightType.byteWidth
        let base: UnsafeRawPointer =
            switch elements {
            case .half(let base, _): UnsafeRawPointer(base)
            case .float(let base, _): UnsafeRawPointer(base)
            case .byte(let base, _, _): UnsafeRawPointer(base)
            }
        // `self` owns the memory and lives until `body` returns.
        defer { withExtendedLifetime(elements) {} }
        return try body(UnsafeRawBufferPointer(start: base, count: count))
    }
}

extension Tensor {
    /// Passes the elements' bytes to `body`; the pointer must not escape it.
    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(start: storage.pointer, count: count * 4))
    }
}
