package import Files

/// A tensor inside a mapped file: a type, a shape, strides, and the offset of its first element.
///
/// Nothing is copied when a checkpoint is opened. Every element that shape and strides can reach was checked to
/// be inside the tensor's storage, so reading never leaves the file.
package struct StoredTensor: Sendable {
    /// The key in the state dict, such as `enc_p.ssl_proj.weight`.
    package internal(set) var name: String
    /// The type of the elements as they are read.
    package let elementType: ElementType
    /// The size of every axis.
    package let shape: [Int]
    /// The distance between neighbours along every axis, in elements. 0 repeats one element. Empty for blocked rows.
    package let strides: [Int]
    /// The file that holds the elements.
    package let file: MappedFile
    /// The number of elements.
    package let elementCount: Int
    /// How the elements are stored if not by strides: in blocks of rows.
    package let blocks: BlockedRows?

    /// Offset of the first element in the file, in bytes.
    let byteOffset: Int
    /// Checksums of the parts of the file, where its format has them.
    var checksums: MemberChecksums?
    /// Matrices whose product is added to the stored elements; nil for almost all tensors.
    var update: LowRankUpdate?

    /// Most elements of a tensor that repeats stored ones (a stride of 0, or overlapping windows).
    ///
    /// Such a tensor can be larger than its file, so its size is bounded on its own: 2^26 elements are 256 MiB
    /// as 32-bit floats, several times the largest matrix of any supported model.
    static let maximumRepeated = 1 << 26

    /// Checks a tensor against its storage.
    ///
    /// - Parameters:
    ///   - storage: the storage's bytes in the file.
    ///   - offset: the first element, counted in elements from the storage's start.
    /// - Throws: `malformed` when any element is outside, `limitExceeded` for implausible sizes.
    init(
        name: String, elementType: ElementType, shape: [Int], strides: [Int], offset: Int,
        storage: Range<Int>,
        file: MappedFile
    ) throws(CheckpointError) {
        func malformed(_ reason: String) -> CheckpointError {
            .malformed(path: file.path, part: "tensor \"\(name)\"", reason: reason)
        }
        let width = elementType.byteWidth
        guard shape.count <= 16, shape.count == strides.count else {
            throw malformed("\(shape.count) axes with \(strides.count) strides")
        }
        guard storage.lowerBound >= 0, storage.upperBound <= file.byteCount, offset >= 0 else {
            throw malformed("offset \(offset) in storage \(storage) of a file of \(file.byteCount) bytes")
        }
        var count = 1
        var last = offset
        var overflow = false
        for (size, stride) in zip(shape, strides) {
            guard size >= 0, stride >= 0 else { throw malformed("shape \(shape), strides \(strides)") }
            (count, overflow) = count.multipliedReportingOverflow(by: max(size, 1))
            let (reach, tooFar) = max(size - 1, 0).multipliedReportingOverflow(by: stride)
            let (sum, beyond) = last.addingReportingOverflow(reach)
            guard !overflow, !tooFar, !beyond else { throw malformed("shape \(shape), strides \(strides)") }
            last = sum
        }
        let capacity = storage.count / width
        let isEmpty = shape.contains(0)
        guard isEmpty ? offset <= capacity : last < capacity else {
            throw malformed(
                "shape \(shape) with strides \(strides) from element \(offset) needs \(last) elements, "
                    + "its storage has \(capacity)")
        }
        guard isEmpty || count <= capacity - offset || count <= Self.maximumRepeated else {
            throw CheckpointError.limitExceeded(
                path: file.path, what: "elements of tensor \"\(name)\", which repeats stored ones",
                found: count,
                limit: Self.maximumRepeated)
        }
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.strides = strides
        self.file = file
        blocks = nil
        elementCount = isEmpty ? 0 : count
        byteOffset = storage.lowerBound + (isEmpty ? 0 : offset * width)
    }

    /// The same elements under another name.
    func renamed(_ name: String) -> StoredTensor {
        var tensor = self
        tensor.name = name
        return tensor
    }

    /// The sum of this matrix and a product, which is read as single precision.
    func adding(_ update: LowRankUpdate) -> StoredTensor { StoredTensor(self, update) }

    private init(_ base: StoredTensor, _ update: LowRankUpdate) {
        (name, elementType, shape) = (base.name, .float32, base.shape)
        strides = [base.shape[1], 1]
        (file, elementCount, byteOffset) = (base.file, base.elementCount, base.byteOffset)
        (blocks, checksums) = (nil, base.checksums)
        self.update = update
    }

    /// Whether the elements are row-major without gaps (axes of size 1 may have any stride).
    package var isContiguous: Bool {
        guard blocks == nil, update == nil else { return false }
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size != 1 {
            guard stride == expected || elementCount == 0 else { return false }
            expected *= size
        }
        return true
    }

    /// The elements as they are stored in the file: `elementCount * elementType.byteWidth` bytes, row-major.
    ///
    /// - Returns: nil when the tensor is not contiguous, or does not begin at a multiple of its element's width.
    ///   The pointer is valid while `file` lives; keep the tensor (or its file) as long as the pointer.
    package func contiguousBytes() -> UnsafeRawBufferPointer? {
        guard isContiguous, byteOffset % elementType.byteWidth == 0 else { return nil }
        return unalignedBytes
    }

    /// The elements of a matrix that is stored with its axes exchanged: column after column, at any alignment.
    ///
    /// - Returns: nil when the tensor is stored otherwise. The pointer is valid while `file` lives.
    package func columnMajorBytes() -> UnsafeRawBufferPointer? {
        guard shape.count == 2, strides == [1, shape[0]], elementCount > 0, update == nil else { return nil }
        return unalignedBytes
    }

    /// The elements as they are stored, as `contiguousBytes`, but at any alignment.
    package func contiguousUnalignedBytes() -> UnsafeRawBufferPointer? { isContiguous ? unalignedBytes : nil }

    /// Releases the pages that hold this tensor alone; a later access reads them from the file again. For weights that
    /// were copied into another layout, so that they do not count twice.
    package func releasePages() {
        if let update { return update.base.releasePages() }
        file.releasePages(of: reachableRange)
    }

    /// The bytes of a contiguous tensor, at any alignment.
    var unalignedBytes: UnsafeRawBufferPointer {
        file.bytes(byteOffset..<byteOffset + elementCount * elementType.byteWidth)
    }

    /// The bytes from the first element to the last that can be reached.
    var reachableBytes: UnsafeRawBufferPointer { file.bytes(reachableRange) }

    private var reachableRange: Range<Int> {
        guard elementCount > 0 else { return byteOffset..<byteOffset }
        if let blocks {
            let count = blocks.paddedRows * blocks.columns
            return byteOffset..<byteOffset + count * blocks.elementType.byteWidth
        }
        let last = zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
        return byteOffset..<byteOffset + (last + 1) * elementType.byteWidth
    }
}
