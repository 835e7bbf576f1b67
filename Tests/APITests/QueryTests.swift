import HTTPTypes
import Synthesis
import Testing

@testable import API

@Suite struct QueryTests {
    @Test(arguments: [
        ("a=1&b=2", ["a=1", "b=2"]), ("", []), ("&&a=1&", ["a=1"]), ("a", ["a="]), ("a=", ["a="]),
        ("=b", ["=b"]),
        ("a=b=c", ["a=b=c"]), ("a=b+c%20d%2B", ["a=b c d+"]), ("%61=%E4%BD%A0%e5%a5%bd", ["a=你好"]),
        ("a=%", ["a=%"]), ("a=%4", ["a=%4"]), ("a=%zz%41", ["a=%zzA"]), ("a=100%&b=2", ["a=100%", "b=2"]),
        ("a=你好", ["a=你好"]), ("a=%25%34%31", ["a=%41"]),
    ])
    func pairs(_ query: String, _ expected: [String]) throws {
        #expect(try QueryString.pairs(query).map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test(arguments: ["a=%FF", "a=%C3", "%80=a", "a=%ED%A0%80", "a=%C0%AF"])
    func notUTF8(_ query: String) throws {
        let error = #expect(throws: APIError.self) { try QueryString.pairs(query) }
        #expect(error?.code == .invalidEncoding)
        #expect(error?.status == .badRequest)
    }

    @Test func notUTF8IsA400() async throws {
        try await withRouter { client in
            let answer = try await client.get("/tts?\(minimalQuery)&text=%C4%E3%BA%C3")
            #expect(answer.status == 400)
            #expect(answer.code == "invalid_encoding")
        }
    }

    @Test func longQueriesAreRead() async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client async throws in
            let text = String(repeating: "%E5%AD%97", count: 10_000)
            #expect(try await client.get("/tts?\(minimalQuery)&text=\(text)").status == 200)
        }
        #expect(engine.lastRequest?.text.unicodeScalars.count == 10_000)
    }
}
