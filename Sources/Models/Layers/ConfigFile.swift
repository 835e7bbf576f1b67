import Foundation

/// The `config.json` beside a Hugging Face model, read key by key with errors that name the file.
struct ConfigFile {
    let path: String
    private let values: [String: Any]

    /// Opens `config.json` in `folder`; at most 1 MiB is read.
    init(folder: String) throws {
        path = folder + "/config.json"
        guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20 else {
            throw ModelError(path: path, key: "file", reason: "missing, unreadable or larger than 1 MiB")
        }
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw ModelError(path: path, key: "file", reason: "not a JSON object")
        }
        values = object
    }

    func int(_ key: String, in range: ClosedRange<Int>) throws -> Int {
        guard let value = values[key] as? Int, range.contains(value) else {
            throw ModelError(
                path: path, key: key, reason: "expected an integer in \(range), found \(describe(key))")
        }
        return value
    }

    func float(_ key: String) throws -> Float {
        guard let value = values[key] as? Double, value.isFinite, value > 0 else {
            throw ModelError(
                path: path, key: key, reason: "expected a positive number, found \(describe(key))")
        }
        return Float(value)
    }

    func ints(_ key: String, in range: ClosedRange<Int>) throws -> [Int] {
        guard let value = values[key] as? [Int], value.allSatisfy(range.contains), value.count <= 64 else {
            throw ModelError(
                path: path, key: key, reason: "expected integers in \(range), found \(describe(key))")
        }
        return value
    }

    /// Refuses a variant of the network that is not built.
    func require<T: Equatable>(_ key: String, _ expected: T) throws {
        guard let value = values[key] as? T, value == expected else {
            throw ModelError(
                path: path, key: key, reason: "only \(expected) is supported, found \(describe(key))")
        }
    }

    private func describe(_ key: String) -> String {
        values[key].map { String("\($0)".prefix(80)) } ?? "nothing"
    }
}
