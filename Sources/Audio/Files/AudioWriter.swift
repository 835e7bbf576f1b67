import Files

/// Encodes whole pieces of speech, in memory or to a file.
package enum AudioWriter {
    /// The bytes of a file in `format`.
    ///
    /// - Parameters:
    ///   - samples: mono 16-bit samples.
    ///   - sampleRateHz: samples per second. Opus is resampled to 48 kHz unless it supports the rate.
    ///   - format: what to write.
    /// - Throws: ``AudioError`` when the encoder is missing, does not support the parameters or fails, or when there are no samples (WAV and
    ///   raw can be empty).
    package static func encode(
        _ samples: [Int16], sampleRateHz: Int, format: AudioFileFormat
    ) throws(AudioError) -> [UInt8] {
        let rate = format.encodingRateHz(for: sampleRateHz)
        let samples = try resample(samples, fromHz: sampleRateHz, toHz: rate)
        guard let info = try format.libraryInfo(sampleRateHz: rate, channels: 1) else {
            return format == .raw
                ? WAVEncoder.pcm(samples) : try WAVEncoder.encode(samples, sampleRateHz: rate)
        }
        // The library writes headers with the first samples; a file without any would be unreadable.
        guard !samples.isEmpty else { throw .noSamples(source: "the speech to encode") }
        let stream = MemoryStream()
        do {
            let file = try SoundFile.writing(stream, info: info, format: format)
            try file.writeAll(samples, name: format.name)
        }
        return stream.bytes
    }

    /// Writes a file in the format its extension names. Readers see the old file or the whole new one.
    ///
    /// - Throws: ``AudioError`` as ``encode(_:sampleRateHz:format:)`` does, and
    ///   ``AudioError/writeFailed(path:reason:)``.
    package static func write(
        _ samples: [Int16], sampleRateHz: Int, to path: String
    ) throws(AudioError) {
        let format = try AudioFileFormat(path: path)
        let bytes = try encode(samples, sampleRateHz: sampleRateHz, format: format)
        do { try AtomicFile.write(bytes, to: path) } catch { throw AudioError(error) }
    }

    private static func resample(
        _ samples: [Int16], fromHz: Int, toHz: Int
    ) throws(AudioError) -> [Int16] {
        guard fromHz != toHz else { return samples }
        let resampled = try LibrosaResampler.resample(
            samples.map { Float($0) / 32_768 }, fromHz: fromHz, toHz: toHz)
        return Postprocess.toInt16(resampled, fullScale: .clamp)
    }
}

extension SoundFile {
    /// Writes mono samples in small blocks: libsndfile's Vorbis encoder keeps the samples of a call on the stack, which
    /// overflows for long ones.
    func writeAll(_ samples: [Int16], name: String) throws(AudioError) {
        for start in stride(from: 0, to: samples.count, by: 4_096) {
            let portion = samples[start..<min(start + 4_096, samples.count)]
            guard write(portion) == portion.count else {
                throw .writeFailed(path: "\(name) stream", reason: failure ?? "the encoder stopped")
            }
        }
    }
}
