import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON
import Synthesis

/// An error response: status, code, and the members that upstream's clients read.
struct APIError: Error, Sendable, Equatable {
    let status: HTTPResponse.Status
    let code: ErrorCode
    /// The text for people (`message`).
    let message: String
    /// Upstream's `Exception`: why the synthesis failed.
    var exception: String?
    /// FastAPI's `detail`.
    var detail: JSONValue?
    /// Methods for the `Allow` header of a 405.
    var allow: String?
    /// The parameter that is wrong, for OpenAI's shape.
    var parameter: String?
    /// The scheme for the `WWW-Authenticate` header of a 401.
    var authenticate: String?
    /// When to try again, for the `Retry-After` header.
    var retrySeconds: Int?

    /// An error with status 400, the only one of upstream's own.
    ///
    /// - Parameter parameter: the one that is wrong.
    static func badRequest(_ code: ErrorCode, _ message: String, at parameter: String? = nil) -> APIError {
        APIError(status: .badRequest, code: code, message: message, parameter: parameter)
    }

    /// A failure inside the engine: `message` is upstream's phrase, the cause becomes `Exception`.
    ///
    /// What isn't a `SynthesisError` is a fault; its description may reveal details of the machine, so it goes to the log
    /// only.
    static func failed(_ message: String, cause: any Error) -> APIError {
        if let apiError = cause as? APIError { return apiError }
        guard let error = cause as? SynthesisError else {
            return APIError(
                status: .badRequest, code: .internalError, message: message,
                exception: "an internal error; the server's log has more")
        }
        return APIError(
            status: .badRequest, code: ErrorCode(error.code), message: message, exception: error.description)
    }

    /// The body as JSON.
    var body: JSONValue {
        var members: [JSONValue.Member] = []
        if let detail { members.append(JSONValue.Member("detail", detail)) }
        members.append(JSONValue.Member("message", .string(message)))
        members.append(JSONValue.Member("code", .string(code.rawValue)))
        if let exception { members.append(JSONValue.Member("Exception", .string(exception))) }
        return .object(members)
    }

    /// The response.
    var response: Response { response(body: body) }

    /// The response with another body.
    func response(body: JSONValue) -> Response {
        var response = Response(status: status, json: body)
        if let allow { response.headers[.allow] = allow }
        if let authenticate { response.headers[.wwwAuthenticate] = authenticate }
        if let retrySeconds { response.headers[.retryAfter] = String(retrySeconds) }
        return response
    }
}

extension ErrorCode {
    /// The code of an engine's error.
    init(_ code: SynthesisError.Code) {
        self =
            switch code {
            case .reference: .invalidReference
            case .text: .invalidText
            case .language: .unsupportedLanguage
            case .weights: .invalidWeights
            case .parameter: .invalidParameter
            case .setup: .incompleteSetup
            }
    }
}

extension Response {
    /// A response with a JSON body.
    init(status: HTTPResponse.Status = .ok, json: JSONValue) {
        self.init(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: JSONWriter.text(of: json, escaping: .careful))))
    }

    /// `{"message":"success"}`, as upstream's endpoints that change something respond.
    static var success: Response {
        Response(json: .object([JSONValue.Member("message", .string("success"))]))
    }
}
