import HTTPTypes
import Hummingbird
import StrictJSON

extension Router<SpeechContext> {
    /// Adds an endpoint. Its other methods respond 405, as upstream's do; Hummingbird alone would respond 404.
    func endpoint(
        _ path: RouterPath, _ methods: [HTTPRequest.Method],
        handler: @escaping @Sendable (Request, SpeechContext) async throws -> Response
    ) {
        for method in methods { on(path, method: method, use: handler) }
        let allow = (methods + [.options]).map(\.rawValue).joined(separator: ", ")
        let query = HTTPRequest.Method("QUERY").map { [$0] } ?? []
        let others: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .patch, .trace] + query
        for method in others where !methods.contains(method) {
            on(path, method: method) { _, _ -> Response in
                throw APIError(
                    status: .methodNotAllowed, code: .methodNotAllowed,
                    message: "this endpoint has the methods \(allow)", detail: .string("Method Not Allowed"),
                    allow: allow)
            }
        }
    }
}
