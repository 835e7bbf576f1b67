import Files

/// Reads one section front to back. Every count is checked against the section's end, so a hostile pack is an error.
package struct PackReader {
    private let file: MappedFile
    private let name: String
    private var position: Int
    private let end: Int

    init(file: MappedFile, range: Range<Int>, name: String) {
        self.file = file
        self.name = name
        position = range.lowerBound
        end = range.upperBound
    }

    /// A `packDamaged` error about this section.
    package func damaged(_ reason: String) -> TextError {
        .packDamaged(path: file.path, reason: "section \(name): \(reason)")
    }

    /// The next 32-bit count.
    package mutating func count() throws(TextError) -> Int {
        Int(try array(UInt32.self, count: 1)[0])
    }

    /// The next `count` little-endian integers.
    package mutating func array<Element: FixedWidthInteger>(
        _ type: Element.Type, count: Int
    ) throws(TextError) -> PackArray<Element> {
        let width = MemoryLayout<Element>.size
        guard count >= 0, count <= (end - position) / width else {
            throw damaged("\(count) items of \(width) bytes do not fit into \(end - position)")
        }
        defer { position += count * width }
        return PackArray(file: file, offset: position, count: count)
    }

    /// All remaining bytes, for formats with readers of their own; `skip` consumes them.
    package func rest() throws(TextError) -> PackArray<UInt8> {
        var reader = self
        return try reader.array(UInt8.self, count: end - position)
    }

    /// Passes over bytes.
    package mutating func skip(_ count: Int) throws(TextError) {
        _ = try array(UInt8.self, count: count)
    }

    /// The next `count` doubles.
    package mutating func doubles(count: Int) throws(TextError) -> PackDoubles {
        PackDoubles(bits: try array(UInt64.self, count: count))
    }

    /// The next `count` single-precision numbers.
    package mutating func floats(count: Int) throws(TextError) -> PackFloats {
        PackFloats(bits: try array(UInt32.self, count: count))
    }

    /// A list of strings: count, length of all, NUL-terminated UTF-8.
    package mutating func strings() throws(TextError) -> [String] {
        let count = try count()
        let bytes = try array(UInt8.self, count: try self.count())
        try align()
        var result: [String] = []
        var current: [UInt8] = []
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte == 0 {
                result.append(String(decoding: current, as: UTF8.self))
                current.removeAll()
            } else {
                current.append(byte)
            }
        }
        guard result.count == count else { throw damaged("\(result.count) strings where \(count) should be") }
        return result
    }

    /// Skips to the next multiple of 8 bytes of the file.
    package mutating func align() throws(TextError) {
        let aligned = (position + 7) / 8 * 8
        guard aligned <= end else { throw damaged("it is cut short") }
        position = aligned
    }
}

/// Integers inside the mapped pack. An index out of range yields the type's largest value, "none" in every table,
/// so that no index in a damaged pack leads outside it.
package struct PackArray<Element: FixedWidthInteger & Sendable>: Sendable {
    private let owner: MappedFile
    fileprivate nonisolated(unsafe) let base: UnsafeRawPointer
    package let count: Int

    fileprivate init(file: MappedFile, offset: Int, count: Int) {
        owner = file
        self.count = count
        let bytes = file.bytes(offset..<offset + count * MemoryLayout<Element>.size)
        // Mapped bytes always have an address; the other one is never read from.
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 64).unsafelyUnwrapped
    }

    package subscript(index: Int) -> Element {
        @inline(__always) get {
            guard UInt(bitPattern: index) < UInt(bitPattern: count) else { return .max }
            return Element(
                littleEndian: base.loadUnaligned(
                    fromByteOffset: index &* MemoryLayout<Element>.size, as: Element.self))
        }
    }
}

/// Single-precision numbers inside the mapped pack.
package struct PackFloats: Sendable {
    fileprivate let bits: PackArray<UInt32>

    package var count: Int { bits.count }

    /// A copy of them all.
    package var values: [Float] { (0..<count).map { Float(bitPattern: bits[$0]) } }
}

/// Doubles inside the mapped pack; an index out of range yields NaN.
package struct PackDoubles: Sendable {
    fileprivate let bits: PackArray<UInt64>

    package var count: Int { bits.count }

    package subscript(index: Int) -> Double {
        @inline(__always) get { Double(bitPattern: bits[index]) }
    }
}
