import Files

/// What can be wrong with a weights file.
///
/// Every case carries the path and the numbers; `description` tells the user what to do.
package enum CheckpointError: Error, Sendable, Equatable {
    /// The file cannot be opened, is not a regular file, or cannot be mapped.
    case cannotOpen(path: String, reason: String)
    /// The first bytes belong to no format that is read here.
    case notACheckpoint(path: String, found: String)
    /// The file contradicts its own format: cut off, damaged, or made to mislead. `part` names where.
    case malformed(path: String, part: String, reason: String)
    /// The file is sound as far as read, but uses something that is not supported.
    case unsupported(path: String, reason: String)
    /// The pickle names a class or function outside the allow-list. Nothing was run.
    case forbiddenGlobal(path: String, name: String)
    /// A bound that no real checkpoint comes near was passed.
    case limitExceeded(path: String, what: String, found: Int, limit: Int)
    /// The file holds another network than the expected one.
    case wrongKind(path: String, expected: CheckpointKind, found: CheckpointKind)
    /// A tensor that the model needs is not in the file.
    case missingTensor(path: String, key: String, expected: [Int])
    /// A tensor has another shape than the model needs.
    case wrongShape(path: String, key: String, expected: [Int], found: [Int])
    /// A tensor's elements cannot be read as the requested type (integers as floats or the reverse).
    case wrongElementType(path: String, key: String, expected: String, found: ElementType)
    /// The file holds tensors that no part of the model uses. `keys` are the first eight.
    case unusedTensors(path: String, keys: [String], count: Int)
    /// A tensor holds an infinity or something that is no number; `element` counts in row-major order.
    case notFinite(path: String, key: String, element: Int, value: Float)
    /// Values that the chosen element type cannot hold.
    case valuesDoNotFit(path: String, key: String, count: Int, largest: Float, type: ElementType)
    /// Conversion to signed bytes of a network without quantizable layers.
    case notQuantizable(path: String, found: CheckpointKind)
    /// The output cannot be written.
    case cannotWrite(path: String, reason: String)
}

extension CheckpointError: FileFormatError {
    /// The error of opening or writing a file as one of a weights file.
    init(_ error: FileError) {
        switch error {
        case .alreadyExists, .cannotWrite: self = .cannotWrite(path: error.path, reason: error.reason)
        default: self = .cannotOpen(path: error.path, reason: error.reason)
        }
    }
}

extension CheckpointError: CustomStringConvertible {
    /// One or two sentences: the file, what was expected and found, and what to do.
    ///
    /// Names that come from the file are shown without control characters, and the whole is cut at 4,000 characters.
    package var description: String {
        let printable = message.unicodeScalars.prefix(4000).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : Character(scalar)
        }
        return String(printable)
    }

    private var message: String {
        switch self {
        case .cannotOpen(let path, let reason):
            return "\(path): cannot be read: \(reason)"
        case .notACheckpoint(let path, let found):
            return "\(path): not a torch, safetensors or ONNX file: \(found)"
        case .malformed(let path, let part, let reason):
            return "\(path): \(part): \(reason). The file is damaged or incomplete; fetch or export it again."
        case .unsupported(let path, let reason):
            return "\(path): \(reason)"
        case .forbiddenGlobal(let path, let name):
            let advice =
                name.hasPrefix("torch.nn.")
                ? "It holds a whole Python module; save its state_dict() instead." : "Do not trust this file."
            return "\(path): the file refers to \"\(name)\", which no checkpoint of this kind needs. "
                + "It was refused and nothing was run. \(advice)"
        case .limitExceeded(let path, let what, let found, let limit):
            return "\(path): \(what): \(found), the limit is \(limit). The file is damaged or hostile."
        case .wrongKind(let path, let expected, let found):
            return "\(path): this is \(found.title), expected \(expected.title)"
        case .missingTensor(let path, let key, let expected):
            return "\(path): tensor \"\(key)\" is missing (expected shape \(expected))"
        case .wrongShape(let path, let key, let expected, let found):
            return "\(path): tensor \"\(key)\" has shape \(found), expected \(expected)"
        case .wrongElementType(let path, let key, let expected, let found):
            return "\(path): tensor \"\(key)\" holds \(found.rawValue), expected \(expected)"
        case .unusedTensors(let path, let keys, let count):
            let more = count > keys.count ? " and \(count - keys.count) more" : ""
            return "\(path): \(count) tensors that this model has no place for: "
                + keys.joined(separator: ", ") + more
        case .notFinite(let path, let key, let element, let value):
            return
                "\(path): tensor \"\(key)\" holds \(value) at element \(element). The file is damaged or its training "
                + "diverged; take another one."
        case .valuesDoNotFit(let path, let key, let count, let largest, let type):
            return "\(path): tensor \"\(key)\" has \(count) values that \(type.rawValue) cannot hold "
                + "(largest magnitude \(largest)). Convert with --weights f32."
        case .notQuantizable(let path, let found):
            return "\(path): int8 is for text-to-semantic (GPT) weights, and this is \(found.title). "
                + "Convert with --weights f16."
        case .cannotWrite(let path, let reason):
            return "\(path): cannot be written: \(reason)"
        }
    }
}
