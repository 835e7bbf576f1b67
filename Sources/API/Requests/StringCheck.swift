/// Refuses strings that are too long, or that no file can be named by.
enum StringCheck {
    /// Characters of a path that are accepted (Linux's PATH_MAX).
    static let maximumPathLength = 4096

    /// Checks a path in the parameter `name`.
    static func check(path: String, _ name: String) throws(APIError) {
        try check(path, name, limit: maximumPathLength)
    }

    /// Refuses more than `limit` characters, and NUL, which would cut a path short in the system's hands.
    static func check(_ text: String, _ name: String, limit: Int) throws(APIError) {
        let length = text.unicodeScalars.count
        guard length <= limit else {
            throw .badRequest(.tooLong, "\(name) has \(length) characters; \(limit) are allowed")
        }
        guard !text.utf8.contains(0) else {
            throw .badRequest(.invalidParameter, "\(name) contains a NUL character")
        }
    }
}
