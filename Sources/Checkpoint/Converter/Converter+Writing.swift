extension Converter {
    typealias Give = (UnsafeRawBufferPointer) throws(CheckpointError) -> Void

    /// Gives the bytes of one tensor of the new file.
    func write(_ item: PlannedTensor, _ give: Give) throws(CheckpointError) {
        switch item.form {
        case .rows: try convert(item.tensor, to: item.entry.elementType, give)
        case .panels: try writePanels(item, give)
        case .bytes, .scales: try quantize(item, give)
        }
    }

    /// Row-major elements in another type (or the same).
    private func convert(_ tensor: StoredTensor, to type: ElementType, _ give: Give) throws(CheckpointError) {
        if type == tensor.elementType {
            if tensor.isContiguous { return try give(tensor.unalignedBytes) }
            return try Self.give(tensor.elements(), to: give)
        }
        let values = try tensor.floats()
        try checkRange(of: tensor, values, type)
        if type == .float16 {
            try Self.give(values.map { HalfPrecision.narrow($0).littleEndian }, to: give)
        } else {
            try Self.give(values.map { $0.bitPattern.littleEndian }, to: give)
        }
    }

    /// Panels, converted to the entry's type; panels of that type as they are.
    private func writePanels(_ item: PlannedTensor, _ give: Give) throws(CheckpointError) {
        let type = item.entry.elementType
        if item.tensor.panels?.elementType == type { return try give(item.tensor.reachableBytes) }
        var rows: [UInt8] = []
        rows.reserveCapacity(item.tensor.elementCount * type.byteWidth)
        try convert(item.tensor, to: type) { bytes in rows += bytes }
        if type == .float16 {
            try Self.givePanels(UInt16.self, rows, item.tensor.shape, give)
        } else {
            try Self.givePanels(UInt32.self, rows, item.tensor.shape, give)
        }
    }

    /// Signed bytes and their scales: round(w / scale), scale = max |w| / 127 of the row.
    private func quantize(_ item: PlannedTensor, _ give: Give) throws(CheckpointError) {
        let (tensor, isScales) = (item.tensor, item.form == .scales)
        if let scales = tensor.panelScales() {
            return isScales ? try Self.give(scales, to: give) : try give(tensor.reachableBytes)
        }
        let matrix = try ByteMatrix(tensor)
        if isScales {
            var scales = matrix.scales
            let padded = StoredPanels.count(scales.count) * StoredPanels.width
            scales += repeatElement(0, count: padded - scales.count)
            try Self.give(scales.map { $0.bitPattern.littleEndian }, to: give)
        } else {
            try Self.givePanels(UInt8.self, matrix.elements, tensor.shape, give)
        }
    }

    /// Rewrites row-major elements `[N, K]` panel by panel.
    private static func givePanels<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type, _ rows: [UInt8], _ shape: [Int], _ give: Give
    ) throws(CheckpointError) {
        let (N, K) = (shape[0], shape[1])
        let width = MemoryLayout<T>.size
        for first in stride(from: 0, to: N, by: StoredPanels.width) {
            var panel = [T](repeating: 0, count: K * StoredPanels.width)
            rows.withUnsafeBytes { source in
                for lane in 0..<min(StoredPanels.width, N - first) {
                    let row = (first + lane) * K
                    for k in 0..<K {
                        panel[k * StoredPanels.width + lane] = source.loadUnaligned(
                            fromByteOffset: (row + k) * width, as: type)
                    }
                }
            }
            try Self.give(panel, to: give)
        }
    }

    /// Refuses finite values that would become infinite. Infinities of the source stay what they are.
    private func checkRange(of tensor: StoredTensor, _ values: [Float], _ type: ElementType)
        throws(CheckpointError)
    {
        var count = 0
        var largest: Float = 0
        if tensor.elementType == .float64, values.contains(where: \.isInfinite) {
            count = tensor.finiteOverflows()
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
                path: source.path, key: tensor.name, count: count, largest: largest, type: type)
        }
    }

    static func give<T: BitwiseCopyable>(_ values: [T], to give: Give) throws(CheckpointError) {
        let result = values.withUnsafeBytes { (bytes) -> Result<Void, CheckpointError> in
            Result { () throws(CheckpointError) in try give(bytes) }
        }
        try result.get()
    }
}

extension StoredTensor {
    /// All elements as `elementType`, row-major.
    fileprivate func elements() -> [UInt8] {
        let count = elementCount * elementType.byteWidth
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            let target = UnsafeMutableBufferPointer(rebasing: buffer[0..<count])
            copyElements(into: UnsafeMutableRawBufferPointer(target))
            written = count
        }
    }
}
