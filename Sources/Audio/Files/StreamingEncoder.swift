/// Encodes mono speech incrementally: each call returns the bytes that are final.
///
/// WAV starts with a header of unknown size, raw is the samples themselves; Ogg, Opus, MP3 and FLAC come out of
/// libsndfile page by page, as one continuous stream. FLAC's header is completed last; in a stream its length
/// field is 0 (unknown), as the format allows.
package struct StreamingEncoder: ~Copyable, @unchecked Sendable {
    // Unchecked: the library's handle is not tied to a thread, and as a non-copyable value with mutating methods
    // it is never used by two at once.

    private let format: AudioFileFormat
    private let stream: MemoryStream
    private var file: SoundFile?
    private var header: [UInt8]
    private var resampler: StreamingResampler?

    /// Formats that can be encoded incrementally.
    package static let formats: [AudioFileFormat] = AudioFileFormat.allCases

    /// An encoder for one stream.
    ///
    /// - Parameters:
    ///   - format: one of ``formats``.
    ///   - sampleRateHz: rate of the samples. They are resampled if the format does not support it.
    ///   - wavSize: the size fields of a WAV header.
    /// - Throws: ``AudioError/cannotEncode(format:sampleRateHz:channels:reason:)``.
    package init(
        format: AudioFileFormat, sampleRateHz: Int, wavSize: WAVEncoder.Size = .unbounded
    ) throws(AudioError) {
        let stream = MemoryStream()
        let rate = format.encodingRateHz(for: sampleRateHz)
        let header =
            format == .wav ? try WAVEncoder.header(sampleRateHz: sampleRateHz, size: wavSize) : []
        let file = try Self.open(stream, format: format, sampleRateHz: rate)
        if rate == sampleRateHz {
            resampler = nil
        } else {
            resampler = try StreamingResampler(fromHz: sampleRateHz, toHz: rate)
        }
        self.format = format
        self.stream = stream
        self.header = header
        self.file = file
    }

    private static func open(
        _ stream: MemoryStream, format: AudioFileFormat, sampleRateHz: Int
    ) throws(AudioError) -> SoundFile? {
        guard let info = try format.libraryInfo(sampleRateHz: sampleRateHz, channels: 1) else { return nil }
        let file = try SoundFile.writing(stream, info: info, format: format)
        // The tag that describes an MP3's variable bit rate is completed last, after its position was sent; without it
        // players compute the length from the first frame's rate, which must therefore be constant.
        // 0.75 is 96 kbit/s at 24, 32 and 48 kHz.
        if format == .mp3 { file.setConstantBitRate(compression: 0.75) }
        return file
    }

    /// Encodes more samples; returns what is ready, which may be nothing yet.
    ///
    /// - Throws: ``AudioError/writeFailed(path:reason:)`` when the encoder fails.
    package mutating func append(_ samples: [Int16]) throws(AudioError) -> [UInt8] {
        if file == nil {
            defer { header = [] }
            return header + WAVEncoder.pcm(samples)
        }
        let samples = try resampler?.append(samples) ?? samples
        try file?.writeAll(samples, name: format.name)
        return stream.drain()
    }

    /// Ends the stream and returns its last bytes; nothing can be appended afterwards.
    package mutating func finish() -> [UInt8] {
        defer { header = [] }
        if let rest = try? resampler?.finish() { try? file?.writeAll(rest, name: format.name) }
        resampler = nil
        file = nil  // closing flushes the encoder
        return header + stream.drain()
    }
}
