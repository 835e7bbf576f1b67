import HTTPTypes
import Hummingbird
import Logging
import StrictJSON

/// Turns errors into answers and logs a line per request: method, path, status, duration, request id. Never
/// the query or the body, which hold what people say.
struct RequestLog: RouterMiddleware {
    typealias Context = SpeechContext
    let metrics: ServerMetrics

    func handle(
        _ request: Request, context: SpeechContext,
        next: (Request, SpeechContext) async throws -> Response
    ) async throws -> Response {
        let entry = Entry(
            logger: context.logger, method: request.method.rawValue,
            path: String(request.uri.path.prefix(100)), notes: context.notes, start: .now)
        var response: Response
        var failure: APIError?
        do {
            response = try await next(request, context)
        } catch {
            let apiError = Self.answer(to: error, logger: context.logger)
            failure = apiError
            response = request.uri.path.hasPrefix("/v1/") ? OpenAIError.response(apiError) : apiError.response
        }
        // Hummingbird's name for what it has no route for; a path would be a label that anybody can make up.
        let endpoint = context.endpointPath.flatMap { $0 == "NotFound" ? nil : $0 }
        metrics.answered(endpoint ?? "other", status: response.status.code)
        // Hummingbird puts the id there; a logger that drops metadata has none, and `context.id` would trap.
        response.headers[.requestID] =
            context.logger[metadataKey: "hb.request.id"]?.description ?? "\(RequestID())"

        let status = response.status.code
        let code = failure?.code
        // An answer to HEAD has the headers of GET's and nothing behind them: a client would take it for the next answer.
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

    /// What is left to do when a line is written.
    private struct Entry: Sendable {
        let logger: Logger
        let method: String, path: String
        let notes: RequestNotes
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
            return notes.metadata.merging(own) { _, own in own }
        }

        private static func reason(_ error: any Error) -> String {
            error is CancellationError ? "the client went away" : EngineFailure.logged(error)
        }
    }

    /// The answer to whatever a route threw.
    private static func answer(to error: any Error, logger: Logger) -> APIError {
        switch error {
        case let error as APIError: return error
        case is CancellationError:
            // Nobody reads it; the number is nginx's for the log.
            return APIError(
                status: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"),
                code: .internalError, message: "the client went away")
        case let error as HTTPError where error.status == .notFound:
            return APIError(
                status: .notFound, code: .notFound, message: "no such endpoint", detail: .string("Not Found"))
        case let error as HTTPError:
            return APIError(
                status: error.status, code: .invalidRequest, message: error.body ?? error.status.reasonPhrase)
        default:
            logger.error("a fault while answering", metadata: ["error": .string(EngineFailure.logged(error))])
            return APIError(
                status: .internalServerError, code: .internalError,
                message: "an internal error; the server's log has more")
        }
    }
}
