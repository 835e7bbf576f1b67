import Testing

@testable import Checkpoint

struct ConfigValueTests {
    private func read(_ text: String) throws -> ConfigValue {
        try ConfigValue(json: text, path: "file", part: "json")
    }

    @Test func valuesOfEveryKind() throws {
        #expect(
            try read(" {\"a\" : [1, -2.5e1, true,false , null], \"b\":{\"\":\"x\"}} ")
                == .dict([
                    .init("a", .list([.int(1), .double(-25), .bool(true), .bool(false), .null])),
                    .init("b", .dict([.init("", .string("x"))])),
                ]))
        #expect(try read("9223372036854775807") == .int(.max))
        #expect(try read("-9223372036854775808") == .int(.min))
        #expect(try read("-0.0") == .double(-0.0))
        #expect(try read("\"\\u0041\\n\\/\\\\\\\"\\ud83d\\ude00é\"") == .string("A\n/\\\"😀é"))
    }

    @Test func mistakesHaveAFileAndAPlace() {
        #expect(
            throws: CheckpointError.malformed(
                path: "file", part: "json", reason: "\"a\" comes twice at offset 11")
        ) {
            try read("{\"a\":1,\"a\":2}")
        }
        #expect(
            throws: CheckpointError.malformed(
                path: "file", part: "json", reason: "the number is too large at offset 19")
        ) {
            try read("9223372036854775808")
        }
    }

    @Test func valuesAreLimited() throws {
        let most = "[" + String(repeating: "0,", count: 999_998) + "0]"
        #expect(try read(most).list?.count == 999_999)
        #expect(throws: CheckpointError.self) { try read("[" + most + "]") }
    }

    @Test func depthIsBounded() throws {
        let deepest = String(repeating: "[", count: 64) + "1" + String(repeating: "]", count: 64)
        #expect(try read(deepest).json() == deepest)
        #expect(throws: CheckpointError.self) { try read("[" + deepest + "]") }
    }

    @Test func writingAndReadingBack() throws {
        let value = ConfigValue.dict([
            .init("text", .string("\u{0}\u{1F}\t\"\\/ü漢😀\u{7F}")), .init("small", .double(1e-9)),
            .init("third", .double(1.0 / 3)),
            .init("whole", .double(32_768)), .init("large", .double(1e300)),
            .init("list", .list([.list([]), .dict([])])),
            .init("int", .int(.min)), .init("flags", .list([.bool(true), .bool(false), .null])),
        ])
        #expect(try read(value.json()) == value)
        #expect(try read(value.json(indent: 2)) == value)
        #expect(ConfigValue.list([.double(.infinity), .double(.nan)]).json() == "[null,null]")
    }

    @Test func accessors() {
        let value = ConfigValue.dict([.init("a", .int(3)), .init("b", .double(2)), .init("c", .double(2.5))])
        #expect(value["a"]?.int == 3)
        #expect(value["a"]?.double == 3)
        #expect(value["b"]?.int == 2)
        #expect(value["c"]?.int == nil)
        #expect(value["c"]?.string == nil)
        #expect(value["d"] == nil)
        #expect(value.int == nil)
        #expect(ConfigValue.list([.int(1), .string("x")]).ints == nil)
        #expect(ConfigValue.double(1e300).int == nil)
    }
}
