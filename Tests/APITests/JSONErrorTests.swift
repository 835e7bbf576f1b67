import StrictJSON
import Testing

@testable import API

@Suite struct JSONErrorTests {
    /// Where FastAPI says that a body is broken, in its words; a byte order mark counts.
    @Test(arguments: [
        ("{", "Expecting property name enclosed in double quotes", 1), ("[", "Expecting value", 1),
        (#"{"a" 1}"#, "Expecting ':' delimiter", 5), ("[1 2]", "Expecting ',' delimiter", 3),
        (#"{"a":1"#, "Expecting ',' delimiter", 6), ("{} x", "Extra data after the JSON value", 3),
        ("\"ab", "Unterminated string", 3), (#""\x""#, "Invalid escape", 3),
        (#""\u12""#, "Invalid \\uXXXX escape", 5), ("[1.]", "Expecting digits", 3),
        (#""\ud800""#, "Half a surrogate pair", 7), ("[1e999", "The number is too large", 6),
        ("\"\u{1}\"", "A control character in a string", 1), ("\u{FEFF}x", "Expecting value", 3),
    ])
    func words(_ body: String, _ text: String, _ offset: Int64) async throws {
        try await withRouter { client in
            let issue = try await client.post("/tts", body).issue
            #expect(issue["ctx"] == .object([JSONValue.Member("error", .string(text))]))
            #expect(issue["loc"] == .array([.string("body"), .integer(offset)]))
        }
    }

    /// The last of two members counts, and no whole number is too large to be read.
    @Test func pythonsWays() async throws {
        try await withRouter { client in
            let answer = try await client.post("/tts", #"{"text":1,"text":9223372036854775808}"#)
            #expect(answer.issueTypes.first == "string_type")
            #expect(answer.issue["input"] == .number(9_223_372_036_854_775_808))
        }
    }
}
