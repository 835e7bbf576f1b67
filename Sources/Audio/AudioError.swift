/// Faults of external audio: files, uploads, reference clips, fragments.
///
/// Each case carries the numbers that explain it; `description` adds what to do about it and `code` is a stable
/// identifier for clients.
package enum AudioError: Error, Equatable, Sendable {
    /// No file at `path`.
    case fileNotFound(path: String)
    /// `path` is a directory, a pipe, a device or a socket; only regular files are opened.
    case notARegularFile(path: String, kind: String)
    /// The operating system failed to open `path`.
    case cannotOpen(path: String, reason: String)
    /// The content is in no audio format that can be read.
    case notAudio(source: String, reason: String)
    /// The file holds no samples.
    case noSamples(source: String)
    /// A sample is NaN or infinite.
    case nonFiniteSample(source: String, channel: Int, frame: Int)
    /// A sample is so far beyond full scale (1.0) that later arithmetic would overflow.
    case implausibleLevel(source: String, channel: Int, frame: Int, value: Float, limit: Float)
    /// More channels than `limit`.
    case tooManyChannels(source: String, found: Int, limit: Int)
    /// The sampling rate lies outside `allowed`, in Hz.
    case sampleRateOutOfRange(source: String, foundHz: Int, allowed: ClosedRange<Int>)
    /// The clip lasts longer than may be decoded.
    case tooLong(source: String, durationSeconds: Double, limitSeconds: Double)
    /// The clip holds more samples (frames times channels) than may be decoded.
    case tooManySamples(source: String, found: Int, limit: Int)
    /// Decoding failed in the middle of the file.
    case readFailed(source: String, frame: Int, reason: String)
    /// A reference clip outside the allowed duration, measured on its 16 kHz samples.
    case referenceDuration(samplesAt16kHz: Int, allowed: ClosedRange<Int>)
    /// A signal too short for an analysis that needs `needed` samples.
    case tooShort(stage: String, samples: Int, needed: Int)
    /// Channels of one clip differ in length, or there are none.
    case inconsistentChannels(lengths: [Int])
    /// The resampling library reported an error.
    case resamplingFailed(fromHz: Int, toHz: Int, reason: String)
    /// A fragment is shorter than the overlap with its neighbour.
    case fragmentTooShort(index: Int, samples: Int, needed: Int)
    /// Fragments cannot be put back in order: `order` is not a permutation of as many indices.
    case invalidFragmentOrder(order: [Int], fragments: Int)
    /// A pause between fragments that is negative, not finite or longer than `limitSeconds`.
    case invalidPause(seconds: Double, limitSeconds: Double)
    /// No encoder for this file name extension or format.
    case unsupportedFormat(name: String, supported: [String])
    /// The encoder does not support this combination of format, rate and channels.
    case cannotEncode(format: String, sampleRateHz: Int, channels: Int, reason: String)
    /// A canonical WAV header cannot express this many bytes of samples.
    case tooLargeForWAV(dataBytes: Int, limit: Int)
    /// Writing `path` failed; nothing is left behind.
    case writeFailed(path: String, reason: String)
}

extension AudioError {
    /// A stable identifier of the case, for programs; never localised, never changed.
    package var code: String {
        switch self {
        case .fileNotFound: "audio_file_not_found"
        case .notARegularFile: "audio_not_a_regular_file"
        case .cannotOpen: "audio_cannot_open"
        case .notAudio: "audio_not_audio"
        case .noSamples: "audio_no_samples"
        case .nonFiniteSample: "audio_non_finite_sample"
        case .implausibleLevel: "audio_implausible_level"
        case .tooManyChannels: "audio_too_many_channels"
        case .sampleRateOutOfRange: "audio_sample_rate_out_of_range"
        case .tooLong: "audio_too_long"
        case .tooManySamples: "audio_too_many_samples"
        case .readFailed: "audio_read_failed"
        case .referenceDuration: "reference_duration_out_of_range"
        case .tooShort: "audio_too_short"
        case .inconsistentChannels: "audio_inconsistent_channels"
        case .resamplingFailed: "audio_resampling_failed"
        case .fragmentTooShort: "fragment_too_short"
        case .invalidFragmentOrder: "invalid_fragment_order"
        case .invalidPause: "invalid_pause"
        case .unsupportedFormat: "audio_unsupported_format"
        case .cannotEncode: "audio_cannot_encode"
        case .tooLargeForWAV: "audio_too_large_for_wav"
        case .writeFailed: "audio_write_failed"
        }
    }
}

extension AudioError: CustomStringConvertible {
    /// What happened, with the numbers, and what to do about it.
    package var description: String {
        readingDescription ?? contentDescription ?? outputDescription
    }

    private var readingDescription: String? {
        switch self {
        case .fileNotFound(let path):
            "no audio file at '\(path)': check the path"
        case .notARegularFile(let path, let kind):
            "'\(path)' is a \(kind): give the path of a regular audio file"
        case .cannotOpen(let path, let reason):
            "cannot open '\(path)': \(reason)"
        case .notAudio(let source, let reason):
            "\(source) is not readable audio (\(reason)): use WAV, FLAC, Ogg or MP3"
        case .readFailed(let source, let frame, let reason):
            "decoding \(source) failed at frame \(frame) (\(reason)): the file is damaged, convert it again"
        default: nil
        }
    }

    private var contentDescription: String? {
        switch self {
        case .noSamples(let source):
            "\(source) holds no samples: use a clip with sound in it"
        case .nonFiniteSample(let source, let channel, let frame):
            "\(source) has a NaN or infinite sample (channel \(channel), frame \(frame)): export it again"
        case .implausibleLevel(let source, let channel, let frame, let value, let limit):
            "\(source) has a sample of \(value) (channel \(channel), frame \(frame)), beyond \(limit): "
                + "scale it so that full scale is 1.0"
        case .tooManyChannels(let source, let found, let limit):
            "\(source) has \(found) channels, at most \(limit) are read: mix it down to mono or stereo"
        case .sampleRateOutOfRange(let source, let foundHz, let allowed):
            "\(source) has a sampling rate of \(foundHz) Hz, outside \(allowed.lowerBound)–"
                + "\(allowed.upperBound) Hz: resample it"
        case .tooLong(let source, let durationSeconds, let limitSeconds):
            "\(source) lasts \(tenths(durationSeconds)) s, at most \(tenths(limitSeconds)) s are read: trim it"
        case .tooManySamples(let source, let found, let limit):
            "\(source) holds \(found) samples over all channels, at most \(limit) are read: trim it, mix it "
                + "down or lower its rate"
        case .referenceDuration(let samples, let allowed):
            "the reference audio lasts \(tenths(Double(samples) / 16_000)) s (\(samples) samples at 16 kHz): "
                + "choose one of \(tenths(Double(allowed.lowerBound) / 16_000))–"
                + "\(tenths(Double(allowed.upperBound) / 16_000)) s"
        case .tooShort(let stage, let samples, let needed):
            "\(stage) needs at least \(needed) samples, got \(samples): use a longer clip"
        case .inconsistentChannels(let lengths):
            "the channels of a clip must have one length and there must be at least one, got \(lengths)"
        case .resamplingFailed(let fromHz, let toHz, let reason):
            "cannot resample from \(fromHz) Hz to \(toHz) Hz: \(reason)"
        default: nil
        }
    }

    private var outputDescription: String {
        switch self {
        case .fragmentTooShort(let index, let samples, let needed):
            "fragment \(index) has \(samples) samples, overlapping it with its neighbour takes \(needed)"
        case .invalidFragmentOrder(let order, let fragments):
            "\(order) is no order of \(fragments) fragments: each index from 0 must occur once"
        case .invalidPause(let seconds, let limitSeconds):
            "a pause of \(seconds) s between fragments: choose 0–\(tenths(limitSeconds)) s"
        case .unsupportedFormat(let name, let supported):
            "no encoder for '\(name)': use one of \(supported.joined(separator: ", "))"
        case .cannotEncode(let format, let sampleRateHz, let channels, let reason):
            "cannot encode \(channels) channel(s) at \(sampleRateHz) Hz as \(format): \(reason)"
        case .tooLargeForWAV(let dataBytes, let limit):
            "\(dataBytes) bytes of samples do not fit a WAV file (at most \(limit)): use FLAC or raw"
        case .writeFailed(let path, let reason):
            "cannot write '\(path)': \(reason)"
        default:
            code
        }
    }
}

/// `value` with one decimal, without Foundation.
private func tenths(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    return "\((value * 10).rounded() / 10)"
}
