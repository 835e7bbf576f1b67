#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads golden arrays for tests: a minimal safetensors reader that depends on nothing under test.
///
/// The layout is eight bytes of header length (little-endian), a JSON object from names to
/// `{"dtype", "shape", "data_offsets"}`, then the data. Fixtures are trusted, so a fault is an error without detail.
package struct SafetensorsFixture {
    /// One array; the accessors convert to the type a test compares with.
    package struct Array {
        /// Element type as the file spells it.
        package let dtype: String
        /// Sizes of the axes.
        package let shape: [Int]
        let bytes: ArraySlice<UInt8>

        /// The values of an `F32` array.
        package var floats: [Float] { words(of: UInt32.self).map { Float(bitPattern: $0) } }
        /// The values of an `I64` array.
        package var integers: [Int] { words(of: UInt64.self).map { Int(Int64(bitPattern: $0)) } }
        /// The values of an `I16` array.
        package var shorts: [Int16] { words(of: UInt16.self).map { Int16(bitPattern: $0) } }

        private func words<Word: FixedWidthInteger>(of type: Word.Type) -> [Word] {
            let size = MemoryLayout<Word>.size
            return bytes.withUnsafeBytes { raw in
                (0..<raw.count / size).map {
                    Word(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * size, as: Word.self))
                }
            }
        }
    }

    /// A fixture that cannot be read.
    package struct Malformed: Error, CustomStringConvertible {
        /// What is wrong with it.
        package let description: String
        /// Says what is wrong.
        package init(description: String) { self.description = description }
    }

    /// All arrays by name.
    package private(set) var arrays: [String: Array] = [:]

    /// Reads the file at `path`.
    package init(path: String) throws {
        let bytes = try Self.contents(of: path)
        guard bytes.count >= 8 else { throw Malformed(description: "\(path): too short") }
        let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length >= 0, length <= bytes.count - 8 else {
            throw Malformed(description: "\(path): header of \(length) bytes")
        }
        var json = FlatJSON(text: bytes[8..<8 + length])
        for (name, entry) in try json.tensors() {
            guard let dtype = entry.strings["dtype"], let shape = entry.lists["shape"],
                let range = entry.lists["data_offsets"], range.count == 2, range[0] <= range[1],
                range[1] <= bytes.count - 8 - length
            else { throw Malformed(description: "\(path): entry \(name)") }
            let start = 8 + length
            arrays[name] = Array(
                dtype: dtype, shape: shape, bytes: bytes[start + range[0]..<start + range[1]])
        }
    }

    /// The array called `name`; a missing one throws and names those there are.
    package subscript(name: String) -> Array {
        get throws {
            guard let array = arrays[name] else {
                throw Malformed(description: "no array \(name), there are \(arrays.keys.sorted())")
            }
            return array
        }
    }

    /// The bytes of a file.
    package static func contents(of path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Malformed(description: "cannot open \(path)") }
        defer { fclose(file) }
        var bytes = [UInt8]()
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&block, 1, block.count, file)
            guard count > 0 else { return bytes }
            bytes += block[..<count]
        }
    }
}

/// The part of JSON a safetensors header uses: an object of objects of strings and lists of integers.
private struct FlatJSON {
    struct Entry {
        var strings: [String: String] = [:]
        var lists: [String: [Int]] = [:]
    }

    private let text: ArraySlice<UInt8>
    private var position: Int

    init(text: ArraySlice<UInt8>) {
        self.text = text
        position = text.startIndex
    }

    mutating func tensors() throws -> [(String, Entry)] {
        var result = [(String, Entry)]()
        try object { json, name in
            var entry = Entry()
            try json.object { json, key in
                if json.peek() == UInt8(ascii: "\"") {
                    entry.strings[key] = try json.string()
                } else {
                    entry.lists[key] = try json.list()
                }
            }
            if name != "__metadata__" { result.append((name, entry)) }
        }
        return result
    }

    private mutating func object(_ member: (inout FlatJSON, String) throws -> Void) throws {
        try take("{")
        while peek() != UInt8(ascii: "}") {
            let name = try string()
            try take(":")
            try member(&self, name)
            if peek() == UInt8(ascii: ",") { position += 1 }
        }
        position += 1
    }

    private mutating func list() throws -> [Int] {
        try take("[")
        var numbers = [Int]()
        while peek() != UInt8(ascii: "]") {
            var digits = ""
            while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                digits.unicodeScalars.append(Unicode.Scalar(byte))
                position += 1
            }
            guard let number = Int(digits) else { throw fault }
            numbers.append(number)
            if peek() == UInt8(ascii: ",") { position += 1 }
        }
        position += 1
        return numbers
    }

    private mutating func string() throws -> String {
        try take("\"")
        let start = position
        while position < text.endIndex, text[position] != UInt8(ascii: "\"") { position += 1 }
        guard position < text.endIndex else { throw fault }
        defer { position += 1 }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    /// The next byte that is not whitespace.
    private mutating func peek() -> UInt8? {
        while position < text.endIndex, text[position] <= UInt8(ascii: " ") { position += 1 }
        return position < text.endIndex ? text[position] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) throws {
        guard peek() == UInt8(ascii: character) else { throw fault }
        position += 1
    }

    private var fault: SafetensorsFixture.Malformed {
        SafetensorsFixture.Malformed(description: "header JSON at byte \(position - text.startIndex)")
    }
}
