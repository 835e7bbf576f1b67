import HTTPTypes
import Hummingbird
import StrictJSON
import Testing

@testable import API

/// The description of the API says what the router does.
@Suite struct OpenAPITests {
    /// `GET /tts` and so on, of the router. Methods that only answer 405 are not in the description.
    @Test func theDocumentIsTheRouter() async throws {
        let server = Server(
            engine: FakeEngine(), options: ServerOptions().opened, logger: silentLogger)
        let router = server.router(onControl: { _ in })
        let routed = Set(router.routes.map { "\($0.path)" })
        let described = Set(OpenAPIDocument.paths)
        #expect(Set(routed.map { $0.isEmpty ? "/" : $0 }) == described)

        guard case .object(let members) = OpenAPIDocument.json,
            let paths = members.first(where: { $0.name == "paths" })?.value.members
        else {
            Issue.record("no paths")
            return
        }
        try await withRouter { client in
            for (path, operations) in paths {
                let uri = path.replacing("{name}", with: "x").replacing("{model}", with: "gsv")
                let methods = Set((operations.members ?? [:]).keys)
                for method in ["get", "head", "post", "put", "delete", "patch"] {
                    guard let verb = HTTPRequest.Method(method.uppercased()) else { continue }
                    let status = try await client.send(verb, uri).status
                    #expect((status != 405) == methods.contains(method), "\(method) \(path): \(status)")
                }
            }
        }
    }

    /// Methods that no client has used yet are not unknown addresses.
    @Test(arguments: ["TRACE", "QUERY", "PATCH"])
    func otherMethodsAreNotAllowed(_ name: String) async throws {
        let method = try #require(HTTPRequest.Method(name))
        try await withRouter { client async throws in
            for path in OpenAPIDocument.paths {
                let answer = try await client.send(method, path.replacing("{name}", with: "x"))
                #expect(answer.status == 405, "\(path)")
                #expect(answer.headers[.allow]?.hasSuffix("OPTIONS") == true)
            }
        }
    }

    /// Every reference leads somewhere, and every answer but those to HEAD has its type.
    @Test func theDocumentIsWhole() throws {
        let document = OpenAPIDocument.json
        let named = try #require(document.members?["components"]?.members?["schemas"]?.members)
        func check(_ value: JSONValue) {
            switch value {
            case .array(let values): for value in values { check(value) }
            case .object(let members):
                for member in members {
                    if member.name == "$ref", case .string(let text) = member.value {
                        #expect(named[String(text.split(separator: "/").last ?? "")] != nil, "\(text)")
                    }
                    check(member.value)
                }
            default: break
            }
        }
        check(document)
        for (path, operations) in document.members?["paths"]?.members ?? [:] {
            for (method, operation) in operations.members ?? [:] {
                let answers = operation.members?["responses"]?.members ?? [:]
                #expect(answers["default"] != nil)
                for answer in answers.values {
                    #expect((answer.members?["content"] == nil) == (method == "head"), "\(method) \(path)")
                }
            }
        }
    }

    @Test func itIsServed() async throws {
        try await withRouter { client in
            let answer = try await client.get("/openapi.json")
            #expect(answer.status == 200)
            #expect(answer.string("openapi") == "3.1.0")
            let speech = answer.json["paths"]?.members?["/tts"]?.members?["get"]?.members?["parameters"]
            guard case .array(let parameters)? = speech else {
                Issue.record("no parameters")
                return
            }
            #expect(parameters.count == SpeechParameters.all.count)
        }
    }

    @Test func thePageIsForBrowsers() async throws {
        try await withRouter { client in
            let page = try await client.send(
                .get, "/", headers: [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"])
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.text.lowercased().hasPrefix("<!doctype html>"))
            #expect(try await client.get("/").headers[.contentType] == "application/json")
        }
    }
}
