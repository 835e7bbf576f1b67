import Foundation
import HTTPTypes
import NIOCore
import Synthesis
import Testing

@testable import API

/// Who may use and change the server: roles come from keys alone.
@Suite struct AccessTests {
    /// Everything that changes the server or reads what others do.
    static let guarded: [(HTTPRequest.Method, String)] = [
        (.get, "/control?command=exit"), (.post, "/control"), (.get, "/set_gpt_weights?weights_path=a"),
        (.get, "/set_sovits_weights?weights_path=a"), (.get, "/set_refer_audio?refer_audio_path=a"),
        (.get, "/set_model?gpt_model_path=a"), (.post, "/set_model"),
        (.get, "/change_refer?refer_wav_path=a"), (.post, "/change_refer"),
        (.put, "/v1/audio/voices/a"), (.delete, "/v1/audio/voices/a"), (.post, "/v1/audio/voices"),
        (.put, "/v1/audio/voices/%FF"), (.get, "/slots"), (.head, "/slots"),
    ]

    static func options(_ access: AccessControl) -> ServerOptions {
        ServerOptions(
            access: access, voicesFolder: "/nonexistent/voices", roots: ["/nonexistent"], servesVersion1: true
        )
    }

    /// The loopback address grants nothing: behind a proxy on the same machine, every request comes from it.
    @Test(arguments: guarded)
    func withoutAnAdminKeyNothingIsChanged(_ method: HTTPRequest.Method, _ uri: String) async throws {
        let engine = FakeEngine()
        for address in ["127.0.0.1", "0.0.0.0"] {
            for access in [AccessControl(), AccessControl(userKeys: ["user-key"])] {
                var options = Self.options(access)
                options.address = address
                try await withRouter(
                    engine, options, isOpen: false,
                    onControl: { _ in Issue.record("\(uri) ended the server") }
                ) { client async throws in
                    for headers in [
                        [:], [.apiKey: "user-key"], [.apiKey: ""], [.authorization: "Bearer "],
                        [
                            HTTPField.Name("X-Forwarded-For")!: "127.0.0.1",
                            HTTPField.Name("Via")!: "1.1 proxy",
                        ],
                    ] as [HTTPFields] {
                        let response = try await client.send(method, uri, headers: headers)
                        #expect(response.status == 403, "\(headers)")
                        if method != .head {
                            #expect(response.text.contains("key_required"))
                            #expect(response.text.contains("--admin-key"))
                        }
                    }
                }
            }
        }
        #expect(engine.log.referencePath == nil)
        #expect(engine.log.textToSemanticPaths.isEmpty)
    }

    @Test(arguments: guarded)
    func changesNeedAnAdminKey(_ method: HTTPRequest.Method, _ uri: String) async throws {
        let access = AccessControl(userKeys: ["user-key"], adminKeys: ["root-key"], isInsecure: true)
        try await withRouter(FakeEngine(), Self.options(access), isOpen: false) { client async throws in
            for key in ["user-key", "", "ROOT-KEY", "root-ke", "root-key2"] {
                #expect(try await client.send(method, uri, headers: [.apiKey: key]).status == 401)
            }
            let allowed = try await client.send(method, uri, headers: [.apiKey: "root-key"])
            #expect(![401, 403].contains(allowed.status))
        }
    }

    /// `--insecure` is what upstream does: everyone who may use the server may change it.
    @Test(arguments: guarded)
    func insecureWaivesTheKeysThatAreNotGiven(_ method: HTTPRequest.Method, _ uri: String) async throws {
        try await withRouter(FakeEngine(), Self.options(AccessControl(isInsecure: true)), isOpen: false) {
            client async throws in
            #expect(![401, 403].contains(try await client.send(method, uri).status))
        }
        let keyed = AccessControl(userKeys: ["user-key"], isInsecure: true)
        try await withRouter(FakeEngine(), Self.options(keyed), isOpen: false) { client async throws in
            #expect(try await client.send(method, uri).status == 401)
            #expect(
                ![401, 403].contains(
                    try await client.send(method, uri, headers: [.apiKey: "user-key"]).status))
        }
    }

    @Test func addressesThatOthersReachNeedAKey() throws {
        for address in ["0.0.0.0", "::", "None", "192.168.1.2", "example.com", "127.0.0.1.example.com", ""] {
            #expect(throws: AccessError.self) { try AccessControl().check(address: address) }
            #expect(throws: AccessError.self) {
                try AccessControl(adminKeys: ["root-key"]).check(address: address)
            }
            try AccessControl(userKeys: ["user-key"]).check(address: address)
            try AccessControl(isInsecure: true).check(address: address)
        }
        for address in ["127.0.0.1", "::1", "localhost", "127.1.2.3"] {
            try AccessControl().check(address: address)
        }
        #expect(AccessControl().notes.contains { $0.contains("--admin-key") })
        #expect(AccessControl(adminKeys: ["long-enough"]).notes.isEmpty)
        #expect(AccessControl(isInsecure: true).notes.contains { $0.contains("--insecure") })
        #expect(AccessControl(adminKeys: ["short"]).notes.contains { $0.contains("8 characters") })
    }

    private func keys(
        _ values: [String] = [], file: String? = nil, environment: String? = nil
    ) throws(AccessError) -> [String] {
        try KeySource(
            flag: "--api-key", values: values, file: file, variable: "GSV_API_KEY", environment: environment
        ).keys()
    }

    /// A source that is given and holds no key must not open the server.
    @Test func sourcesWithoutAKeyAreErrors() throws {
        let folder = try ScratchFolder()
        try folder.write("empty", "")
        try folder.write("blank", "\n  \n\t\r\n")
        try folder.write("keys", "one-key\r\n\n  two-key  \n")
        #expect(try keys() == [])
        #expect(
            try keys(["a-key"], file: folder.path + "/keys", environment: "x-key, y-key,") == [
                "a-key", "one-key", "two-key", "x-key", "y-key",
            ])
        for (source, attempt) in [
            ("--api-key ", { () throws(AccessError) in try keys([""]) }),
            ("--api-key ", { () throws(AccessError) in try keys(["good-key", ""]) }),
            ("--api-key:", { () throws(AccessError) in try keys(["two words"]) }),
            ("--api-key:", { () throws(AccessError) in try keys(["schlüssel"]) }),
            ("--api-key-file: ", { () throws(AccessError) in try keys(file: folder.path + "/empty") }),
            ("--api-key-file: ", { () throws(AccessError) in try keys(file: folder.path + "/blank") }),
            ("--api-key-file: ", { () throws(AccessError) in try keys(file: folder.path + "/missing") }),
            ("--api-key-file: ", { () throws(AccessError) in try keys(file: folder.path) }),
            ("$GSV_API_KEY", { () throws(AccessError) in try keys(environment: "") }),
            ("$GSV_API_KEY", { () throws(AccessError) in try keys(["good-key"], environment: " , ") }),
        ] as [(String, () throws(AccessError) -> [String])] {
            let error = #expect(throws: AccessError.self) { _ = try attempt() }
            #expect(error?.description.hasPrefix(source) == true, "\(String(describing: error))")
        }
    }
}
