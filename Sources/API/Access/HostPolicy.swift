import Glibc
import Hummingbird

/// The values of the `Host` header that the server accepts.
///
/// A page of `evil.example` can have its own name resolve to 127.0.0.1 (DNS rebinding) and is then of the same origin as
/// the server for the browser. Such an attack needs a name, so addresses are always accepted; of names, those that only
/// this machine's owner controls, and those that the operator lists.
struct HostPolicy: Sendable {
    private let names: Set<String>
    private let suffixes: [String]
    private let acceptsAny: Bool

    /// - Parameters:
    ///   - address: the address that the server listens on.
    ///   - allowed: names, `.example.com` for all names below it, or `*`.
    ///   - machine: this machine's host name.
    init(address: String, allowed: [String], machine: String = HostPolicy.machineName) {
        var names: Set<String> = [machine, machine + ".local"]
        if let bound = HostName(authority: address), !bound.isAddress { names.insert(bound.text) }
        names.formUnion(allowed.filter { !$0.hasPrefix(".") && $0 != "*" }.map { $0.lowercased() })
        self.names = names.filter { !$0.isEmpty && !$0.hasPrefix(".") }
        suffixes = allowed.filter { $0.hasPrefix(".") && $0.count > 1 }.map { $0.lowercased() }
        acceptsAny = allowed.contains("*")
    }

    /// Checks the `Host` header of `request`.
    ///
    /// - Throws: 400 if there is none or more than one, 421 for a foreign name.
    func check(_ request: Request) throws(APIError) {
        // NIO keeps the first header apart as the authority and leaves further ones among the fields.
        guard request.headers[.host] == nil else {
            throw APIError(
                status: .badRequest, code: .wrongHost, message: "a request has one Host header, not several")
        }
        guard let authority = request.head.authority, !authority.isEmpty else {
            // Health checks of HTTP/1.0 send no Host; no browser omits it.
            if ["/health", "/ready"].contains(request.uri.path) { return }
            throw APIError(status: .badRequest, code: .wrongHost, message: "a Host header is required")
        }
        guard accepts(authority) else {
            throw APIError(
                status: .misdirectedRequest, code: .wrongHost,
                message: "this server is not known as \(authority.prefix(100)): "
                    + "start it with --allow-host NAME to accept that name")
        }
    }

    /// Whether the server accepts `authority`, a host with or without a port.
    func accepts(_ authority: String) -> Bool {
        guard let host = HostName(authority: authority) else { return false }
        return acceptsAny || host.isAddress || host.isLoopback || names.contains(host.text)
            || suffixes.contains { host.text.hasSuffix($0) }
    }

    /// What the system calls this machine.
    static let machineName: String = {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .lowercased()
    }()
}
