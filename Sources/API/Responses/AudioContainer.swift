import Audio

/// How samples are packed (upstream's `media_type`, and three more).
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
    /// - Parameter ffmpeg: what writes AAC, if it is there.
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

    /// The `Content-Type` of the answer.
    var contentType: String {
        switch self {
        case .wav, .raw, .ogg, .aac, .flac: "audio/\(rawValue)"
        case .mp3: "audio/mpeg"
        case .opus: "audio/ogg"
        }
    }

    /// The format that the Audio room writes; nil for AAC.
    var fileFormat: AudioFileFormat? { AudioFileFormat(rawValue: rawValue) }
}

/// How an answer's samples are packed.
struct AudioPacking: Sendable {
    let container: AudioContainer
    /// Sizes in the header of a WAV stream.
    var header = StreamingHeader.playable
    /// The rate that the client expects; nil leaves the voice's own.
    var sampleRateHz: Int?
    /// What writes AAC.
    var ffmpeg: FFmpeg?

    /// A packer for one stream.
    ///
    /// - Parameter sampleRateHz: the voice's rate.
    func packer(sampleRateHz rate: Int) throws -> any StreamPacker {
        let target = sampleRateHz ?? rate
        let packer: any StreamPacker
        if container == .ogg {
            packer = FilePerFragmentPacker(format: .ogg, sampleRateHz: target)
        } else if let format = container.fileFormat {
            packer = try ContinuousPacker(format: format, sampleRateHz: target, header: header)
        } else {
            guard let ffmpeg else { throw FFmpegFailure(reason: "it is not there") }
            packer = try AACPacker(ffmpeg, sampleRateHz: target)
        }
        return target == rate ? packer : try ResamplingPacker(fromHz: rate, toHz: target, then: packer)
    }

    /// A whole utterance.
    func file(_ samples: [Int16], sampleRateHz rate: Int) throws -> [UInt8] {
        if let format = container.fileFormat, (sampleRateHz ?? rate) == rate {
            return try AudioWriter.encode(samples, sampleRateHz: rate, format: format)
        }
        let packer = try packer(sampleRateHz: rate)
        return try packer.begin() + packer.pack(samples) + packer.finish()
    }
}
