public import Checkpoint

extension Tensor {
    /// A checkpoint tensor, widened to single precision, under its own shape.
    public init(_ stored: StoredTensor) {
        self.init(uninitialized: stored.shape)
        stored.copyFloats(into: UnsafeMutableBufferPointer(start: storage.pointer, count: count))
    }
}

extension WeightMatrix {
    /// A checkpoint tensor as a matrix `[first axis, product of the others]`. Contiguous half and single precision
    /// stay where the file is mapped; anything else is widened into memory.
    public init(_ stored: StoredTensor) {
        let rows = stored.shape.first ?? 0
        let columns = stored.shape.dropFirst().reduce(1, *)
        if stored.elementType == .float16, let bytes = stored.contiguousBytes(), let base = bytes.baseAddress,
            UInt(bitPattern: base) % 2 == 0
        {
            self.init(
                halves: base.assumingMemoryBound(to: UInt16.self), rows: rows, columns: columns,
                owner: stored.file)
        } else if stored.elementType == .float32, let bytes = stored.contiguousBytes(),
            let base = bytes.baseAddress, UInt(bitPattern: base) % 4 == 0
        {
            self.init(
                floats: base.assumingMemoryBound(to: Float.self), rows: rows, columns: columns,
                owner: stored.file)
        } else {
            self.init(Tensor(stored).reshaped([rows, columns]))
        }
    }
}
