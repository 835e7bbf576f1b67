import HTTPTypes

/// Reads `multipart/form-data`, as browsers and the OpenAI clients send files.
struct MultipartForm: Sendable {
    /// A field.
    struct Part: Sendable {
        let name: String
        let fileName: String?
        let bytes: [UInt8]

        var text: String? { String(validating: bytes, as: UTF8.self) }
    }

    let parts: [Part]
    private static let partLimit = 64, headBytes = 8_192

    /// The first part of that name.
    subscript(name: String) -> Part? { parts.first { $0.name == name } }

    /// The text of the first part of that name; nil if there is none.
    ///
    /// - Throws: `invalid_encoding` if it is not UTF-8.
    func text(_ name: String) throws(APIError) -> String? {
        guard let part = self[name] else { return nil }
        guard let text = part.text else { throw .badRequest(.invalidEncoding, "\(name) is not UTF-8") }
        return text
    }

    /// Whether a body of this type is one.
    static func isForm(_ contentType: String?) -> Bool {
        contentType?.lowercased().hasPrefix("multipart/form-data") ?? false
    }

    /// Reads `body`.
    ///
    /// - Throws: `invalid_request` where it isn't what its type says.
    init(_ body: [UInt8], contentType: String) throws(APIError) {
        guard let boundary = Self.attribute("boundary", of: contentType),
            (1...200).contains(boundary.utf8.count)
        else { throw Self.malformed("its type names no boundary") }
        let delimiter = Array("--\(boundary)".utf8)
        guard let start = Self.find(delimiter, in: body[...]) else { throw Self.malformed("it has no part") }
        var rest = body[(start + delimiter.count)...]
        var parts: [Part] = []
        let separator = Array("\r\n".utf8) + delimiter
        while !rest.starts(with: "--".utf8) {
            guard rest.starts(with: "\r\n".utf8), let end = Self.find(separator, in: rest.dropFirst(2)) else {
                throw Self.malformed("a part does not end")
            }
            guard parts.count < Self.partLimit else { throw Self.malformed("it has too many parts") }
            parts.append(try Self.part(rest[(rest.startIndex + 2)..<end]))
            rest = rest[(end + separator.count)...]
        }
        self.parts = parts
    }

    private static func part(_ bytes: ArraySlice<UInt8>) throws(APIError) -> Part {
        guard let end = find(Array("\r\n\r\n".utf8), in: bytes.prefix(headBytes)),
            let head = String(validating: bytes[..<end], as: UTF8.self)
        else { throw malformed("a part has no head") }
        for line in head.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "content-disposition"
            else { continue }
            let value = String(line[line.index(after: colon)...])
            guard let name = attribute("name", of: value) else { break }
            return Part(
                name: name, fileName: attribute("filename", of: value), bytes: Array(bytes[(end + 4)...]))
        }
        throw malformed("a part has no name")
    }

    /// The value of `name=value` or `name="value"` after a semicolon.
    private static func attribute(_ name: String, of header: String) -> String? {
        for part in header.split(separator: ";").dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let key = part[..<equals].trimmingSpaces.lowercased()
            guard key == name else { continue }
            var value = part[part.index(after: equals)...].trimmingSpaces[...]
            if value.count >= 2, value.first == "\"", value.last == "\"" {
                value = value.dropFirst().dropLast()
            }
            return String(value)
        }
        return nil
    }

    private static func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
        var index = bytes.startIndex
        let last = bytes.endIndex - pattern.count
        while index <= last {
            if bytes[index] == first, bytes[index..<(index + pattern.count)].elementsEqual(pattern) {
                return index
            }
            index += 1
        }
        return nil
    }

    private static func malformed(_ reason: String) -> APIError {
        APIError(
            status: .unprocessableContent, code: .invalidRequest,
            message: "the body is no multipart/form-data: \(reason)")
    }
}
