import Checkpoint
import Foundation
import Tensor

/// A folder of recorded results: `<folder>/<stage>.safetensors` and `index.json` (texts and yardsticks).
struct GoldenSet {
    let folder: String
    let yardsticks: [String: Float]
    let index: [String: Any]

    init(folder: String) throws {
        self.folder = folder
        let path = folder + "/index.json"
        guard let data = FileManager.default.contents(atPath: path),
            let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { throw ParityError("\(path): missing or not JSON; GOLDEN must be a folder of goldens") }
        index = object["arrays"] as? [String: Any] ?? [:]
        yardsticks = (object["float64_yardstick"] as? [String: Double] ?? [:]).mapValues { Float($0) }
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
        Golden(try Checkpoint.open("\(folder)/\(stage).safetensors"))
    }
}

struct ParityError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The arrays of one stage.
struct Golden {
    let tensors: [String: StoredTensor]

    init(_ checkpoint: Checkpoint) { tensors = checkpoint.tensors }

    func has(_ name: String) -> Bool { tensors[name] != nil }

    private func stored(_ name: String) throws -> StoredTensor {
        guard let tensor = tensors[name] else { throw ParityError("the golden has no array \(name)") }
        return tensor
    }

    func floats(_ name: String) throws -> [Float] { try stored(name).floats() }
    func ints(_ name: String) throws -> [Int] { try stored(name).integers().map { Int($0) } }
    func int(_ name: String) throws -> Int { try ints(name).first ?? 0 }

    /// The last two axes as a matrix; the axes before must be 1.
    func matrix(_ name: String) throws -> Tensor {
        let tensor = try stored(name)
        let shape = Array(tensor.shape.suffix(2))
        guard tensor.shape.dropLast(2).allSatisfy({ $0 == 1 }), shape.count == 2 else {
            throw ParityError("\(name) is \(tensor.shape), not a matrix")
        }
        return Tensor(try tensor.floats(), shape)
    }

    /// A matrix stored channels first, in our time-major layout.
    func timeMajor(_ name: String) throws -> Tensor { try matrix(name).transposed() }
}
