import Audio
import Synchronization

/// Encodes the fragments of one response, in order. The calls block and compute: they belong on `EncoderThreads`.
protocol StreamEncoder: Sendable {
    /// The bytes before the first fragment, in a chunk of their own.
    func header() throws -> [UInt8]
    /// The bytes that are complete after a fragment and those before it; may be empty.
    func encode(_ samples: [Int16]) throws -> [UInt8]
    /// The rest.
    func finish() throws -> [UInt8]
}

/// One continuous stream: WAV, raw, MP3, Opus, FLAC.
final class ContinuousEncoder: StreamEncoder {
    private let encoder: Mutex<StreamingEncoder>
    private let start: [UInt8]

    /// - Throws: `AudioError` if the container cannot hold the sampling rate.
    init(format: AudioFileFormat, sampleRateHz: Int, header: StreamingHeader) throws(AudioError) {
        // Upstream sends WAV's header as a chunk of its own; clients have come to skip it by that.
        start = format == .wav ? try WAVEncoder.header(sampleRateHz: sampleRateHz, size: header.size) : []
        encoder = Mutex(
            try StreamingEncoder(format: format == .wav ? .raw : format, sampleRateHz: sampleRateHz))
    }

    func header() -> [UInt8] { start }
    func encode(_ samples: [Int16]) throws -> [UInt8] { try encoder.withLock { try $0.append(samples) } }
    func finish() -> [UInt8] { encoder.withLock { $0.finish() } }
}

/// A complete file for each fragment, as upstream's `ogg`: clients open each chunk on its own.
struct FilePerFragmentEncoder: StreamEncoder {
    let format: AudioFileFormat
    let sampleRateHz: Int

    func header() -> [UInt8] { [] }
    func encode(_ samples: [Int16]) throws -> [UInt8] {
        try AudioWriter.encode(samples, sampleRateHz: sampleRateHz, format: format)
    }
    func finish() -> [UInt8] { [] }
}

/// Another sampling rate in front of an encoder.
final class ResamplingEncoder: StreamEncoder {
    private let resampler: Mutex<StreamingResampler>
    private let encoder: any StreamEncoder

    init(fromHz: Int, toHz: Int, then encoder: any StreamEncoder) throws(AudioError) {
        resampler = Mutex(try StreamingResampler(fromHz: fromHz, toHz: toHz))
        self.encoder = encoder
    }

    func header() throws -> [UInt8] { try encoder.header() }
    func encode(_ samples: [Int16]) throws -> [UInt8] {
        try encoder.encode(try resampler.withLock { try $0.append(samples) })
    }
    func finish() throws -> [UInt8] {
        let rest = try encoder.encode(try resampler.withLock { try $0.finish() })
        return try rest + encoder.finish()
    }
}
