import Audio
import Foundation
import Synchronization

/// The ffmpeg program, which encodes AAC. It is started with a list of arguments, never through a shell, and its input
/// is samples only.
package struct FFmpeg: Sendable, Equatable {
    /// Path of the program.
    package let path: String

    /// The program at `path`, if it can be run.
    package init?(path: String) {
        guard path.contains("/"), FileManager.default.isExecutableFile(atPath: path) else { return nil }
        self.path = path
    }

    /// The program that a shell would find; nil if there is none.
    ///
    /// - Parameter path: folders, separated by colons; by default those of the environment.
    package static func find(path: String? = nil) -> FFmpeg? {
        let path = path ?? ProcessInfo.processInfo.environment["PATH"] ?? ""
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            if let program = FFmpeg(path: "\(folder)/ffmpeg") { return program }
        }
        return nil
    }
}

/// AAC in ADTS, encoded by one run of ffmpeg per response: one stream without a gap between fragments.
final class AACEncoder: StreamEncoder {
    private let process = Process()
    private let input: FileHandle
    private let output: Output

    /// The program's output, read by a separate thread: with a full pipe the program would stop reading, and both sides
    /// would block.
    private final class Output: Sendable {
        private let bytes = Mutex<[UInt8]>([])
        private let ended = DispatchSemaphore(value: 0)

        func take() -> [UInt8] {
            bytes.withLock { bytes in
                defer { bytes = [] }
                return bytes
            }
        }

        func read(_ handle: FileHandle) {
            while case let data = handle.availableData, !data.isEmpty {
                bytes.withLock { $0 += data }
            }
            try? handle.close()
            ended.signal()
        }

        func waitForEnd() -> Bool { ended.wait(timeout: .now() + 30) == .success }
    }

    /// Starts the program.
    ///
    /// - Throws: `FFmpegFailure`.
    init(_ program: FFmpeg, sampleRateHz: Int) throws {
        // A write to a program that has ended must be an error, not a signal that ends the server.
        signal(SIGPIPE, SIG_IGN)
        let (stdin, stdout) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: program.path)
        process.arguments = [
            "-hide_banner", "-loglevel", "error", "-probesize", "32", "-f", "s16le", "-ar", "\(sampleRateHz)",
            "-ac", "1", "-i", "pipe:0", "-c:a", "aac", "-b:a", "192k", "-vn", "-flush_packets", "1", "-f",
            "adts", "pipe:1",
        ]
        process.environment = [:]
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = FileHandle.nullDevice
        input = stdin.fileHandleForWriting
        let output = Output()
        self.output = output
        do {
            try process.run()
        } catch {
            throw FFmpegFailure(reason: "it cannot be started: \(error.localizedDescription)")
        }
        try? stdin.fileHandleForReading.close()
        try? stdout.fileHandleForWriting.close()
        let handle = stdout.fileHandleForReading
        let thread = Thread { output.read(handle) }
        thread.name = "gsv-aac"
        thread.start()
    }

    deinit {
        try? input.close()
        if process.isRunning { process.terminate() }
    }

    func header() -> [UInt8] { [] }

    func encode(_ samples: [Int16]) throws -> [UInt8] {
        do {
            try input.write(contentsOf: Data(WAVEncoder.pcm(samples)))
        } catch {
            throw FFmpegFailure(reason: "it stopped reading")
        }
        return output.take()
    }

    func finish() throws -> [UInt8] {
        try? input.close()
        guard output.waitForEnd() else { throw FFmpegFailure(reason: "it does not end") }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw FFmpegFailure(reason: "it ended with status \(process.terminationStatus)")
        }
        return output.take()
    }
}

/// A failure of the ffmpeg program.
struct FFmpegFailure: Error, Sendable, CustomStringConvertible {
    let reason: String
    var description: String { "ffmpeg: \(reason)" }
}
