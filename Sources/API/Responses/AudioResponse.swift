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
    static func whole(_ speech: Speech, _ packing: AudioPacking) async throws -> Response {
        let spoken = try await speech.all()
        let bytes = try await EncoderThreads.run {
            try packing.file(spoken.samples, sampleRateHz: spoken.sampleRateHz)
        }
        return Response(
            status: .ok, headers: headers(packing, sampleRateHz: spoken.sampleRateHz),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Each fragment as soon as it is there, one HTTP chunk each; before WAV's first, its header in a chunk.
    ///
    /// The first fragment is packed before there is a status. A failure after it cuts the connection before the last
    /// chunk, so that the client notices.
    ///
    /// - Throws: `AudioError` if the container cannot hold the sampling rate.
    static func stream(_ speech: Speech, _ packing: AudioPacking) async throws -> Response {
        let packed = try await PackedSpeech(speech, packing)
        let body = ResponseBody { writer in
            do {
                // An empty chunk would end the body.
                for bytes in packed.start where !bytes.isEmpty {
                    try await writer.write(ByteBuffer(bytes: bytes))
                }
                while let (bytes, _) = try await packed.next() {
                    if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
                }
                try await writer.finish(nil)
            } catch {
                speech.abandon(error)
                throw error
            }
        }
        return Response(
            status: .ok, headers: headers(packing, sampleRateHz: speech.first.sampleRateHz), body: body)
    }

    /// What a GET would answer, without a body and without speaking.
    static func head(_ container: AudioContainer) -> Response {
        Response(status: .ok, headers: [.contentType: container.contentType])
    }

    /// `raw` has no header of its own, so HTTP's say what the samples are.
    private static func headers(_ packing: AudioPacking, sampleRateHz: Int) -> HTTPFields {
        var headers: HTTPFields = [.contentType: packing.container.contentType]
        if packing.container == .raw {
            headers[.sampleRate] = String(packing.sampleRateHz ?? sampleRateHz)
            headers[.channels] = "1"
            headers[.sampleFormat] = "s16le"
        }
        return headers
    }
}
