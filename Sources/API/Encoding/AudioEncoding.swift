import Audio

/// How the samples of a response are encoded.
struct AudioEncoding: Sendable {
    let container: AudioContainer
    /// Sizes in the header of a WAV stream.
    var header = StreamingHeader.playable
    /// The rate that the client expects; nil leaves the voice's own.
    var sampleRateHz: Int?
    /// The encoder of AAC.
    var ffmpeg: FFmpeg?

    /// An encoder for one stream.
    ///
    /// - Parameter sampleRateHz: the voice's rate.
    func encoder(sampleRateHz rate: Int) throws -> any StreamEncoder {
        let target = sampleRateHz ?? rate
        let encoder: any StreamEncoder
        if container == .ogg {
            encoder = FilePerFragmentEncoder(format: .ogg, sampleRateHz: target)
        } else if let format = container.fileFormat {
            encoder = try ContinuousEncoder(format: format, sampleRateHz: target, header: header)
        } else {
            guard let ffmpeg else { throw FFmpegFailure(reason: "it is missing") }
            encoder = try AACEncoder(ffmpeg, sampleRateHz: target)
        }
        return target == rate ? encoder : try ResamplingEncoder(fromHz: rate, toHz: target, then: encoder)
    }

    /// A whole utterance.
    func file(_ samples: [Int16], sampleRateHz rate: Int) throws -> [UInt8] {
        if let format = container.fileFormat, (sampleRateHz ?? rate) == rate {
            return try AudioWriter.encode(samples, sampleRateHz: rate, format: format)
        }
        let encoder = try encoder(sampleRateHz: rate)
        return try encoder.header() + encoder.encode(samples) + encoder.finish()
    }
}
