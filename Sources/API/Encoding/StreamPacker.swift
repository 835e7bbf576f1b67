import Audio
import Synchronization

/// Packs the fragments of one answer, in order. The calls block and compute: they belong on `EncoderThreads`.
protocol StreamPacker: Sendable {
    /// What comes before the first fragment, in a chunk of its own.
    func begin() throws -> [UInt8]
    /// What can be sent of a fragment and those before it; may be nothing yet.
    func pack(_ samples: [Int16]) throws -> [UInt8]
    /// What is left at the end.
    func finish() throws -> [UInt8]
}

/// One continuous stream: WAV, raw, MP3, Opus, FLAC.
final class ContinuousPacker: StreamPacker {
    private let encoder: Mutex<StreamingEncoder>
    private let start: [UInt8]

    /// - Throws: `AudioError` if the container cannot hold the sampling rate.
    init(format: AudioFileFormat, sampleRateHz: Int, header: StreamingHeader) throws(AudioError) {
        // Upstream sends WAV's header as a chunk of its own; clients have come to skip it by that.
        start = format == .wav ? try WAVEncoder.header(sampleRateHz: sampleRateHz, size: header.size) : []
        encoder = Mutex(
            try StreamingEncoder(format: format == .wav ? .raw : format, sampleRateHz: sampleRateHz))
    }

    func begin() -> [UInt8] { start }
    func pack(_ samples: [Int16]) throws -> [UInt8] { try encoder.withLock { try $0.append(samples) } }
    func finish() -> [UInt8] { encoder.withLock { $0.finish() } }
}

/// A complete file for each fragment, as upstream's `ogg`: clients open each chunk on its own.
struct FilePerFragmentPacker: StreamPacker {
    let format: AudioFileFormat
    let sampleRateHz: Int

    func begin() -> [UInt8] { [] }
    func pack(_ samples: [Int16]) throws -> [UInt8] {
        try AudioWriter.encode(samples, sampleRateHz: sampleRateHz, format: format)
    }
    func finish() -> [UInt8] { [] }
}

/// Another sampling rate in front of a packer.
final class ResamplingPacker: StreamPacker {
    private let resampler: Mutex<StreamingResampler>
    private let packer: any StreamPacker

    init(fromHz: Int, toHz: Int, then packer: any StreamPacker) throws(AudioError) {
        resampler = Mutex(try StreamingResampler(fromHz: fromHz, toHz: toHz))
        self.packer = packer
    }

    func begin() throws -> [UInt8] { try packer.begin() }
    func pack(_ samples: [Int16]) throws -> [UInt8] {
        try packer.pack(try resampler.withLock { try $0.append(samples) })
    }
    func finish() throws -> [UInt8] {
        let rest = try packer.pack(try resampler.withLock { try $0.finish() })
        return try rest + packer.finish()
    }
}
