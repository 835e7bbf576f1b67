import Audio
import Foundation

/// A folder for one test, removed with it.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        let made = NSTemporaryDirectory() + "gsv-api-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: made, withIntermediateDirectories: true)
        // Without links, as the server reports paths.
        path = URL(fileURLWithPath: made).resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and the folders above it.
    func write(_ name: String, _ text: String) throws {
        try write(name, Array(text.utf8))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    /// A voice with a clip of four seconds.
    func addVoice(_ name: String, text: String = "", settings: String? = nil) throws {
        try write("\(name)/ref.wav", Self.clip(seconds: 4))
        if !text.isEmpty { try write("\(name)/ref.txt", text + "\n") }
        if let settings { try write("\(name)/voice.yaml", settings) }
    }

    /// A tone as a WAV file.
    static func clip(seconds: Double) throws -> [UInt8] {
        let samples = (0..<Int(seconds * 16_000)).map { Int16(8_000 * sin(Double($0) * 0.1)) }
        return try WAVEncoder.encode(samples, sampleRateHz: 16_000)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}
