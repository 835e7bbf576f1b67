import HTTPTypes
import Hummingbird

/// Lets browsers use the answers of every endpoint, errors included: web clients such as SillyTavern call the
/// server from a page of another origin.
struct CrossOriginHeaders: RouterMiddleware {
    typealias Context = SpeechContext

    func handle(
        _ request: Request, context: SpeechContext,
        next: (Request, SpeechContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.accessControlAllowOrigin] = "*"
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

/// Answers OPTIONS for every path, as a browser asks before a POST with JSON.
struct Preflight: RouterMiddleware {
    typealias Context = SpeechContext

    func handle(
        _ request: Request, context: SpeechContext,
        next: (Request, SpeechContext) async throws -> Response
    ) async throws -> Response {
        request.method == .options ? Response(status: .noContent) : try await next(request, context)
    }
}

/// Keeps pages of other sites from changing the server's state, which needs no more than an image's
/// address: the endpoints that do so answer to GET. Browsers say where a request comes from; other clients
/// say nothing.
enum SameSite {
    /// Refuses `request` with 403 if another site's page sent it.
    static func check(_ request: Request) throws(APIError) {
        guard request.headers[.fetchSite]?.lowercased() == "cross-site" else { return }
        throw APIError(
            status: .forbidden, code: .crossSite,
            message: "a page of another site may not use this endpoint")
    }
}
