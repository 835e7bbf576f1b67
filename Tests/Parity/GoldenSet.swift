import Foundation
import TestSupport

/// A folder of recorded results: `<folder>/<version>/<kind>.safetensors` and `index.json` (texts, and how far PyTorch's
/// single precision is from its double precision).
struct GoldenSet {
    let folder: String
    /// Largest distances of upstream's single precision from double precision.
    let float32Errors: [String: Float]
    let index: [String: Any]

    init(folder: String) throws {
        self.folder = folder
        let path = folder + "/index.json"
        guard let data = FileManager.default.contents(atPath: path),
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { throw ParityError("\(path): missing or not JSON; GOLDEN must be a folder of goldens") }
        index = object["arrays"] as? [String: Any] ?? [:]
        float32Errors = (object["float64_yardstick"] as? [String: Double] ?? [:]).mapValues { Float($0) }
    }

    /// All stages on disk, such as `v2/gpt_greedy`, in order.
    func stages() throws -> [String] {
        var found: [String] = []
        for part in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + part)) ?? []
            for name in names.sorted() where name.hasSuffix(".safetensors") {
                found.append(part + "/" + name.dropLast(".safetensors".count))
            }
        }
        return found
    }

    func open(_ stage: String) throws -> Golden {
        try Golden(path: "\(folder)/\(stage).safetensors")
    }
}

struct ParityError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
