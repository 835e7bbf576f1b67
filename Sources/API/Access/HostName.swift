import Glibc

/// The host of a `Host` header or of an origin, without its port.
struct HostName: Sendable, Equatable {
    /// In lower case, without brackets and without the root's period.
    let text: String
    /// Whether it is an IPv4 or IPv6 address rather than a name.
    let isAddress: Bool

    /// Parses `host`, `host:port`, `1.2.3.4:port` or `[::1]:port`; nil if it is none of these.
    init?(authority: String) {
        guard authority.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let host: Substring
        let rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
            guard Self.isIPv6(String(host)) else { return nil }
        } else {
            let end = authority.firstIndex(of: ":") ?? authority.endIndex
            host = authority[..<end]
            rest = authority[end...]
        }
        guard rest.isEmpty || (rest.first == ":" && rest.dropFirst().allSatisfy(\.isNumber)) else {
            return nil
        }
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        guard !name.isEmpty, !name.contains(where: { "/\\@?#".contains($0) }) else { return nil }
        text = name
        isAddress = authority.hasPrefix("[") || Self.isIPv4(name)
    }

    /// Whether it means this machine: a loopback address, `localhost` or a name below it.
    var isLoopback: Bool {
        if isAddress { return text == "::1" || text.hasPrefix("127.") }
        return text == "localhost" || text.hasSuffix(".localhost")
    }

    private static func isIPv4(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }

    private static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }
}
