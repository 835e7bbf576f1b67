import HTTPTypes
import Hummingbird

/// Who may use the server, and who may change it.
public struct AccessControl: Sendable, Equatable {
    /// Keys of those who may have something spoken; empty lets everybody.
    public var keys: [String]
    /// Keys of those who may also change voices and weights, and end the server. Empty lets those with any key, and,
    /// where `isTrusting`, everybody.
    public var administratorKeys: [String]
    /// Whether no key is needed to change the server where there are none: it can be reached from this machine only, or
    /// whoever started it said so.
    public var isTrusting: Bool

    /// Rules; by default everything is open.
    public init(keys: [String] = [], administratorKeys: [String] = [], isTrusting: Bool = true) {
        self.keys = keys
        self.administratorKeys = administratorKeys
        self.isTrusting = isTrusting
    }

    /// Whether only programs on this machine reach a server that listens on `address`.
    public static func isLoopback(_ address: String) -> Bool {
        address == "localhost" || address == "::1" || address.hasPrefix("127.")
    }

    /// Refuses a request without one of the keys, if there are any.
    ///
    /// - Returns: who asks, for sharing out places: the key's number, or nil where keys are not used.
    func checkUser(_ request: Request) throws(APIError) -> String? {
        guard !keys.isEmpty else { return nil }
        return try checkUser(key: Self.key(of: request))
    }

    /// Refuses what is none of the keys.
    ///
    /// - Returns: the key's number.
    func checkUser(key: String) throws(APIError) -> String {
        guard let number = Self.find(key, in: keys + administratorKeys) else { throw Self.unauthorized }
        return "key \(number)"
    }

    /// Refuses a request that may not change the server, and what a page of another site sent.
    func checkAdministrator(_ request: Request) throws(APIError) {
        try SameSite.check(request)
        let accepted = administratorKeys.isEmpty ? keys : administratorKeys
        guard !accepted.isEmpty else {
            if isTrusting { return }
            throw APIError(
                status: .forbidden, code: .keyRequired,
                message:
                    "this server can be reached from other machines and has no key: give it one with --admin-key, "
                    + "or waive that with --insecure")
        }
        guard Self.find(Self.key(of: request), in: accepted) != nil else { throw Self.unauthorized }
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

    /// The place of `key` in `keys`. All are compared to their ends, so that time tells nothing about them.
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

extension Substring {
    /// Without the spaces around it.
    var trimmingSpaces: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
