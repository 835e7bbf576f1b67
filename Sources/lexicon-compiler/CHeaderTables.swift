/// String tables of a C header, read as text: `static const char *name[] = { "…", NULL, … };` and `#define NAME "…"`.
struct CHeaderTables {
    /// The strings of each array, nil for NULL.
    private(set) var arrays: [String: [String?]] = [:]
    /// The string of each macro.
    private(set) var macros: [String: String] = [:]

    private enum Token: Equatable {
        case word(String)
        case string(String)
        case mark(UInt8)
    }

    /// Adds the tables of a header.
    mutating func add(_ bytes: [UInt8], file: String) throws {
        let tokens = try Self.tokens(bytes, file: file)
        var index = 0
        while index < tokens.count {
            if index + 3 < tokens.count, tokens[index] == .mark(0x23), tokens[index + 1] == .word("define"),
                case .word(let name) = tokens[index + 2], case .string(let text) = tokens[index + 3]
            {
                macros[name] = text
                index += 4
            } else if index + 4 < tokens.count, case .word(let name) = tokens[index],
                tokens[index + 1] == .mark(0x5B),
                tokens[index + 2] == .mark(0x5D), tokens[index + 3] == .mark(0x3D),
                tokens[index + 4] == .mark(0x7B)
            {
                index += 5
                var strings: [String?] = []
                while index < tokens.count, tokens[index] != .mark(0x7D) {
                    switch tokens[index] {
                    case .string(let text): strings.append(text)
                    case .word("NULL"): strings.append(nil)
                    default: break
                    }
                    index += 1
                }
                arrays[name] = strings
            } else {
                index += 1
            }
        }
    }

    private static func tokens(_ bytes: [UInt8], file: String) throws -> [Token] {
        var tokens: [Token] = []
        var index = 0
        func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x2F, index + 1 < bytes.count, bytes[index + 1] == 0x2A {
                index += 2
                while index + 1 < bytes.count, bytes[index] != 0x2A || bytes[index + 1] != 0x2F { index += 1 }
                index += 2
            } else if byte == 0x22 {
                var text: [UInt8] = []
                index += 1
                while index < bytes.count, bytes[index] != 0x22 {
                    // The tables escape nothing but quotes and backslashes.
                    if bytes[index] == 0x5C { index += 1 }
                    if index < bytes.count { text.append(bytes[index]) }
                    index += 1
                }
                guard index < bytes.count else {
                    throw SourceError(file: file, reason: "a string without end")
                }
                index += 1
                tokens.append(.string(String(decoding: text, as: UTF8.self)))
            } else if isWord(byte) {
                let start = index
                while index < bytes.count, isWord(bytes[index]) { index += 1 }
                tokens.append(.word(String(decoding: bytes[start..<index], as: UTF8.self)))
            } else {
                if byte > 0x20 { tokens.append(.mark(byte)) }
                index += 1
            }
        }
        return tokens
    }
}
