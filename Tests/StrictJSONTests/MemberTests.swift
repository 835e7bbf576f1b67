import StrictJSON
import Testing

/// Reading member by member, and the strings that Swift cannot hold.
@Suite struct MemberTests {
    /// The wanted members of an object, and the error if there is one.
    private func pick(_ text: String, _ wanted: Set<String>) -> (
        found: [String: JSONValue], error: JSONError?
    ) {
        var found: [String: JSONValue] = [:]
        var reader = JSONReader(Array(text.utf8))
        do {
            try reader.object { (reader, name) throws(JSONError) in
                if wanted.contains(name) { found[name] = try reader.value() } else { try reader.skip() }
            }
            try reader.end()
            return (found, nil)
        } catch {
            return (found, error)
        }
    }

    @Test func unwantedMembersAreSkipped() {
        let (found, error) = pick(
            #" {"x": [1,{"k":"]}\"\\"}, "{"], "a" : 1, "y": nonsense , "z": {"a":2}, "b":null } "#,
            ["a", "b"])
        #expect(error == nil)
        #expect(found == ["a": .integer(1), "b": .null])
        #expect(pick("{}", ["a"]) == ([:], nil))
    }

    /// What is skipped has no limit of depth: it takes no stack.
    @Test func deepMembersAreSkipped() {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(pick("{\"x\":\(deep),\"a\":1}", ["a"]).found == ["a": .integer(1)])
        #expect(pick("{\"a\":\(deep)}", ["a"]).error?.reason == .tooDeep(64))
    }

    @Test(arguments: [
        ("[]", JSONError.Reason.objectMissing, 0), ("", .objectMissing, 0),
        ("{", .nameMissing, 1),
        (#"{"x" 1}"#, .characterMissing(":"), 5), (#"{"x":}"#, .valueMissing, 5),
        (#"{"x":,"y":1}"#, .valueMissing, 5), (#"{"x":[[1]"#, .cutShort, 9),
        (#"{"x":1]"#, .characterMissing("}"), 6), (#"{"x":1"#, .characterMissing("}"), 6),
        (#"{"x":"a"#, .unterminatedString, 7), (#"{"x":"\"#, .unterminatedString, 7),
        (#"{"x":1,}"#, .nameMissing, 7),
        (#"{"x":1} 2"#, .textAfterEnd, 8),
    ])
    func mistakesAroundSkippedMembers(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(pick(text, []).error == JSONError(reason, offset: offset))
    }

    private func points(_ bytes: [UInt8], _ strings: JSONOptions.Strings) throws -> [UInt32]? {
        var options = JSONOptions()
        options.strings = strings
        var reader = JSONReader(bytes, options: options)
        return try reader.codePoints()
    }

    @Test func halvesOfSurrogatePairsAreCodePoints() throws {
        let text = Array(#" "é\ud800\udc00\udc00\ud800\u0041\ud800\ud83d\ude00\udfff" "#.utf8)
        #expect(
            try points(text, .lenient)
                == [0xE9, 0x10000, 0xDC00, 0xD800, 0x41, 0xD800, 0x1F600, 0xDFFF])
        #expect(throws: JSONError.self) { try points(text, .strict) }
        #expect(try points(Array(#""é\ud83d\ude00""#.utf8), .strict) == [0xE9, 0x1F600])
        var options = JSONOptions()
        options.strings = .lenient
        #expect(
            try JSONReader.read(text, options: options)
                == .string("é\u{10000}\u{FFFD}\u{FFFD}A\u{FFFD}😀\u{FFFD}"))
        #expect(throws: JSONError.self) { try points(Array(#""\ud800\u12""#.utf8), .lenient) }
    }

    @Test func otherValuesAreLeft() throws {
        var reader = JSONReader(Array(" [1]".utf8))
        #expect(try reader.codePoints() == nil)
        #expect(try reader.value() == .array([.integer(1)]))
        #expect(try reader.codePoints() == nil)
    }

    @Test func brokenBytesAreReplaced() throws {
        let text: [UInt8] = [0x22, 0x61, 0xFF, 0xC0, 0xE4, 0xBD, 0x0A, 0xC3, 0xA9, 0x22]
        #expect(
            try points(text, .lenient)
                == [0x61, 0xFFFD, 0xFFFD, 0xFFFD, 0x0A, 0xE9])
        var options = JSONOptions()
        options.strings = .lenient
        #expect(try JSONReader.read(text, options: options) == .string("a\u{FFFD}\u{FFFD}\u{FFFD}\né"))
        #expect(throws: JSONError(.notUTF8, offset: 3)) {
            try points([0x22, 0x61, 0xFF, 0x22], .strict)
        }
    }
}
