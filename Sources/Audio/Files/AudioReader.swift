import CSndfile
import Files

/// Reads audio files of every format the installed libsndfile knows: WAV, FLAC, Ogg, MP3, AIFF, AU …
///
/// Samples become single precision with full scale at ±1.0: 16-bit integers are divided by 32,768, floats are
/// taken as they are (they may exceed 1). Equals `soundfile.read(dtype="float32")`.
package enum AudioReader {
    /// Reads the file at `path`.
    ///
    /// - Throws: ``AudioError``: the file is missing, no regular file, no audio, empty, damaged, holds samples
    ///   that are not finite, or goes beyond `limits`.
    package static func read(
        path: String, limits: AudioLimits = .standard
    ) throws(AudioError) -> AudioClip {
        let descriptor: Int32
        do { descriptor = try RegularFile.open(path) } catch { throw AudioError(error) }
        let source = "'\(path)'"
        let file = try SoundFile.reading(descriptor: descriptor, source: source)
        return try decode(file, limits: limits, source: source)
    }

    /// Reads a whole file that is already in memory, an upload for example.
    ///
    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - limits: what may be decoded.
    ///   - source: what to call it in an error.
    /// - Throws: ``AudioError``, as ``read(path:limits:)`` does.
    package static func read(
        bytes: [UInt8], limits: AudioLimits = .standard, source: String = "the uploaded audio"
    ) throws(AudioError) -> AudioClip {
        guard !bytes.isEmpty else { throw .notAudio(source: source, reason: "it is empty") }
        let file = try SoundFile.reading(MemoryStream(bytes), source: source)
        return try decode(file, limits: limits, source: source)
    }

    /// Samples decoded per call, over all channels: 256 KiB.
    private static let blockSamples = 65_536

    private static func decode(
        _ file: borrowing SoundFile, limits: AudioLimits, source: String
    ) throws(AudioError) -> AudioClip {
        let channelCount = Int(file.info.channels)
        let rate = Int(file.info.samplerate)
        guard channelCount > 0 else {
            throw .notAudio(source: source, reason: "it declares \(channelCount) channels")
        }
        // The number of frames in a header is not reliable, and a truncated Ogg file has none (the library then
        // returns `Int64.max`): it is used to reject early, never to allocate, and the frames that are decoded are
        // checked against the limits again.
        let claimed = file.info.frames == Int64.max ? 0 : max(0, Int(file.info.frames))
        try limits.check(channels: channelCount, sampleRateHz: rate, frames: claimed, source: source)

        var channels = [[Float]](repeating: [], count: channelCount)
        var block = [Float](repeating: 0, count: max(1, blockSamples / channelCount) * channelCount)
        var frames = 0
        while true {
            let count = file.read(into: &block)
            // Checked after every block: the next call clears the error, and a damaged file would read as a short one.
            if let reason = file.failure {
                throw .readFailed(source: source, frame: frames + count, reason: reason)
            }
            guard count > 0 else { break }
            frames += count
            try limits.check(channels: channelCount, sampleRateHz: rate, frames: frames, source: source)
            append(block, frames: count, to: &channels)
        }
        guard frames > 0 else { throw .noSamples(source: source) }
        return try AudioClip(channels: channels, sampleRateHz: rate, limits: limits, source: source)
    }

    private static func append(_ block: [Float], frames: Int, to channels: inout [[Float]]) {
        let stride = channels.count
        guard stride > 1 else {
            channels[0].append(contentsOf: block[..<frames])
            return
        }
        for channel in 0..<stride {
            channels[channel].append(contentsOf: (0..<frames).lazy.map { block[$0 * stride + channel] })
        }
    }
}
