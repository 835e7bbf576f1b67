/// A row-major array of single-precision numbers.
///
/// Value semantics with copy-on-write: copies share storage, and an operation that writes copies shared storage first. Axes go by the glossary B batch, T time, C channels, H heads, D head size, N samples, F frequency
/// bins, V vocabulary. Sequences are time-major, `[T, C]`: a row is one time step, and a convolution over time
/// is a product of consecutive rows with a matrix.
package struct Tensor: Sendable {
    /// Sizes of the axes, slowest first.
    package let shape: [Int]
    var storage: Storage

    /// Number of elements.
    package var count: Int { shape.reduce(1, *) }

    /// Memory of the given shape with undefined contents, for an operation that fills it.
    init(uninitialized shape: [Int]) {
        precondition(shape.allSatisfy { $0 >= 0 }, "Tensor: negative size in \(shape)")
        self.shape = shape
        storage = Storage(count: shape.reduce(1, *))
    }

    init(shape: [Int], storage: Storage) {
        self.shape = shape
        self.storage = storage
    }

    /// A tensor of one repeated value.
    package init(repeating value: Float = 0, _ shape: [Int]) {
        self.init(uninitialized: shape)
        storage.pointer.update(repeating: value, count: count)
    }

    /// A tensor with the given contents in row-major order.
    package init(_ values: [Float], _ shape: [Int]) {
        precondition(
            values.count == shape.reduce(1, *), "Tensor: \(values.count) values do not fill \(shape)")
        self.init(uninitialized: shape)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { storage.pointer.update(from: base, count: values.count) }
        }
    }

    /// A tensor whose contents are written by `fill`, which must write every element.
    package init(_ shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
        self.init(uninitialized: shape)
        try fill(UnsafeMutableBufferPointer(start: storage.pointer, count: count))
    }

    /// The contents in row-major order.
    package var values: [Float] { Array(UnsafeBufferPointer(start: storage.pointer, count: count)) }

    /// Whether the elements lie in a mapped file.
    package var isMapped: Bool { storage.isMapped }

    /// One element of a matrix.
    package subscript(_ row: Int, _ column: Int) -> Float {
        precondition(
            shape.count == 2 && (0..<shape[0]).contains(row) && (0..<shape[1]).contains(column),
            "Tensor: [\(row), \(column)] is outside \(shape)")
        return storage.pointer[row * shape[1] + column]
    }

    /// The two sizes of a matrix; `place` names the operation when the rank is wrong.
    package func dims2(_ place: String) -> (Int, Int) {
        precondition(shape.count == 2, "\(place): expected 2 axes, found \(shape)")
        return (shape[0], shape[1])
    }

    /// The sizes of a matrix whose second axis must have `columns` entries.
    package func dims2(_ place: String, columns: Int) -> (Int, Int) {
        precondition(
            shape.count == 2 && shape[1] == columns, "\(place): expected [*, \(columns)], found \(shape)")
        return (shape[0], shape[1])
    }

    /// The same elements under another shape.
    package func reshaped(_ newShape: [Int]) -> Tensor {
        precondition(newShape.reduce(1, *) == count, "reshape: \(shape) cannot become \(newShape)")
        return Tensor(shape: newShape, storage: storage)
    }

    var pointer: UnsafePointer<Float> { UnsafePointer(storage.pointer) }

    /// Read access to the elements for the duration of `body`.
    package func withElements<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        try withExtendedLifetime(storage) {
            try body(UnsafeBufferPointer(start: storage.pointer, count: count))
        }
    }

    /// Write access to the elements; storage shared with another tensor is copied first.
    package mutating func mutate<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R {
        if storage.isMapped || !isKnownUniquelyReferenced(&storage) {
            let fresh = Storage(count: count)
            fresh.pointer.update(from: storage.pointer, count: count)
            storage = fresh
        }
        return try body(UnsafeMutableBufferPointer(start: storage.pointer, count: count))
    }
}
