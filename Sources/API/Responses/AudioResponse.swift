import Audio
import HTTPTypes
import Hummingbird
import NIOCore
import Synthesis

/// Makes the answers that carry sound.
enum AudioResponse {
    /// The whole utterance, with its length.
    ///
    /// - Throws: `AudioError` if the samples don't fit the container.
    static func whole(
        _ samples: [Int16], sampleRateHz: Int, container: AudioContainer
    ) throws(AudioError) -> Response {
        let bytes =
            switch container {
            case .wav: try WAVEncoder.encode(samples, sampleRateHz: sampleRateHz)
            case .raw: WAVEncoder.pcm(samples)
            }
        return Response(
            status: .ok, headers: headers(container, sampleRateHz: sampleRateHz),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Each fragment as soon as it is there, one HTTP chunk each; before WAV's first, its header in a chunk.
    ///
    /// A failure after the first fragment cuts the connection before the last chunk, so that the client
    /// notices.
    ///
    /// - Throws: `AudioError` if the container cannot hold the sampling rate.
    static func stream(
        _ speech: Speech, container: AudioContainer, header: StreamingHeader
    ) throws(AudioError) -> Response {
        let rate = speech.first.sampleRateHz
        let start =
            switch container {
            case .wav: try WAVEncoder.header(sampleRateHz: rate, size: header.size)
            case .raw: [UInt8]()
            }
        let body = ResponseBody { writer in
            if !start.isEmpty { try await writer.write(ByteBuffer(bytes: start)) }
            var fragment: AudioFragment? = speech.first
            while let samples = fragment?.samples {
                try await writer.write(ByteBuffer(bytes: WAVEncoder.pcm(samples)))
                fragment = try await speech.next()
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers(container, sampleRateHz: rate), body: body)
    }

    /// What a GET would answer, without a body and without speaking.
    static func head(_ container: AudioContainer) -> Response {
        Response(status: .ok, headers: [.contentType: container.contentType])
    }

    /// `raw` has no header of its own, so HTTP's say what the samples are.
    private static func headers(_ container: AudioContainer, sampleRateHz: Int) -> HTTPFields {
        var headers: HTTPFields = [.contentType: container.contentType]
        if container == .raw {
            headers[.sampleRate] = String(sampleRateHz)
            headers[.channels] = "1"
            headers[.sampleFormat] = "s16le"
        }
        return headers
    }
}
