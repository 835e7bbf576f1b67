import StrictJSON
import Synthesis

/// A line of a batch: a JSON object with the parameters of `/tts`, and perhaps an `id`.
struct BatchLine: Sendable, Equatable {
    /// Its place in the file, from 1; empty lines count.
    let number: Int
    /// SHA-256 of the line without the space around it.
    let digest: String
    /// Its members, without those that are null.
    let members: [String: JSONValue]

    /// Bytes of a line.
    static let limit = 1 << 20

    /// Reads a line.
    ///
    /// - Throws: what is wrong with it.
    init(_ bytes: ArraySlice<UInt8>, number: Int) throws(LineProblem) {
        self.number = number
        digest = TextDigest.sha256(Array(bytes))
        guard bytes.count <= Self.limit else {
            throw LineProblem(.bodyTooLarge, "the line has \(bytes.count) bytes; \(Self.limit) are allowed")
        }
        let value: JSONValue
        do {
            value = try JSONReader.read(Array(bytes), options: JSONBody.options)
        } catch {
            throw LineProblem(.invalidRequest, "the line is no JSON: \(error)")
        }
        guard let members = value.members else {
            throw LineProblem(.invalidRequest, "the line is JSON, but no object")
        }
        self.members = members.filter { $0.value != .null }
    }

    /// The lines of `text` that are not empty, in order, each with its number.
    static func split(_ text: [UInt8]) -> [(number: Int, bytes: ArraySlice<UInt8>)] {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            let trimmed = Self.trimmed(line)
            return trimmed.isEmpty ? nil : (index + 1, trimmed)
        }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let spaces: Set<UInt8> = [0x20, 0x09, 0x0D]
        guard let first = line.firstIndex(where: { !spaces.contains($0) }),
            let last = line.lastIndex(where: { !spaces.contains($0) })
        else { return [] }
        return line[first...last]
    }

    /// The seed of a line without one: derived from the line, so that every run gives the same audio.
    var seed: Int64 { Int64(digest.prefix(8), radix: 16) ?? 0 }

    /// What it calls itself; nil without a name.
    func id() throws(LineProblem) -> String? {
        switch members["id"] {
        case .none: return nil
        case .string(let text): return text.isEmpty ? nil : text
        case .integer(let number): return String(number)
        default: throw LineProblem(.invalidParameter, "id: a string or an integer is expected")
        }
    }

    /// The name of its file without an extension: its `id`, or its number and the beginning of its digest.
    func stem() throws(LineProblem) -> String {
        if let id = try id() { return FileStem.safe(id) }
        let digits = String(number)
        return String(repeating: "0", count: max(6 - digits.count, 0)) + digits + "-" + digest.prefix(8)
    }
}

/// Names of files made of what strangers call things.
enum FileStem {
    /// Bytes that a name may have, less than the 255 of Linux's file systems.
    static let limit = 160

    /// `id` itself where it is a harmless name of a file. Else what is not a letter, a digit, `-`, `_` or `.` becomes `_`,
    /// and a part of its digest keeps the names of two ids apart.
    static func safe(_ id: String) -> String {
        let marks = Set("-_.".unicodeScalars)
        var name = String.UnicodeScalarView()
        var bytes = 0
        for scalar in id.unicodeScalars {
            let isHarmless =
                marks.contains(scalar) || scalar.properties.isAlphabetic
                || scalar.properties.numericType != nil
                || scalar.properties.generalCategory == .nonspacingMark
            let kept = isHarmless ? scalar : "_"
            bytes += UTF8.width(kept)
            if bytes > limit { break }
            name.append(kept)
        }
        // A point hides a file, and a hyphen makes an option of it.
        let result = (name.first == "." || name.first == "-" ? "_" : "") + String(name)
        return result == id ? result : "\(result)-\(TextDigest.sha256(id).prefix(8))"
    }
}
