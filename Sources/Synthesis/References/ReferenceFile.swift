import Checkpoint
import Foundation
import Tensor

/// Features of a reference clip in a file beside it, so that a server that starts again needs not hear the clip again.
///
/// ```
/// .ref.wav.features    "GSVREF1\n", SHA-256 of the rest in hexadecimal, 64 hexadecimal digits of the key,
///                      Int32 count and tokens of the prompt (-1: none), Int32 count and values of the speaker vector
/// ```
///
/// Everything is little-endian. The key says of what the features are: the clip's samples, and what the networks compute.
/// Whatever is not exactly such a file is taken for none.
struct ReferenceFile {
    private static let magic = Array("GSVREF1\n".utf8)
    private static let digestLength = 64
    /// More tokens or values than any clip of 10 s and any voice has.
    private static let limit = 65_536

    /// Where it lies.
    let path: String
    /// 64 hexadecimal digits.
    let key: String
    private let hasPrompt: Bool
    private let speakerCount: Int

    /// - Parameters:
    ///   - clip: path of the clip.
    ///   - content: recognises what the features are made of and how.
    ///   - hasPrompt: whether tokens belong to them.
    ///   - speakerCount: values of the speaker vector.
    init(clip: String, content: String, hasPrompt: Bool, speakerCount: Int) {
        self.hasPrompt = hasPrompt
        self.speakerCount = speakerCount
        let url = URL(fileURLWithPath: clip)
        path =
            url.deletingLastPathComponent().appendingPathComponent(".\(url.lastPathComponent).features").path
        key = Digest.sha256(Array(content.utf8))
    }

    /// The features, if the file has those of this key and they fit the weights.
    ///
    /// - Parameter codeCount: tokens are below it.
    func read(codeCount: Int) -> ReferenceFeatures? {
        // Not a link, a pipe or a device, which could be endless or never answer.
        guard let facts = try? FileManager.default.attributesOfItem(atPath: path),
            facts[.type] as? FileAttributeType == .typeRegular, let size = facts[.size] as? Int,
            size <= Self.limit * 16, let data = FileManager.default.contents(atPath: path)
        else { return nil }
        var bytes = [UInt8](data)[...]
        guard take(&bytes, Self.magic.count) == Self.magic,
            let digest = take(&bytes, Self.digestLength), digest == Array(Digest.sha256(Array(bytes)).utf8),
            take(&bytes, Self.digestLength) == Array(key.utf8), let promptCount = word(&bytes),
            (promptCount >= 0) == hasPrompt, (-1...Int32(Self.limit)).contains(promptCount),
            let prompt = words(&bytes, max(Int(promptCount), 0)),
            prompt.allSatisfy({ (0..<Int32(clamping: codeCount)).contains($0) }),
            let count = word(&bytes), Int(count) == speakerCount, let speaker = words(&bytes, speakerCount),
            bytes.isEmpty
        else { return nil }
        let values = speaker.map { Float(bitPattern: UInt32(bitPattern: $0)) }
        guard values.allSatisfy(\.isFinite) else { return nil }
        return ReferenceFeatures(
            prompt: promptCount < 0 ? nil : prompt.map(Int.init), speaker: Tensor(values, [1, speakerCount]))
    }

    /// Writes the file whole or not at all. A folder that cannot be written to is no error: the features are in memory.
    func write(_ features: ReferenceFeatures) {
        var rest = Array(key.utf8)
        append(Int32(features.prompt?.count ?? -1), to: &rest)
        for token in features.prompt ?? [] { append(Int32(clamping: token), to: &rest) }
        append(Int32(features.speaker.values.count), to: &rest)
        for value in features.speaker.values { append(Int32(bitPattern: value.bitPattern), to: &rest) }
        let bytes = Self.magic + Array(Digest.sha256(rest).utf8) + rest
        let temporary = path + ".\(UUID().uuidString)"
        guard FileManager.default.createFile(atPath: temporary, contents: Data(bytes)) else { return }
        // Not Foundation's move, which refuses where something is: what is there is replaced, a link included.
        if rename(temporary, path) != 0 { try? FileManager.default.removeItem(atPath: temporary) }
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
