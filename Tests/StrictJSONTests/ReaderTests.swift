import StrictJSON
import Testing

@Suite struct ReaderTests {
    private func read(_ text: String, _ change: (inout JSONOptions) -> Void = { _ in }) throws -> JSONValue {
        var options = JSONOptions()
        change(&options)
        return try JSONReader.read(Array(text.utf8), options: options)
    }

    @Test func values() throws {
        #expect(try read(" null ") == .null)
        #expect(try read("[true,false]") == .array([.bool(true), .bool(false)]))
        #expect(try read("-0") == .integer(0))
        #expect(try read("9223372036854775807") == .integer(.max))
        #expect(try read("-9223372036854775808") == .integer(.min))
        #expect(try read("1.5e-3") == .number(0.0015))
        #expect(try read("5.0") == .number(5))
        #expect(try read("-0.0") == .number(-0.0))
        #expect(try read(#""\u00e9\b\f\n\r\t\/""#) == .string("\u{e9}\u{8}\u{c}\n\r\t/"))
        #expect(try read(#""\u0041\n\/\\\"\ud83d\ude00é""#) == .string("A\n/\\\"😀é"))
        #expect(try read(#"{"b":1,"a":{}}"#) == .object([.init("b", .integer(1)), .init("a", .object([]))]))
        #expect(
            try read(#" {"a" : [1, -2.5e1, true,false , null], "b":{"":"x"}} "#)
                == .object([
                    .init("a", .array([.integer(1), .number(-25), .bool(true), .bool(false), .null])),
                    .init("b", .object([.init("", .string("x"))])),
                ]))
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "tru", "nulll",
        "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"",
        "\"\u{1}\"",
        "9223372036854775808", "1e999", "NaN", "[1 2]", "1 2", "{\"a\":1,\"a\":2}", "\u{FEFF}1",
    ])
    func mistakesAreRefused(text: String) {
        #expect(throws: JSONError.self) { try read(text) }
    }

    @Test func mistakesHaveAPlace() throws {
        #expect(throws: JSONError(.valueMissing, offset: 1)) { try read("[") }
        #expect(throws: JSONError(.valueMissing, offset: 0)) { try read("") }
        #expect(throws: JSONError(.unterminatedString, offset: 3)) { try read("\"ab") }
        #expect(throws: JSONError(.halfSurrogatePair, offset: 7)) { try read(#""\ud800""#) }
        #expect(throws: JSONError(.textAfterEnd, offset: 2)) { try read("1 2") }
        #expect(throws: JSONError(.numberTooLarge, offset: 6)) { try read("[1e999") }
        #expect(throws: JSONError(.duplicateName("a"), offset: 11)) { try read(#"{"a":1,"a":2}"#) }
        #expect(throws: JSONError(.controlCharacter, offset: 2)) {
            try read("\"a\n\"")
        }
        #expect("\(JSONError(.valueMissing, offset: 1))" == "no JSON value at byte 1")
    }

    @Test func depthIsLimited() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(throws: Never.self) { try read(nested(64)) }
        let deepest = String(repeating: "[", count: 64) + "1"
        #expect(try read(deepest + String(repeating: "]", count: 64)).items?.count == 1)
        #expect(throws: JSONError.self) { try read(deepest) }
        let tooDeep = JSONError(.tooDeep(64), offset: 65)
        #expect(throws: tooDeep) { try read(nested(66)) }
        #expect(throws: tooDeep) { try read(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError(.tooDeep(64), offset: 65 * 5)) {
            try read(String(repeating: #"{"a":"#, count: 1_000_000))
        }
        // An object counts for its level once it is over.
        let flat = "[" + String(repeating: "{\"a\":[]},", count: 100) + "{}]"
        #expect(try read(flat) { $0.maximumDepth = 2 }.items?.count == 101)
        #expect(throws: JSONError.self) { try read(flat) { $0.maximumDepth = 1 } }
    }

    @Test func valuesAreLimited() throws {
        #expect(try read("[1,{\"a\":2}]") { $0.maximumValues = 4 }.items?.count == 2)
        #expect(throws: JSONError(.tooManyValues(3), offset: 8)) {
            try read("[1,{\"a\":2}]") { $0.maximumValues = 3 }
        }
    }

    @Test func numbersHaveALimit() throws {
        let digits = String(repeating: "1", count: 400)
        #expect(throws: JSONError(.numberTooLarge, offset: 400)) { try read(digits) }
        #expect(
            throws: JSONError(.numberTooLong(401), offset: 401)
        ) { try read(digits + "1") }
    }

    @Test func largeIntegersCanBeRounded() throws {
        func rounding(_ text: String) throws -> JSONValue { try read(text) { $0.largeIntegers = .rounded } }
        #expect(try rounding("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try rounding("9223372036854775807") == .integer(.max))
        #expect(throws: JSONError.self) { try rounding(String(repeating: "9", count: 399)) }
    }

    @Test func duplicatesCanBeKept() throws {
        let value = try read(#"{"a":1,"b":3,"a":2}"#) { $0.duplicateNames = .kept }
        #expect(
            value
                == .object([
                    .init("a", .integer(1)), .init("b", .integer(3)), .init("a", .integer(2)),
                ]))
        #expect(value.members == ["a": .integer(2), "b": .integer(3)])
        #expect(value["a"] == .integer(2))
        #expect(value["c"] == nil)
        #expect(JSONValue.null["a"] == nil)
    }

    @Test func aByteOrderMarkCanBeAllowed() throws {
        #expect(try read("\u{FEFF}[]") { $0.allowsByteOrderMark = true } == .array([]))
        #expect(throws: JSONError(.valueMissing, offset: 3)) {
            try read("\u{FEFF}\u{FEFF}[]") { $0.allowsByteOrderMark = true }
        }
    }

    /// Whatever is cut off or changed in a text, reading it ends with a value or an error.
    @Test(arguments: [JSONOptions.Strings.strict, .lenient])
    func damagedTextsDoNotTrap(_ strings: JSONOptions.Strings) throws {
        var options = JSONOptions()
        options.strings = strings
        func outcomes(_ bytes: [UInt8]) -> Bool {
            var reader = JSONReader(bytes, options: options)
            try? reader.skip()
            reader = JSONReader(bytes, options: options)
            try? reader.object { (reader, _) throws(JSONError) in try reader.skip() }
            return (try? JSONReader.read(bytes, options: options)) != nil
        }
        let text = Array(#"{"a":[1,-2.5e3,"\u4f60\ud83d\ude00\n",null,true],"b":{"c":"é"}}"#.utf8)
        for length in 0...text.count { #expect(outcomes(Array(text[..<length])) == (length == text.count)) }
        var accepted = 0
        for index in text.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x5D, 0x30, 0x65, 0x2D, 0x80, 0xFF] {
                var damaged = text
                damaged[index] = byte
                if outcomes(damaged) { accepted += 1 }
            }
        }
        #expect(accepted > 0 && accepted < text.count * 10)
    }
}
