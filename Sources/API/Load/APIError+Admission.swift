import HTTPTypes

extension APIError {
    /// The queue is full.
    static func queueFull(waiting: Int, retrySeconds: Int) -> APIError {
        APIError(
            status: .serviceUnavailable, code: .queueFull,
            message:
                "\(waiting) requests wait already, the most that this server accepts; try again in \(retrySeconds) s",
            retrySeconds: retrySeconds)
    }

    /// This caller has as many requests in the queue as it may.
    static func tooManyRequests(waiting: Int, retrySeconds: Int) -> APIError {
        APIError(
            status: .tooManyRequests, code: .tooManyRequests,
            message: "\(waiting) of your requests wait already; try again in \(retrySeconds) s",
            retrySeconds: retrySeconds)
    }

    /// The server is about to end.
    static func shuttingDown(retrySeconds: Int) -> APIError {
        APIError(
            status: .serviceUnavailable, code: .shuttingDown,
            message: "this server is shutting down; try again in \(retrySeconds) s",
            retrySeconds: retrySeconds)
    }

    /// The request took longer than it may.
    static func deadline(seconds: Double) -> APIError {
        APIError(
            status: .gatewayTimeout, code: .deadlineExceeded,
            message: "the request took longer than \(seconds.documentation) s")
    }
}
