import HTTPTypes
import Hummingbird

/// Lets the pages that `OriginPolicy` allows read the responses of every endpoint, errors included: web clients such as
/// SillyTavern call the server from a page of another origin.
struct CrossOriginHeaders: RouterMiddleware {
    typealias Context = SpeechContext
    let origins: OriginPolicy

    func handle(
        _ request: Request, context: SpeechContext,
        next: (Request, SpeechContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        // Caches must not serve one origin's response to another.
        response.headers[.vary] = [response.headers[.vary], "Origin"].compactMap { $0 }.joined(
            separator: ", ")
        guard let origin = origins.allowedOrigin(request) else { return response }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlAllowMethods] = "GET, POST, PUT, DELETE, HEAD, OPTIONS"
        // `*` does not cover Authorization, which must be named.
        response.headers[.accessControlAllowHeaders] =
            request.headers[.accessControlRequestHeaders] ?? "Content-Type, Authorization, X-Api-Key"
        response.headers[.accessControlExposeHeaders] =
            "X-Sample-Rate, X-Channels, X-Sample-Format, X-Request-Id"
        response.headers[.accessControlMaxAge] = "86400"
        return response
    }
}

/// Responds to OPTIONS on every path, which browsers send before a POST with JSON.
struct Preflight: RouterMiddleware {
    typealias Context = SpeechContext

    func handle(
        _ request: Request, context: SpeechContext,
        next: (Request, SpeechContext) async throws -> Response
    ) async throws -> Response {
        request.method == .options ? Response(status: .noContent) : try await next(request, context)
    }
}
