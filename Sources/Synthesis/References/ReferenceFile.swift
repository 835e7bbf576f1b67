import Checkpoint
import Files
import Foundation
import Models
import Tensor

/// Features of a reference clip in a file beside it, so that a restarted server need not analyse the clip again.
///
/// ```
/// .ref.wav.features    "GSVREF2\n", SHA-256 of the rest in hexadecimal, 64 hexadecimal digits of the key,
///                      Int32 count and tokens of the prompt (-1: none), Int32 count of tensors, and for each, by name:
///                      Int32 count and bytes of the name, Int32 count and sizes of the shape, the values
/// ```
///
/// Everything is little-endian. The key covers the clip's samples and what the networks compute. A file that is not
/// exactly of this form, or does not fit the model, is ignored and replaced.
struct ReferenceFile {
    private static let magic = Array("GSVREF2\n".utf8)
    private static let digestLength = 64
    /// More tokens than any clip of 10 s has, and most values of a tensor.
    private static let maximumTokens = 65_536, maximumValues = 1 << 22

    /// Its path.
    let path: String
    /// 64 hexadecimal digits.
    let key: String
    private let hasPrompt: Bool

    /// - Parameters:
    ///   - clip: path of the clip.
    ///   - content: identifies the clip's content and the networks.
    ///   - hasPrompt: whether the features include prompt tokens.
    init(clip: String, content: String, hasPrompt: Bool) {
        self.hasPrompt = hasPrompt
        let url = URL(fileURLWithPath: clip)
        path =
            url.deletingLastPathComponent().appendingPathComponent(".\(url.lastPathComponent).features").path
        key = Digest.sha256(Array(content.utf8))
    }

    /// The features, if the file has those of this key and they fit the model.
    func read(for model: any AcousticModel) -> ReferenceFeatures? {
        read(codeCount: model.quantizer.codeCount, shapes: model.conditioningShapes)
    }

    /// - Parameters:
    ///   - codeCount: upper bound of tokens.
    ///   - shapes: names and shapes of the tensors; nil for an axis of any size.
    func read(codeCount: Int, shapes: [String: [Int?]]) -> ReferenceFeatures? {
        guard
            let content = try? RegularFile.read(path, limitBytes: Self.maximumValues * 8, links: .refused)
        else { return nil }
        var bytes = content[...]
        guard take(&bytes, Self.magic.count) == Self.magic,
            let digest = take(&bytes, Self.digestLength), digest == Array(Digest.sha256(Array(bytes)).utf8),
            take(&bytes, Self.digestLength) == Array(key.utf8), let promptCount = word(&bytes),
            (promptCount >= 0) == hasPrompt, (-1...Int32(Self.maximumTokens)).contains(promptCount),
            let prompt = words(&bytes, max(Int(promptCount), 0)),
            prompt.allSatisfy({ (0..<Int32(clamping: codeCount)).contains($0) }),
            word(&bytes) == Int32(clamping: shapes.count)
        else { return nil }
        var tensors: [String: Tensor] = [:]
        for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            guard let tensor = tensor(&bytes, name: name, shape: shape) else { return nil }
            tensors[name] = tensor
        }
        guard bytes.isEmpty else { return nil }
        return ReferenceFeatures(
            promptTokens: promptCount < 0 ? nil : prompt.map(Int.init),
            conditioning: AcousticConditioning(tensors))
    }

    private func tensor(_ bytes: inout ArraySlice<UInt8>, name: String, shape: [Int?]) -> Tensor? {
        let nameBytes = Array(name.utf8)
        guard word(&bytes) == Int32(clamping: nameBytes.count), take(&bytes, nameBytes.count) == nameBytes,
            word(&bytes) == Int32(clamping: shape.count), let sizes = words(&bytes, shape.count),
            zip(sizes, shape).allSatisfy({ size, wanted in size > 0 && (wanted ?? Int(size)) == Int(size) })
        else { return nil }
        var count = 1
        for size in sizes {
            guard count <= Self.maximumValues / Int(size) else { return nil }
            count *= Int(size)
        }
        guard let values = words(&bytes, count)?.map({ Float(bitPattern: UInt32(bitPattern: $0)) }),
            values.allSatisfy(\.isFinite)
        else { return nil }
        return Tensor(values, sizes.map(Int.init))
    }

    /// Replaces the file atomically, a link included. A folder that cannot be written to is no error: the features are in
    /// memory.
    func write(_ features: ReferenceFeatures) {
        var rest = Array(key.utf8)
        append(Int32(features.promptTokens?.count ?? -1), to: &rest)
        for token in features.promptTokens ?? [] { append(Int32(clamping: token), to: &rest) }
        let tensors = features.conditioning.tensors.sorted { $0.key < $1.key }
        append(Int32(clamping: tensors.count), to: &rest)
        for (name, tensor) in tensors {
            append(Int32(clamping: name.utf8.count), to: &rest)
            rest += Array(name.utf8)
            append(Int32(clamping: tensor.shape.count), to: &rest)
            for size in tensor.shape { append(Int32(clamping: size), to: &rest) }
            for value in tensor.values { append(Int32(bitPattern: value.bitPattern), to: &rest) }
        }
        try? AtomicFile.write(Self.magic + Array(Digest.sha256(rest).utf8) + rest, to: path)
    }

    private func take(_ bytes: inout ArraySlice<UInt8>, _ count: Int) -> [UInt8]? {
        guard bytes.count >= count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }

    private func word(_ bytes: inout ArraySlice<UInt8>) -> Int32? {
        take(&bytes, 4).map { four in
            Int32(bitPattern: four.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        }
    }

    private func words(_ bytes: inout ArraySlice<UInt8>, _ count: Int) -> [Int32]? {
        guard bytes.count >= count * 4 else { return nil }
        return (0..<count).compactMap { _ in word(&bytes) }
    }

    private func append(_ value: Int32, to bytes: inout [UInt8]) {
        let word = UInt32(bitPattern: value)
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
    }
}
