import Files
import StrictJSON

/// The `config.json` beside a Hugging Face model, read key by key with errors that name the file.
struct ConfigFile {
    let path: String
    private let values: [String: JSONValue]

    /// The largest file that is read; published ones have 1 to 3 KiB.
    private static let limitBytes = 1 << 20

    /// Opens `config.json` in `folder`.
    ///
    /// - Throws: `ModelError` for a file that is missing, unreadable, larger than 1 MiB or no JSON object.
    init(folder: String) throws {
        path = folder + "/config.json"
        values = try ModelFolderJSON.object(path, limitBytes: Self.limitBytes)
    }

    func int(_ key: String, in range: ClosedRange<Int>) throws -> Int {
        guard let value = values[key]?.exactInt, range.contains(value) else {
            throw ModelError(
                path: path, key: key, reason: "expected an integer in \(range), found \(describe(key))")
        }
        return value
    }

    func float(_ key: String) throws -> Float {
        guard let value = values[key]?.double, value.isFinite, value > 0 else {
            throw ModelError(
                path: path, key: key, reason: "expected a positive number, found \(describe(key))")
        }
        return Float(value)
    }

    func ints(_ key: String, in range: ClosedRange<Int>) throws -> [Int] {
        guard let items = values[key]?.items, items.count <= 64,
            case let value = items.compactMap(\.exactInt), value.count == items.count,
            value.allSatisfy(range.contains)
        else {
            throw ModelError(
                path: path, key: key, reason: "expected integers in \(range), found \(describe(key))")
        }
        return value
    }

    func lists(_ key: String, in range: ClosedRange<Int>) throws -> [[Int]] {
        let items = values[key]?.items ?? []
        let lists = items.compactMap { $0.items?.compactMap(\.exactInt) }
        guard (1...64).contains(items.count), lists.count == items.count,
            zip(items, lists).allSatisfy({ $0.items?.count == $1.count && $1.count <= 64 }),
            lists.joined().allSatisfy(range.contains)
        else {
            throw ModelError(
                path: path, key: key, reason: "expected lists of integers in \(range), found \(describe(key))"
            )
        }
        return lists
    }

    func string(_ key: String) throws -> String {
        guard let value = values[key]?.string else {
            throw ModelError(path: path, key: key, reason: "expected a string, found \(describe(key))")
        }
        return value
    }

    func flag(_ key: String, or fallback: Bool) throws -> Bool {
        switch values[key] {
        case nil: return fallback
        case .bool(let value): return value
        default:
            throw ModelError(path: path, key: key, reason: "expected a Boolean, found \(describe(key))")
        }
    }

    /// Refuses a variant of the network that is not implemented.
    func require(_ key: String, _ expected: String) throws { try require(key, JSONValue.string(expected)) }

    /// Refuses a variant of the network that is not implemented.
    func require(_ key: String, _ expected: Bool) throws { try require(key, JSONValue.bool(expected)) }

    private func require(_ key: String, _ expected: JSONValue) throws {
        guard values[key] == expected else {
            throw ModelError(
                path: path, key: key,
                reason: "only \(JSONWriter.text(of: expected)) is supported, found \(describe(key))")
        }
    }

    private func describe(_ key: String) -> String {
        values[key].map { String(JSONWriter.text(of: $0).prefix(80)) } ?? "nothing"
    }
}

/// JSON files of Hugging Face model folders, read as Python reads them: of a duplicate name the last value counts.
enum ModelFolderJSON {
    /// The members of the object in the file at `path`.
    ///
    /// - Throws: `ModelError`.
    static func object(_ path: String, limitBytes: Int) throws -> [String: JSONValue] {
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.read(path, limitBytes: limitBytes)
        } catch {
            throw ModelError(path: path, key: "file", reason: error.reason)
        }
        var options = JSONOptions()
        options.duplicateNames = .kept
        options.largeIntegers = .rounded
        options.allowsByteOrderMark = true
        let value: JSONValue
        do {
            value = try JSONReader.read(bytes, options: options)
        } catch {
            throw ModelError(path: path, key: "file", reason: "not JSON: \(error)")
        }
        guard let members = value.members else {
            throw ModelError(path: path, key: "file", reason: "not a JSON object")
        }
        return members
    }
}

extension JSONValue {
    /// The number as an integer, if it is one, also where it is written with a fraction of zero.
    var exactInt: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number, if this is one.
    fileprivate var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
