import HTTPTypes
import Hummingbird
import Logging
import StrictJSON

/// Turns errors into responses and logs a line per request: method, path, status, duration, request id. Never the query
/// or the body, which contain texts of users.
struct RequestLog: RouterMiddleware {
    typealias Context = SpeechContext
    let metrics: ServerMetrics

    func handle(
        _ request: Request, context: SpeechContext,
        next: (Request, SpeechContext) async throws -> Response
    ) async throws -> Response {
        let entry = Entry(
            logger: context.logger, method: request.method.rawValue,
            path: String(request.uri.path.prefix(100)), logMetadata: context.logMetadata, start: .now)
        var response: Response
        var failure: APIError?
        do {
            response = try await next(request, context)
        } catch {
            let apiError = Self.apiError(for: error, logger: context.logger)
            failure = apiError
            response = request.uri.path.hasPrefix("/v1/") ? OpenAIError.response(apiError) : apiError.response
        }
        // Hummingbird's name for paths without a route; the path itself would be a label that clients choose.
        let endpoint = context.endpointPath.flatMap { $0 == "NotFound" ? nil : $0 }
        metrics.responded(endpoint ?? "other", status: response.status.code)
        // Hummingbird puts the id there; a logger that drops metadata has none, and `context.id` would trap.
        response.headers[.requestID] =
            context.logger[metadataKey: "hb.request.id"]?.description ?? "\(RequestID())"

        let status = response.status.code
        let code = failure?.code
        // A response to HEAD has the headers of GET's and no body, which the client would take for the next response.
        if request.method == .head { response = response.createHeadResponse() }
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            do {
                try await body.write(writer)
                entry.log(status: status, code: code)
            } catch {
                entry.logCut(status: status, error: error)
                throw error
            }
        }
        return response
    }

    /// The content of a log line.
    private struct Entry: Sendable {
        let logger: Logger
        let method: String, path: String
        let logMetadata: RequestLogMetadata
        let start: ContinuousClock.Instant

        func log(status: Int, code: ErrorCode?) {
            var metadata = metadata(status: status)
            if let code { metadata["code"] = .string(code.rawValue) }
            logger.info("\(method) \(path)", metadata: metadata)
        }

        func logCut(status: Int, error: any Error) {
            var metadata = metadata(status: status)
            metadata["cut"] = .string(Self.reason(error))
            logger.warning("\(method) \(path)", metadata: metadata)
        }

        private func metadata(status: Int) -> Logger.Metadata {
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let own: Logger.Metadata = ["status": "\(status)", "ms": "\(Int(seconds * 1000))"]
            return logMetadata.metadata.merging(own) { _, own in own }
        }

        private static func reason(_ error: any Error) -> String {
            error is CancellationError ? "the client disconnected" : EngineFailure.logged(error)
        }
    }

    /// The error response for an error of a route.
    private static func apiError(for error: any Error, logger: Logger) -> APIError {
        switch error {
        case let error as APIError: return error
        case is CancellationError:
            // For the log only: the client has gone. The number is nginx's.
            return APIError(
                status: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"),
                code: .internalError, message: "the client disconnected")
        case let error as HTTPError where error.status == .notFound:
            return APIError(
                status: .notFound, code: .notFound, message: "no such endpoint", detail: .string("Not Found"))
        case let error as HTTPError:
            return APIError(
                status: error.status, code: .invalidRequest, message: error.body ?? error.status.reasonPhrase)
        default:
            logger.error("a fault in a route", metadata: ["error": .string(EngineFailure.logged(error))])
            return APIError(
                status: .internalServerError, code: .internalError,
                message: "an internal error; the server's log has more")
        }
    }
}
