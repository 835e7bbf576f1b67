import Hummingbird

/// Refuses requests that reach the server under a foreign name or come from a page of a foreign origin, before a route
/// reads anything of them.
struct RequestOriginCheck: RouterMiddleware {
    typealias Context = SpeechContext
    let hosts: HostPolicy
    let origins: OriginPolicy

    func handle(
        _ request: Request, context: SpeechContext,
        next: (Request, SpeechContext) async throws -> Response
    ) async throws -> Response {
        try hosts.check(request)
        try origins.check(request)
        return try await next(request, context)
    }
}
