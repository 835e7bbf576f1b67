import Audio
import HTTPTypes
import Hummingbird
import NIOCore
import Synthesis

/// Responses with audio.
enum AudioResponse {
    /// The whole utterance, with its length.
    ///
    /// - Throws: `AudioError` if the samples don't fit the container.
    static func whole(_ speech: Speech, _ encoding: AudioEncoding) async throws -> Response {
        let spoken = try await speech.all()
        let bytes = try await EncoderThreads.run {
            try encoding.file(spoken.samples, sampleRateHz: spoken.sampleRateHz)
        }
        return Response(
            status: .ok, headers: headers(encoding, speech, sampleRateHz: spoken.sampleRateHz),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Each fragment as soon as it is there, one HTTP chunk each; before WAV's first, its header in a chunk.
    ///
    /// The first fragment is encoded before there is a status. A failure after it cuts the connection before the last
    /// chunk, so that the client notices.
    ///
    /// - Throws: `AudioError` if the container cannot hold the sampling rate.
    static func stream(_ speech: Speech, _ encoding: AudioEncoding) async throws -> Response {
        let encoded = try await EncodedSpeech(speech, encoding)
        let body = ResponseBody { writer in
            do {
                // An empty chunk would end the body.
                for bytes in encoded.start where !bytes.isEmpty {
                    try await writer.write(ByteBuffer(bytes: bytes))
                }
                while let (bytes, _) = try await encoded.next() {
                    if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
                }
                try await writer.finish(nil)
            } catch {
                speech.abandon(error)
                throw error
            }
        }
        return Response(
            status: .ok, headers: headers(encoding, speech, sampleRateHz: speech.first.sampleRateHz),
            body: body)
    }

    /// The headers of the response to a GET; nothing is synthesized.
    static func head(_ container: AudioContainer) -> Response {
        Response(status: .ok, headers: [.contentType: container.contentType])
    }

    /// `raw` has no header, so HTTP's describe the samples.
    private static func headers(
        _ encoding: AudioEncoding, _ speech: Speech, sampleRateHz: Int
    ) -> HTTPFields {
        var headers: HTTPFields = [.contentType: encoding.container.contentType]
        if speech.first.lacksSuperSampling { headers[.superSampling] = "unavailable" }
        if encoding.container == .raw {
            headers[.sampleRate] = String(encoding.sampleRateHz ?? sampleRateHz)
            headers[.channels] = "1"
            headers[.sampleFormat] = "s16le"
        }
        return headers
    }
}
