import Testing

@testable import API

@Suite struct JSONTests {
    private func read(_ text: String) throws -> JSONValue { try JSONReader.read(Array(text.utf8)) }

    @Test func values() throws {
        #expect(try read(" null ") == .null)
        #expect(try read("[true,false]") == .array([.bool(true), .bool(false)]))
        #expect(try read("-0") == .integer(0))
        #expect(try read("9223372036854775807") == .integer(.max))
        #expect(try read("-9223372036854775808") == .integer(.min))
        #expect(try read("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try read("1.5e-3") == .number(0.0015))
        #expect(try read("5.0") == .number(5))
        #expect(try read(#""\u00e9\b\f\n\r\t\/""#) == .string("\u{e9}\u{8}\u{c}\n\r\t/"))
        #expect(try read(#"{"b":1,"a":{}}"#) == .object([.init("b", .integer(1)), .init("a", .object([]))]))
        #expect(try read(#"{"a":1,"a":2}"#).members == ["a": .integer(2)])
    }

    @Test func mistakesHaveAPlace() throws {
        #expect(throws: JSONError(reason: "Expecting value", offset: 1)) { try read("[") }
        #expect(throws: JSONError(reason: "Expecting value", offset: 0)) { try read("") }
        #expect(throws: JSONError(reason: "Unterminated string", offset: 3)) { try read("\"ab") }
        #expect(throws: JSONError(reason: "Half a surrogate pair", offset: 7)) { try read(#""\ud800""#) }
        #expect(throws: JSONError(reason: "Extra data after the JSON value", offset: 2)) { try read("1 2") }
        #expect(throws: JSONError(reason: "The number is too large", offset: 6)) { try read("[1e999") }
    }

    @Test func depthIsLimited() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(throws: Never.self) { try read(nested(64)) }
        let deepest = String(repeating: "[", count: JSONReader.maximumDepth) + "1"
        #expect(throws: JSONError.self) { try read(deepest) }
        #expect(throws: JSONError(reason: "Nested deeper than 64 levels", offset: 65)) {
            try read(nested(66))
        }
    }

    /// Whatever is cut off or changed in a text, reading it ends with a value or an error.
    @Test func damagedTextsDoNotTrap() throws {
        let text = Array(#"{"a":[1,-2.5e3,"\u4f60\ud83d\ude00\n",null,true],"b":{"c":""}}"#.utf8)
        for length in 0...text.count { _ = try? JSONReader.read(Array(text[..<length])) }
        var accepted = 0
        for index in text.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x5D, 0x30, 0x65, 0x2D, 0x80, 0xFF] {
                var damaged = text
                damaged[index] = byte
                if (try? JSONReader.read(damaged)) != nil { accepted += 1 }
            }
        }
        #expect(accepted > 0 && accepted < text.count * 10)
    }

    @Test func writing() throws {
        let value = JSONValue.object([
            .init("a\"\\\n\u{1}\u{2028}", .array([.null, .bool(true), .integer(-5), .number(2.5)])),
            .init("é😀", .string("\t")), .init("inf", .number(.infinity)),
        ])
        #expect(
            JSONWriter.write(value)
                == #"{"a\"\\\n\u0001\u2028":[null,true,-5,2.5],"é😀":"\t","inf":null}"#)
        #expect(try read(JSONWriter.write(.string("\u{7f}\u{0}"))) == .string("\u{7f}\u{0}"))
    }
}
