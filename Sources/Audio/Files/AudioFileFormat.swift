import CSndfile

/// A format that synthesised speech can be written in.
package enum AudioFileFormat: String, Sendable, CaseIterable {
    /// 16-bit PCM with a 44-byte header.
    case wav
    /// Lossless, 16 bit.
    case flac
    /// Vorbis in Ogg at libsndfile's default quality, as upstream's `ogg`.
    case ogg
    /// Opus in Ogg; written at 48 kHz unless Opus supports the rate.
    case opus
    /// MPEG layer III.
    case mp3
    /// Bare 16-bit little-endian samples.
    case raw

    /// The name used in requests and as a file name extension.
    package var name: String { rawValue }

    /// The media type of a response with this content.
    package var mediaType: String {
        switch self {
        case .wav: "audio/wav"
        case .flac: "audio/flac"
        case .ogg, .opus: "audio/ogg"
        case .mp3: "audio/mpeg"
        case .raw: "audio/raw"
        }
    }

    /// The format that a path's extension names, in any case; `pcm` means raw.
    ///
    /// - Throws: ``AudioError/unsupportedFormat(name:supported:)``.
    package init(path: String) throws(AudioError) {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let suffix = parts.count > 1 ? (parts.last ?? "").lowercased() : ""
        guard let format = suffix == "pcm" ? .raw : AudioFileFormat(rawValue: suffix) else {
            throw .unsupportedFormat(
                name: suffix.isEmpty ? path : suffix, supported: Self.allCases.map { ".\($0.name)" })
        }
        self = format
    }

    /// libsndfile's code of this format; nil for formats that do not need the library.
    private var libraryFormat: Int32? {
        switch self {
        case .wav, .raw: nil
        case .flac: Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        case .ogg: Int32(SF_FORMAT_OGG | SF_FORMAT_VORBIS)
        case .opus: Int32(SF_FORMAT_OGG | SF_FORMAT_OPUS)
        case .mp3: Int32(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III)
        }
    }

    /// libsndfile's parameters for an encoder; nil for formats that do not need the library.
    ///
    /// - Throws: ``AudioError/cannotEncode(format:sampleRateHz:channels:reason:)`` when the installed library was
    ///   built without this encoder or does not take the rate.
    func libraryInfo(sampleRateHz: Int, channels: Int) throws(AudioError) -> SF_INFO? {
        guard let libraryFormat else { return nil }
        var info = SF_INFO()
        info.format = libraryFormat
        info.samplerate = Int32(clamping: sampleRateHz)
        info.channels = Int32(clamping: channels)
        guard sf_format_check(&info) != 0 else {
            throw .cannotEncode(
                format: name, sampleRateHz: sampleRateHz, channels: channels,
                reason: "the installed libsndfile does not offer it")
        }
        return info
    }

    /// The rate to encode at: Opus supports five, other formats any.
    func encodingRateHz(for sampleRateHz: Int) -> Int {
        guard self == .opus, ![8_000, 12_000, 16_000, 24_000, 48_000].contains(sampleRateHz) else {
            return sampleRateHz
        }
        return 48_000
    }
}
