import Audio

/// The container of a response (upstream's `media_type`, and three more).
enum AudioContainer: String, Sendable, CaseIterable {
    /// RIFF WAVE, 16-bit.
    case wav
    /// 16-bit little-endian PCM and nothing else.
    case raw
    /// Vorbis in Ogg; a stream has a complete file per fragment.
    case ogg
    /// AAC in ADTS.
    case aac
    /// MPEG layer III.
    case mp3
    /// Opus in Ogg.
    case opus
    /// Lossless.
    case flac

    /// The container that `mediaType` names.
    ///
    /// - Parameter ffmpeg: the encoder of AAC, if there is one.
    init(mediaType: String, ffmpeg: FFmpeg?) throws(APIError) {
        guard let container = AudioContainer(rawValue: mediaType) else {
            throw .badRequest(.unsupportedMediaType, "media_type: \(mediaType) is not supported")
        }
        if container == .aac, ffmpeg == nil {
            throw .badRequest(
                .unsupportedMediaType,
                "media_type: aac is not supported: this server has no ffmpeg program; use ogg, mp3, opus, flac, "
                    + "wav or raw")
        }
        self = container
    }

    /// The `Content-Type` of the response.
    var contentType: String {
        switch self {
        case .wav, .raw, .ogg, .aac, .flac: "audio/\(rawValue)"
        case .mp3: "audio/mpeg"
        case .opus: "audio/ogg"
        }
    }

    /// The format in the Audio module; nil for AAC.
    var fileFormat: AudioFileFormat? { AudioFileFormat(rawValue: rawValue) }
}
