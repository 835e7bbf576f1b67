import HTTPTypes
import Hummingbird
import NIOCore
import Synthesis

/// Makes the answers that carry sound.
enum AudioResponse {
    /// The whole utterance, with its length.
    static func whole(_ samples: [Int16], sampleRateHz: Int, container: AudioContainer) -> Response {
        var buffer = ByteBuffer()
        if container == .wav {
            buffer = WAVHeader.file(sampleCount: samples.count, sampleRateHz: sampleRateHz)
        }
        buffer.writePCM(samples)
        return Response(
            status: .ok, headers: headers(container, sampleRateHz: sampleRateHz),
            body: ResponseBody(byteBuffer: buffer))
    }

    /// Each fragment as soon as it is there, one HTTP chunk each; before WAV's first, its header in a chunk.
    ///
    /// A failure after the first fragment cuts the connection before the last chunk, so that the client
    /// notices.
    static func stream(_ speech: Speech, container: AudioContainer, header: StreamingHeader) -> Response {
        let rate = speech.first.sampleRateHz
        let body = ResponseBody { writer in
            if container == .wav {
                try await writer.write(WAVHeader.stream(header, sampleRateHz: rate))
            }
            var fragment: AudioFragment? = speech.first
            while let samples = fragment?.samples {
                var buffer = ByteBuffer()
                buffer.writePCM(samples)
                try await writer.write(buffer)
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
