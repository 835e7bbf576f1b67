import HTTPTypes
import Hummingbird

/// `/control`: restart and exit.
struct ControlRoutes: Sendable {
    let limits: RequestLimits
    let access: AccessControl
    let onControl: @Sendable (ControlCommand) async -> Void

    static let command = Parameter("command", "", "`restart` or `exit`", acceptsNull: true)

    func add(to router: Router<SpeechContext>) {
        router.endpoint("/control", [.get, .post]) { request, _ in
            try access.checkAdmin(request)
            let raw =
                request.method == .post
                ? try await JSONBody.read(request, limit: limits.bodyBytes)
                : try RawParameters(query: request.uri.query)
            let name = try Parameters(raw, table: [Self.command], defaults: .classic)[Self.command]
            guard !name.isEmpty else { throw APIError.badRequest(.missingParameter, "command is required") }
            guard let command = ControlCommand(rawValue: name) else {
                throw APIError.badRequest(
                    .unknownCommand, "command: \(name.prefix(100)) is not known: use restart or exit")
            }
            return response(to: command)
        }
    }

    /// The command runs after the response has been sent, or could not be sent.
    private func response(to command: ControlCommand) -> Response {
        var response = Response.success
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            do {
                try await body.write(writer)
            } catch {
                await onControl(command)
                throw error
            }
            await onControl(command)
        }
        return response
    }
}
