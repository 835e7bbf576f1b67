import StrictJSON

/// One record of `gsv text --jsonl`. Of duplicate members the last is used; one of an unexpected type
/// counts as absent.
struct TextRecord {
    /// The id, which the response repeats.
    enum Identity {
        case none
        case text([CodePoint])
        case number(Int)
    }

    private(set) var identity = Identity.none
    /// The text, which may hold lone surrogates.
    private(set) var text: [CodePoint]?
    private(set) var task: String?
    private(set) var cut: String?
    private(set) var language: String?
    private(set) var version: String?
    private(set) var mode: String?
    /// `default_lang`; empty for none, and for what is no string.
    private(set) var defaultLanguage: String?
    private(set) var limit: Int?
    private(set) var threshold: Double?
    private(set) var hasCalls = false
    /// Readings for the polyphone path, out of `g2pw_pinyin`: pairs of a sentence and its readings.
    private(set) var readings: [[String]]?

    /// Reads a record. Members without a meaning here are skipped: a record's trace is longer than all the rest.
    ///
    /// - Throws: `badRecord` for what is no JSON object.
    init(_ line: [UInt8]) throws(TextError) {
        var reader = JSONReader(line, options: Self.options)
        do {
            try reader.object { (reader, name) throws(JSONError) in try read(name, from: &reader) }
            try reader.end()
        } catch {
            throw .badRecord("\(error)")
        }
    }

    private static let options: JSONOptions = {
        var options = JSONOptions()
        options.duplicateNames = .kept
        options.largeIntegers = .rounded
        options.strings = .lenient
        return options
    }()

    private mutating func read(_ name: String, from reader: inout JSONReader) throws(JSONError) {
        switch name {
        case "id": identity = try Self.identity(from: &reader)
        case "text": text = try Self.codePoints(from: &reader)
        case "task": task = try reader.value().string
        case "cut": cut = try reader.value().string
        case "lang": language = try reader.value().string
        case "version": version = try reader.value().string
        case "mode": mode = try reader.value().string
        case "default_lang": defaultLanguage = try reader.value().string ?? ""
        case "k": limit = try Self.number(from: &reader).flatMap { Int(exactly: $0) }
        case "threshold": threshold = try Self.number(from: &reader) ?? 0
        case "calls": hasCalls = try Self.isThere(&reader)
        case "g2pw_pinyin":
            readings = try reader.value().items?.map { pair in
                (pair.items?.dropFirst().first?.items ?? []).map { $0.string ?? "" }
            }
        default: try reader.skip()
        }
    }

    private static func codePoints(from reader: inout JSONReader) throws(JSONError) -> [CodePoint]? {
        if let points = try reader.codePoints() { return points }
        _ = try reader.value()
        return nil
    }

    private static func identity(from reader: inout JSONReader) throws(JSONError) -> Identity {
        if let points = try reader.codePoints() { return .text(points) }
        switch try reader.value() {
        case .integer(let value): return .number(Int(value))
        case .number(let value): return Int(exactly: value).map(Identity.number) ?? .none
        default: return .none
        }
    }

    private static func number(from reader: inout JSONReader) throws(JSONError) -> Double? {
        switch try reader.value() {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// Reads any value; a bad one is an error even where only its presence counts.
    private static func isThere(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        _ = try reader.value()
        return true
    }
}
