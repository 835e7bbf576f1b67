import Checkpoint
import Files
import Foundation
import Tensor

/// Features of a reference clip in a file beside it, so that a restarted server does not compute them again.
///
/// ```
/// .ref.wav.features    "GSVREF1\n", SHA-256 of the rest in hexadecimal, 64 hexadecimal digits of the key,
///                      Int32 count and tokens of the prompt (-1: none), Int32 count and values of the speaker vector
/// ```
///
/// Everything is little-endian. The key identifies what the features were computed from: the clip's samples and the
/// networks' weights. A file that deviates in any way counts as absent.
struct ReferenceFile {
    private static let magic = Array("GSVREF1\n".utf8)
    private static let digestLength = 64
    /// More tokens or values than any clip of 10 s and any voice has.
    private static let limit = 65_536

    /// Path of the file.
    let path: String
    /// 64 hexadecimal digits.
    let key: String
    private let hasPrompt: Bool
    private let speakerCount: Int

    /// - Parameters:
    ///   - clip: path of the clip.
    ///   - content: identifies what the features are computed from, and how.
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
        guard
            let content = try? RegularFile.read(path, limitBytes: Self.limit * 16, links: .refused)
        else { return nil }
        var bytes = content[...]
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

    /// Replaces the file atomically, a link included. A folder that cannot be written to is no error: the features are in
    /// memory.
    func write(_ features: ReferenceFeatures) {
        var rest = Array(key.utf8)
        append(Int32(features.prompt?.count ?? -1), to: &rest)
        for token in features.prompt ?? [] { append(Int32(clamping: token), to: &rest) }
        append(Int32(features.speaker.values.count), to: &rest)
        for value in features.speaker.values { append(Int32(bitPattern: value.bitPattern), to: &rest) }
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
