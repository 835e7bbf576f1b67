import HTTPTypes
import Hummingbird

/// Which pages may use the server.
///
/// Browsers name the origin of a page that sends a request across origins, or with any method but GET and HEAD. Other
/// clients send no `Origin` and are not restricted. The default is that of Ollama: pages served from this machine.
struct OriginPolicy: Sendable {
    private let listed: Set<String>
    private let acceptsAny: Bool

    /// - Parameter allowed: origins (`https://app.example.com`), or `*`.
    init(allowed: [String]) {
        listed = Set(allowed.filter { $0 != "*" }.map(Self.normalized))
        acceptsAny = allowed.contains("*")
    }

    /// How the origin of a request relates to the server.
    enum Relation: Sendable, Equatable {
        /// No `Origin` header.
        case none
        /// The server's own page.
        case same
        /// Listed by name.
        case listed
        /// A page served from this machine, or any page where `*` is allowed.
        case readable
        case foreign
    }

    /// The relation of the origin that `request` names.
    func relation(of request: Request) -> Relation {
        let origins = request.headers[values: .origin]
        guard let origin = origins.first else { return .none }
        guard origins.count == 1 else { return .foreign }
        let normalized = Self.normalized(origin)
        if listed.contains(normalized) { return .listed }
        guard let (scheme, authority) = Self.parts(normalized) else {
            return acceptsAny ? .readable : .foreign
        }
        if let host = request.head.authority, Self.trimmingPort(host.lowercased(), scheme) == authority {
            return .same
        }
        if acceptsAny || HostName(authority: authority)?.isLoopback == true { return .readable }
        return .foreign
    }

    /// Refuses requests of pages of foreign origins.
    ///
    /// - Throws: 403.
    func check(_ request: Request) throws(APIError) {
        guard relation(of: request) == .foreign else { return }
        throw Self.refusal(
            "pages of \((request.headers[.origin] ?? "").prefix(100)) may not use this server: "
                + "start it with --cors ORIGIN to allow that")
    }

    /// Refuses changes that a page of another origin asks for, unless that origin is listed by name. An image's address is
    /// enough to send a GET without an `Origin`, for which browsers send `Sec-Fetch-Site`.
    ///
    /// - Throws: 403.
    func checkStateChange(_ request: Request) throws(APIError) {
        let site = request.headers[.fetchSite]?.lowercased()
        switch relation(of: request) {
        case .same, .listed: return
        case .none where site != "cross-site" && site != "same-site" && !hasForeignReferer(request): return
        default:
            throw Self.refusal(
                "a page of another origin may not change this server: "
                    + "start it with --cors ORIGIN to allow that for one")
        }
    }

    /// Whether `Referer` names a page of another host. Browsers send neither `Origin` nor `Sec-Fetch-Site` with a GET to an
    /// address of the local network that is not encrypted.
    private func hasForeignReferer(_ request: Request) -> Bool {
        guard let referer = request.headers[.referer], !referer.isEmpty else { return false }
        let page = Self.normalized(
            referer.split(separator: "/", maxSplits: 3).prefix(2).joined(separator: "//"))
        guard let (scheme, authority) = Self.parts(page), let host = request.head.authority else {
            return true
        }
        return Self.trimmingPort(host.lowercased(), scheme) != authority && !listed.contains(page)
    }

    /// The value of `Access-Control-Allow-Origin`; nil where the browser is to withhold the response from the page, and for
    /// the server's own page, which needs none.
    func allowedOrigin(_ request: Request) -> String? {
        switch relation(of: request) {
        case .none: acceptsAny ? "*" : nil
        case .foreign, .same: nil
        case .listed, .readable: acceptsAny ? "*" : request.headers[.origin]
        }
    }

    private static func refusal(_ message: String) -> APIError {
        APIError(status: .forbidden, code: .crossSite, message: message)
    }

    /// In lower case and without the scheme's default port.
    private static func normalized(_ origin: String) -> String {
        let origin = origin.lowercased()
        guard let (scheme, authority) = parts(origin) else { return origin }
        return "\(scheme)://\(trimmingPort(authority, scheme))"
    }

    private static func parts(_ origin: String) -> (scheme: String, authority: String)? {
        for scheme in ["http", "https"] where origin.hasPrefix(scheme + "://") {
            let authority = String(origin.dropFirst(scheme.count + 3))
            return HostName(authority: authority) == nil ? nil : (scheme, authority)
        }
        return nil
    }

    private static func trimmingPort(_ authority: String, _ scheme: String) -> String {
        let port = scheme == "https" ? ":443" : ":80"
        return authority.hasSuffix(port) ? String(authority.dropLast(port.count)) : authority
    }
}
