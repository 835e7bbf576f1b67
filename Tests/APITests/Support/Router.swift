import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import StrictJSON
import Synthesis

@testable import API

/// Requests to a server's router, without sockets.
struct RouterClient: Sendable {
    let client: any TestClientProtocol

    func get(_ uri: String, headers: HTTPFields = [:]) async throws -> ReceivedResponse {
        try await send(.get, uri, headers: headers)
    }

    func post(_ uri: String, _ body: String, type: String? = "application/json") async throws
        -> ReceivedResponse
    {
        try await send(
            .post, uri, headers: type.map { [.contentType: $0] } ?? [:], body: ByteBuffer(string: body))
    }

    func send(
        _ method: HTTPRequest.Method, _ uri: String, headers: HTTPFields = [:], body: ByteBuffer? = nil
    ) async throws -> ReceivedResponse {
        ReceivedResponse(
            try await client.executeRequest(uri: uri, method: method, headers: headers, body: body))
    }
}

/// An answer with its parts ready to compare.
struct ReceivedResponse: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    init(_ response: TestResponse) {
        status = response.status.code
        headers = response.headers
        bytes = response.body.copiedBytes
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The members of a JSON answer.
    var json: [String: JSONValue] { (try? JSONReader.read(bytes))?.members ?? [:] }

    var message: String? { string("message") }
    var code: String? { string("code") }

    /// The first entry of `detail`.
    var issue: [String: JSONValue] {
        guard case .array(let entries)? = json["detail"] else { return [:] }
        return entries.first?.members ?? [:]
    }

    /// The `type` of each entry of `detail`.
    var issueTypes: [String] {
        guard case .array(let entries)? = json["detail"] else { return [] }
        return entries.compactMap { entry in
            guard case .string(let type)? = entry.members?["type"] else { return nil }
            return type
        }
    }

    func string(_ name: String) -> String? {
        guard case .string(let text)? = json[name] else { return nil }
        return text
    }
}

/// Runs `test` against a router in front of `engine`.
///
/// - Parameter isOpen: whether requests may change the server and name any path, as in upstream. Tests of keys, origins and
///   folders pass false and get `options` as they are.
func withRouter(
    _ engine: any SpeechEngine = FakeEngine(), _ options: ServerOptions = ServerOptions(),
    isOpen: Bool = true, onControl: @escaping @Sendable (ControlCommand) async -> Void = { _ in },
    logger: Logger = silentLogger,
    test: @escaping @Sendable (RouterClient) async throws -> Void
) async throws {
    let server = Server(engine: engine, options: isOpen ? options.opened : options, logger: logger)
    let application = Application(router: server.router(onControl: onControl), logger: logger)
    try await application.test(.router) { try await test(RouterClient(client: $0)) }
}

extension ServerOptions {
    /// The same without the voices that lie in the working directory, and with everything permitted that has no rules of the
    /// test's own.
    var opened: ServerOptions {
        var options = self
        if options.roots.isEmpty { (options.roots, options.readsAnyPath) = (["/nonexistent"], true) }
        if options.access == AccessControl() { options.access.isInsecure = true }
        if options.voicesFolder == "voices" { options.voicesFolder = "/nonexistent/voices" }
        return options
    }
}

/// Writes nothing.
let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A request with everything that is required, as a query.
let minimalQuery = "text=hello&text_lang=en&ref_audio_path=ref.wav&prompt_lang=en"

/// The same as a JSON object, with `more` members.
func minimalBody(_ more: String = "") -> String {
    #"{"text":"hello","text_lang":"en","ref_audio_path":"ref.wav","prompt_lang":"en""#
        + (more.isEmpty ? "" : ",") + more + "}"
}

/// A `multipart/form-data` body with the boundary `xyz`, as a browser sends it.
func multipartForm(_ fields: [(name: String, file: String?, bytes: [UInt8])]) -> [UInt8] {
    var body: [UInt8] = []
    for field in fields {
        let file = field.file.map { "; filename=\"\($0)\"" } ?? ""
        body += "--xyz\r\nContent-Disposition: form-data; name=\"\(field.name)\"\(file)\r\n\r\n".utf8
        body += field.bytes
        body += "\r\n".utf8
    }
    return body + "--xyz--\r\n".utf8
}
