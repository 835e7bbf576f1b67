import StrictJSON
import Synthesis
import Testing

@testable import API

/// The rows about types of upstream's measured behaviour, one value each, as a query and as JSON.
@Suite struct CoercionTests {
    /// What one parameter of the last request should be, by the name of its property.
    enum Expected: Sendable {
        case topK(Int), topP(Float), splitBucket(Bool), streaming(Int), auxiliary([String]), prompt(String)

        func check(_ engine: FakeEngine, _ comment: Comment) throws {
            let request = try #require(engine.lastRequest, comment)
            switch self {
            case .topK(let value): #expect(request.topK == value, comment)
            case .topP(let value): #expect(request.topP == value, comment)
            case .splitBucket(let value): #expect(request.splitBucket == value, comment)
            case .streaming(let value):
                #expect(request.delivery == (value == 0 ? .whole : .fragments), comment)
            case .auxiliary(let value): #expect(request.auxiliaryReferencePaths == value, comment)
            case .prompt(let value): #expect(request.promptText == value, comment)
            }
        }
    }

    @Test(arguments: [
        ("streaming_mode=true", Expected.streaming(1)), ("streaming_mode=True", .streaming(1)),
        ("streaming_mode=1", .streaming(1)), ("streaming_mode=on", .streaming(1)),
        ("streaming_mode=yes", .streaming(1)), ("streaming_mode=T", .streaming(1)),
        ("streaming_mode=y", .streaming(1)), ("streaming_mode=false", .streaming(0)),
        ("streaming_mode=FALSE", .streaming(0)), ("streaming_mode=0", .streaming(0)),
        ("streaming_mode=off", .streaming(0)), ("streaming_mode=no", .streaming(0)),
        ("streaming_mode=f", .streaming(0)), ("streaming_mode=N", .streaming(0)),
        ("streaming_mode=1.0", .streaming(1)),
        ("top_k=7", .topK(7)), ("top_k=7.0", .topK(7)), ("top_k=%207%20", .topK(7)), ("top_k=%2B7", .topK(7)),
        ("top_p=0.5", .topP(0.5)), ("top_p=1", .topP(1)), ("top_p=.5", .topP(0.5)),
        ("top_p=5e-1", .topP(0.5)),
        ("split_bucket=False", .splitBucket(false)), ("split_bucket=1", .splitBucket(true)),
        ("aux_ref_audio_paths=", .auxiliary([])), ("aux_ref_audio_paths=[]", .auxiliary([])),
        ("aux_ref_audio_paths=a.wav&aux_ref_audio_paths=b.wav", .auxiliary(["a.wav", "b.wav"])),
        ("prompt_text=a&prompt_text=b", .prompt("b")),
        ("return_fragment=x&use_st_adapter=%7B&batch_size=1", .topK(5)),
    ])
    func query(_ query: String, _ expected: Expected) async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client in
            let answer = try await client.get("/tts?\(minimalQuery)&\(query)")
            #expect(answer.status == 200, "\(query): \(answer.text)")
        }
        try expected.check(engine, "\(query)")
    }

    @Test(arguments: [
        (#""streaming_mode":"true""#, Expected.streaming(1)), (#""streaming_mode":"True""#, .streaming(1)),
        (#""streaming_mode":true"#, .streaming(1)), (#""streaming_mode":1"#, .streaming(1)),
        (#""streaming_mode":1.0"#, .streaming(1)), (#""streaming_mode":false"#, .streaming(0)),
        (#""streaming_mode":"0""#, .streaming(0)), (#""streaming_mode":null"#, .streaming(0)),
        (#""top_k":"7""#, .topK(7)), (#""top_k":7.0"#, .topK(7)), (#""top_k":"7.0""#, .topK(7)),
        (#""top_k":true"#, .topK(1)), (#""top_k":7e0"#, .topK(7)),
        (#""split_bucket":"True""#, .splitBucket(true)), (#""split_bucket":"False""#, .splitBucket(false)),
        (#""split_bucket":1"#, .splitBucket(true)), (#""split_bucket":0.0"#, .splitBucket(false)),
        (#""top_p":"1.0""#, .topP(1)), (#""top_p":1"#, .topP(1)), (#""top_p":true"#, .topP(1)),
        (#""prompt_text":null"#, .prompt("")),
        (#""aux_ref_audio_paths":["a","","b",null]"#, .auxiliary(["a", "b"])),
        (#""aux_ref_audio_paths":null"#, .auxiliary([])), (#""aux_ref_audio_paths":[]"#, .auxiliary([])),
        (#""return_fragment":{"a":[1]},"use_st_adapter":true"#, .topK(5)),
        (#""top_k":7,"top_k":8"#, .topK(8)),
    ])
    func json(_ members: String, _ expected: Expected) async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client in
            let answer = try await client.post("/tts", minimalBody(members))
            #expect(answer.status == 200, "\(members): \(answer.text)")
        }
        try expected.check(engine, "\(members)")
    }

    @Test(arguments: [
        ("streaming_mode=", ["bool_parsing", "int_parsing"]),
        ("streaming_mode=foo", ["bool_parsing", "int_parsing"]),
        ("top_k=5.5", ["int_parsing"]), ("top_k=", ["int_parsing"]), ("top_k=0x5", ["int_parsing"]),
        ("top_k=5e0", ["int_parsing"]), ("top_k=99999999999999999999", ["int_parsing_size"]),
        ("top_p=nan", ["finite_number"]), ("top_p=-inf", ["finite_number"]),
        ("top_p=1e999", ["finite_number"]),
        ("top_p=0x1p3", ["float_parsing"]), ("top_p=", ["float_parsing"]), ("top_p=a", ["float_parsing"]),
        ("split_bucket=", ["bool_parsing"]), ("split_bucket=2", ["bool_parsing"]),
        ("top_k=a&top_p=b", ["int_parsing", "float_parsing"]),
    ])
    func refusedQuery(_ query: String, _ types: [String]) async throws {
        try await withRouter { client in
            let answer = try await client.get("/tts?\(minimalQuery)&\(query)")
            #expect(answer.status == 422, "\(query)")
            #expect(answer.issueTypes == types, "\(query)")
            #expect(answer.code == "invalid_request")
        }
    }

    @Test(arguments: [
        (#""streaming_mode":2.5"#, ["bool_parsing", "int_from_float"]),
        (#""streaming_mode":"x""#, ["bool_parsing", "int_parsing"]),
        (#""top_k":5.5"#, ["int_from_float"]), (#""top_k":"""#, ["int_parsing"]),
        (#""top_k":null"#, ["int_type"]),
        (#""top_k":1e300"#, ["int_parsing_size"]), (#""top_k":99999999999999999999"#, ["int_parsing_size"]),
        (#""top_k":[5]"#, ["int_type"]), (#""top_p":null"#, ["float_type"]),
        (#""top_p":"NaN""#, ["finite_number"]),
        (#""split_bucket":null"#, ["bool_type"]), (#""split_bucket":2"#, ["bool_parsing"]),
        (#""text":5"#, ["string_type"]), (#""text":null"#, ["string_type"]),
        (#""media_type":true"#, ["string_type"]),
        (#""aux_ref_audio_paths":"""#, ["list_type"]), (#""aux_ref_audio_paths":"a""#, ["list_type"]),
        (#""aux_ref_audio_paths":["a",5,{}]"#, ["string_type", "string_type"]),
        (#""top_p":NaN"#, ["json_invalid"]), (#""top_p":1e999"#, ["json_invalid"]),
    ])
    func refusedJSON(_ members: String, _ types: [String]) async throws {
        try await withRouter { client in
            let answer = try await client.post("/tts", minimalBody(members))
            #expect(answer.status == 422, "\(members)")
            #expect(answer.issueTypes == types, "\(members)")
        }
    }

    @Test func issuesHaveFastAPIsShape() async throws {
        try await withRouter { client in
            let query = try await client.get("/tts?\(minimalQuery)&top_k=x")
            #expect(query.issue["type"] == .string("int_parsing"))
            #expect(query.issue["loc"] == .array([.string("query"), .string("top_k")]))
            #expect(query.issue["input"] == .string("x"))
            #expect(
                query.issue["msg"]
                    == .string("Input should be a valid integer, unable to parse string as an integer"))

            let body = try await client.post("/tts", minimalBody(#""streaming_mode":2.5"#))
            #expect(
                body.issue["loc"] == .array([.string("body"), .string("streaming_mode"), .string("bool")]))
            #expect(body.issue["input"] == .number(2.5))
        }
    }
}
