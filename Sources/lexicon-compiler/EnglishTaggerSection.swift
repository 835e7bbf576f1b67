import Text

/// Turns the trained weights of the built-in English tagger into the section `BuiltInTagger` reads.
struct EnglishTaggerSection {
    private static let file = "english-tagger.weights"
    private let bytes: [UInt8]
    private var position = 0

    init(sources: SourceFolder) throws { bytes = try sources.bytes("trained", Self.file) }

    /// The section. The file's layout is that of `training/english-tagger/train.py`.
    mutating func section() throws -> SectionBuilder {
        let tags = try lines()
        let words = try lines()
        let fixed = try take(words.count)
        let features = try number()
        let weights = try number()
        let keys = try take(4 * features)
        let counts = try take(features)
        var start: [UInt32] = [0]
        for count in counts { start.append((start.last ?? 0) + UInt32(count)) }
        guard Int(start.last ?? 0) == weights else { throw error("the counts do not add up to the weights") }
        var section = SectionBuilder()
        section.add(tags)
        section.add(words)
        section.bytes += fixed
        section.align()
        section.add(UInt32(features))
        section.add(UInt32(weights))
        section.bytes += keys
        section.add(start)
        section.bytes += try take(weights)
        section.bytes += try take(weights)
        guard position == bytes.count else { throw error("it is longer than it should be") }
        return section
    }

    private func error(_ reason: String) -> SourceError { SourceError(file: Self.file, reason: reason) }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw error("it is cut short") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private mutating func number() throws -> Int {
        try take(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func lines() throws -> [String] {
        String(decoding: try take(try number()), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
