import HTTPTypes
import NIOCore
import Synthesis
import Testing

@testable import API

/// Requests that web pages send: under a foreign name (DNS rebinding), or from a foreign origin.
@Suite struct OriginTests {
    private static let routes: [(HTTPRequest.Method, String)] =
        AccessTests.guarded + [
            (.get, "/tts?\(minimalQuery)"), (.post, "/tts"), (.head, "/tts?\(minimalQuery)"), (.get, "/"),
            (.post, "/"), (.get, "/speakers"), (.post, "/v1/audio/speech"), (.get, "/v1/audio/voices"),
            (.get, "/v1/models"), (.get, "/metrics"), (.get, "/health"), (.get, "/openapi.json"),
            (.options, "/tts"), (.get, "/nothing"),
        ]

    /// Sends a request with these headers over a socket.
    private func exchange(
        _ port: Int, _ method: HTTPRequest.Method, _ uri: String, _ headers: [String]
    ) async throws -> (head: String, body: [UInt8]) {
        let lines = ["\(method) \(uri) HTTP/1.1"] + headers + ["Connection: close", "", ""]
        return RawClient.split(try await RawClient.exchange(port, lines.joined(separator: "\r\n")))
    }

    private func status(_ head: String) -> String { String(head.dropFirst(9).prefix(3)) }

    /// The page of `evil.example`, whose name resolves to this machine, is of the same origin for the browser.
    @Test func foreignNamesAreRefusedEverywhere() async throws {
        let engine = FakeEngine()
        try await withServer(engine, ServerOptions(port: 0)) { port in
            for (method, uri) in Self.routes {
                for host in [
                    "evil.example:9880", "localhost.evil.example", "127.0.0.1.evil.example", "2130706433",
                    "[x]",
                ] {
                    let (head, body) = try await exchange(
                        port, method, uri,
                        ["Host: \(host)", "Sec-Fetch-Site: same-origin", "Origin: http://\(host)"])
                    #expect(status(head) == "421", "\(method) \(uri) as \(host): \(head)")
                    #expect(!head.lowercased().contains("access-control-allow-origin"))
                    if method != .head {
                        #expect(String(decoding: body, as: UTF8.self).contains("wrong_host"))
                    }
                }
                #expect(
                    status(try await exchange(port, method, uri, ["Host: localhost", "Host: evil"]).head)
                        == "400")
            }
            #expect(status(try await exchange(port, .get, "/tts?\(minimalQuery)", []).head) == "400")
            // Health checks of HTTP/1.0 send no Host.
            #expect(status(try await exchange(port, .get, "/ready", []).head) == "200")
            for host in [
                "localhost", "localhost:1", "LOCALHOST.", "a.localhost", "127.0.0.1:9880", "192.168.1.2",
                "[::1]:9880",
                "[fe80::1]", HostPolicy.machineName,
            ] {
                #expect(
                    status(try await exchange(port, .get, "/health", ["Host: \(host)"]).head) == "200",
                    "\(host)")
            }
        }
        #expect(engine.log.requests.isEmpty)
    }

    @Test func namesThatAreAllowed() {
        let listed = HostPolicy(
            address: "speech.lan", allowed: ["TTS.example.com", ".home.example"], machine: "box")
        for host in [
            "tts.example.com", "tts.example.com:443", "a.home.example", "a.b.home.example", "speech.lan:9880",
            "box", "box.local", "10.0.0.1",
        ] { #expect(listed.accepts(host), "\(host)") }
        for host in [
            "example.com", "x.tts.example.com", "home.example", "evilhome.example", "box.evil.example", "",
            ":80",
            "tts.example.com/x", "user@tts.example.com", "tts.example.com:x", "a b", "1.2.3.4.5", "0x7f.1",
            "[::1",
            "::1",
        ] { #expect(!listed.accepts(host), "\(host)") }
        #expect(HostPolicy(address: "127.0.0.1", allowed: ["*"], machine: "").accepts("any.example"))
        #expect(!HostPolicy(address: "127.0.0.1", allowed: [], machine: "").accepts(".local"))
    }

    /// Pages of other origins may have nothing done: no speech, no change, no reading.
    @Test(arguments: [
        "https://evil.example", "null", "http://localhost.evil.example", "file://", "", "http://10.0.0.1",
    ])
    func foreignOriginsAreRefusedEverywhere(_ origin: String) async throws {
        let engine = FakeEngine()
        try await withRouter(engine, onControl: { _ in Issue.record("the server was ended") }) {
            client async throws in
            for (method, uri) in Self.routes {
                for more in [[:], [.fetchSite: "cross-site"], [.fetchSite: "same-origin"]] as [HTTPFields] {
                    var headers = more
                    headers[.origin] = origin
                    let response = try await client.send(
                        method, uri, headers: headers, body: ByteBuffer(string: "{"))
                    // Before the body is parsed.
                    #expect(response.status == 403, "\(method) \(uri)")
                    if method != .head { #expect(response.text.contains("cross_site")) }
                    #expect(response.headers[.accessControlAllowOrigin] == nil)
                }
            }
        }
        #expect(engine.log.requests.isEmpty)
        #expect(engine.log.referencePath == nil)
    }

    /// An image's address sends a GET without an origin; another port of this machine is another origin.
    @Test(arguments: AccessTests.guarded)
    func changesComeFromTheServersOwnPage(_ method: HTTPRequest.Method, _ uri: String) async throws {
        var options = AccessTests.options(AccessControl(isInsecure: true))
        options.access.allowedOrigins = ["https://app.example", "*"]
        try await withRouter(FakeEngine(), options, isOpen: false) { client async throws in
            for headers in [
                [.fetchSite: "cross-site"], [.fetchSite: "same-site"], [.origin: "http://localhost:3000"],
                [.origin: "http://localhost:3000", .fetchSite: "same-site"], [.origin: "http://127.0.0.1"],
                [.origin: "https://other.example"], [.origin: "null"],
                [.referer: "http://evil.example/page"], [.referer: "http://localhost.evil.example"],
            ] as [HTTPFields] {
                #expect(try await client.send(method, uri, headers: headers).status == 403, "\(headers)")
            }
            for headers in [
                [:], [.fetchSite: "same-origin"], [.fetchSite: "none"], [.origin: "http://localhost"],
                [.origin: "https://app.example", .fetchSite: "cross-site"],
                [.origin: "HTTPS://APP.example:443"],
                [.referer: "http://localhost/page?x=http://evil.example/"],
                [.referer: "https://app.example/"],
            ] as [HTTPFields] {
                #expect(try await client.send(method, uri, headers: headers).status != 403, "\(headers)")
            }
        }
    }

    /// Pages of this machine, such as SillyTavern's, may use every response, errors included.
    @Test func pagesOfThisMachineMayReadEveryResponse() async throws {
        try await withRouter { client async throws in
            for origin in [
                "http://localhost:8000", "http://127.0.0.1", "https://x.localhost:1", "http://[::1]:8000",
            ] {
                let headers: HTTPFields = [.origin: origin]
                let preflight = try await client.send(
                    .options, "/tts",
                    headers: [.origin: origin, .accessControlRequestHeaders: "content-type, x-own"])
                #expect(preflight.status == 204)
                #expect(preflight.headers[.accessControlAllowHeaders] == "content-type, x-own")
                for response in [
                    preflight, try await client.get("/tts?\(minimalQuery)", headers: headers),
                    try await client.get("/tts", headers: headers),
                    try await client.get("/nothing", headers: headers),
                    try await client.send(.post, "/tts", headers: headers, body: ByteBuffer(string: "x")),
                    try await client.send(.options, "/nothing", headers: headers),
                ] {
                    #expect(response.headers[.accessControlAllowOrigin] == origin)
                    #expect(response.headers[.vary]?.contains("Origin") == true)
                    #expect(
                        response.headers[.accessControlAllowMethods]
                            == "GET, POST, PUT, DELETE, HEAD, OPTIONS")
                }
            }
            let plain = try await client.get("/tts?\(minimalQuery)")
            #expect(plain.status == 200)
            #expect(plain.headers[.accessControlAllowOrigin] == nil)
            #expect(plain.headers[.vary] == "Origin")
        }
    }

    @Test func corsWidensWhoMayRead() async throws {
        var options = ServerOptions()
        options.access.allowedOrigins = ["https://app.example"]
        try await withRouter(FakeEngine(), options) { client async throws in
            let listed = try await client.get(
                "/tts?\(minimalQuery)", headers: [.origin: "https://app.example"])
            #expect(listed.status == 200)
            #expect(listed.headers[.accessControlAllowOrigin] == "https://app.example")
            #expect(
                try await client.get("/tts?\(minimalQuery)", headers: [.origin: "http://app.example"]).status
                    == 403)
        }
        options.access.allowedOrigins = ["*"]
        try await withRouter(FakeEngine(), options) { client async throws in
            for origin in ["https://any.example", "null"] {
                let any = try await client.get("/tts?\(minimalQuery)", headers: [.origin: origin])
                #expect(any.status == 200)
                #expect(any.headers[.accessControlAllowOrigin] == "*")
            }
        }
    }
}
