import HTTPTypes
import Hummingbird

/// Which requests a server accepts: the keys for speech and for changes, and the host names and origins that browsers may
/// use.
///
/// Roles come from keys alone. The address that the server listens on grants nothing, since behind a proxy on the same
/// machine every request comes from the loopback address.
package struct AccessControl: Sendable, Equatable {
    /// Keys that permit speech. Empty permits it to everyone who can connect.
    package var userKeys: [String]
    /// Keys that also permit changes of voices and weights and the end of the server. Empty permits none of these,
    /// except with `isInsecure`.
    package var adminKeys: [String]
    /// Waives the keys that are not configured: without user keys everyone may request speech on any address, and without
    /// admin keys everyone who may request speech may also change the server, as upstream's server allows.
    package var isInsecure: Bool
    /// Host names, besides this machine's own, under which the server is reached: `tts.example.com`, `.example.com` for
    /// subdomains, `*` for any.
    package var allowedHosts: [String]
    /// Origins, besides loopback ones, whose pages may use the server: `https://app.example.com`, or `*` for any.
    package var allowedOrigins: [String]

    /// Rules; by default speech needs no key and changes are refused.
    package init(
        userKeys: [String] = [], adminKeys: [String] = [], isInsecure: Bool = false,
        allowedHosts: [String] = [], allowedOrigins: [String] = []
    ) {
        self.userKeys = userKeys
        self.adminKeys = adminKeys
        self.isInsecure = isInsecure
        self.allowedHosts = allowedHosts
        self.allowedOrigins = allowedOrigins
    }

    /// Whether only programs on this machine reach a server that listens on `address`.
    package static func isLoopback(_ address: String) -> Bool {
        // Not any name that begins like an address: it could resolve to another one.
        let host = HostName(authority: address)
        return address == "localhost" || address == "::1"
            || (host?.isAddress == true && host?.isLoopback == true)
    }

    /// Whether some requests may change the server.
    package var allowsChanges: Bool { !adminKeys.isEmpty || isInsecure }

    /// Checks that a server with these rules may listen on `address`.
    ///
    /// - Throws: `AccessError` where other machines reach the server and no key protects it.
    package func check(address: String) throws(AccessError) {
        guard userKeys.isEmpty, !isInsecure, !Self.isLoopback(address) else { return }
        throw AccessError(
            description:
                "other machines can reach \(address), and there is no key: give one with --api-key-file FILE, "
                + "--api-key KEY or $GSV_API_KEY, or waive that with --insecure")
    }

    /// What an operator should know of these rules when the server starts.
    package var notes: [String] {
        var notes: [String] = []
        if !allowsChanges {
            notes.append(
                "voices and weights cannot be changed over HTTP: there is no admin key (--admin-key-file, --admin-key)"
            )
        }
        if isInsecure, userKeys.isEmpty || adminKeys.isEmpty {
            notes.append(
                "--insecure: everyone who can connect may "
                    + (adminKeys.isEmpty && userKeys.isEmpty
                        ? "request speech, change voices and weights, and end the server"
                        : userKeys.isEmpty ? "request speech" : "with a key also change and end the server"))
        }
        if (userKeys + adminKeys).contains(where: { $0.utf8.count < KeySource.advisedLength }) {
            notes.append("a key has fewer than \(KeySource.advisedLength) characters and can be guessed")
        }
        return notes
    }

    /// Checks that `request` carries one of the keys, if speech needs one.
    ///
    /// - Returns: the key's number, which identifies the caller; nil where no keys are used.
    /// - Throws: 401.
    func checkUser(_ request: Request) throws(APIError) -> String? {
        guard !userKeys.isEmpty else { return nil }
        return try checkUser(key: Self.key(of: request))
    }

    /// Checks that `key` is a user key or an admin key.
    ///
    /// - Returns: the key's number.
    /// - Throws: 401.
    func checkUser(key: String) throws(APIError) -> String {
        guard let number = Self.find(key, in: userKeys + adminKeys) else { throw Self.unauthorized }
        return "key \(number)"
    }

    /// Checks that `request` may change the server: its page's origin, then its key.
    ///
    /// - Throws: 403 for a page of another origin and where no admin key is configured, 401 for a wrong key.
    func checkAdmin(_ request: Request) throws(APIError) {
        try OriginPolicy(allowed: allowedOrigins).checkStateChange(request)
        if !adminKeys.isEmpty {
            guard Self.find(Self.key(of: request), in: adminKeys) != nil else { throw Self.unauthorized }
        } else if isInsecure {
            _ = try checkUser(request)
        } else {
            throw APIError(
                status: .forbidden, code: .keyRequired,
                message:
                    "this server has no admin key, so it cannot be changed over HTTP: start it with --admin-key-file FILE "
                    + "or --admin-key KEY, or with --insecure to let everyone change it")
        }
    }

    private static var unauthorized: APIError {
        APIError(
            status: .unauthorized, code: .invalidKey,
            message: "a valid key is required: send Authorization: Bearer KEY or X-Api-Key: KEY",
            authenticate: "Bearer")
    }

    private static func key(of request: Request) -> String {
        if let header = request.headers[.authorization] {
            let parts = header.split(separator: " ", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "bearer" {
                return parts[1].trimmingSpaces
            }
        }
        return request.headers[.apiKey] ?? ""
    }

    /// The index of `key` in `keys`. All keys are compared to their ends, so that the time reveals nothing about them.
    private static func find(_ key: String, in keys: [String]) -> Int? {
        var found: Int?
        for (number, candidate) in keys.enumerated() where isEqual(candidate, key) { found = found ?? number }
        return found
    }

    private static func isEqual(_ secret: String, _ given: String) -> Bool {
        let (secret, given) = (Array(secret.utf8), Array(given.utf8))
        var difference = UInt8(secret.count == given.count && !secret.isEmpty ? 0 : 1)
        for index in secret.indices {
            difference |= secret[index] ^ (index < given.count ? given[index] : 0)
        }
        return difference == 0
    }
}

/// Why a server does not start with the given keys, hosts, origins or folders.
package struct AccessError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The cause and the remedy.
    package let description: String
}

extension Substring {
    /// Without the spaces around it.
    var trimmingSpaces: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
