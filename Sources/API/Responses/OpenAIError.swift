import Hummingbird
import StrictJSON
import Synthesis

/// Errors as OpenAI's API has them: clients of `/v1` look for this shape.
enum OpenAIError {
    /// The response.
    static func response(_ error: APIError) -> Response {
        let message = [error.message, error.exception].compactMap { $0 }.joined(separator: ": ")
        return error.response(
            body: .object([
                JSONValue.Member(
                    "error",
                    .object([
                        JSONValue.Member("message", .string(message)),
                        JSONValue.Member("type", .string(type(of: error))),
                        JSONValue.Member("param", error.parameter.map { .string($0) } ?? .null),
                        JSONValue.Member("code", .string(error.code.rawValue)),
                    ]))
            ]))
    }

    private static func type(of error: APIError) -> String {
        switch error.status.code {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 429: "rate_limit_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }
}

/// OpenAI's events of a stream: audio in Base64, and the usage at the end.
enum OpenAIEvents {
    /// The response.
    static func response(_ speech: Speech, _ request: ValidatedOpenAIRequest) async throws -> Response {
        let encoded = try await EncodedSpeech(speech, request.encoding)
        let characters = request.synthesis.text.unicodeScalars.count
        return ServerSentEvents.response { writer in
            do {
                var samples = speech.first.samples.count
                try await write(encoded.start.flatMap { $0 }, to: &writer)
                while let (bytes, fragment) = try await encoded.next() {
                    samples += fragment?.samples.count ?? 0
                    try await write(bytes, to: &writer)
                }
                // 25 semantic tokens make a second of speech.
                let tokens = samples * 25 / max(speech.first.sampleRateHz, 1)
                try await writer.write(ServerSentEvents.event(done(characters, tokens)))
                try await writer.finish(nil)
            } catch {
                speech.abandon(error)
                throw error
            }
        }
    }

    private static func write(_ bytes: [UInt8], to writer: inout any ResponseBodyWriter) async throws {
        guard !bytes.isEmpty else { return }
        try await writer.write(
            ServerSentEvents.event(
                .object([
                    JSONValue.Member("type", .string("speech.audio.delta")),
                    JSONValue.Member("audio", .string(Base64.text(bytes))),
                ])))
    }

    private static func done(_ input: Int, _ output: Int) -> JSONValue {
        .object([
            JSONValue.Member("type", .string("speech.audio.done")),
            JSONValue.Member(
                "usage",
                .object([
                    JSONValue.Member("input_tokens", .integer(Int64(input))),
                    JSONValue.Member("output_tokens", .integer(Int64(output))),
                    JSONValue.Member("total_tokens", .integer(Int64(input + output))),
                ])),
        ])
    }
}
