/// Reads `application/x-www-form-urlencoded` text, as in a query.
enum QueryString {
    /// The keys and values of `query` in order. `+` is a space; a `%` that no two digits follow stands for
    /// itself.
    ///
    /// - Throws: `invalid_encoding` where percent-decoding doesn't give UTF-8. Upstream would put replacement
    ///   characters there and speak without the words it could not read.
    static func pairs(_ query: String) throws(APIError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for part in query.utf8.split(separator: UInt8(ascii: "&")) {
            let end = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = try decode(part[..<end])
            pairs.append((name, try decode(part[end...].dropFirst())))
        }
        return pairs
    }

    private static func decode(_ text: Substring.UTF8View.SubSequence) throws(APIError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap { ASCII.hexadecimalValue($0) }
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                bytes.append(digits[0] << 4 | digits[1])
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .badRequest(.invalidEncoding, "the query is not UTF-8: send percent-encoded UTF-8")
        }
        return decoded
    }
}
