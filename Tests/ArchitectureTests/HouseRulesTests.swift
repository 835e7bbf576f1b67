import Foundation
import Testing

/// The rules of ARCHITECTURE.md that a program can check.
@Suite struct HouseRulesTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The modules of this package that each module may import. For others see `externalLibraries`.
    static let dependencies: [String: Set<String>] = [
        "TensorKernels": ["TensorKernelTable"],
        "Files": [],
        "Checkpoint": ["Files", "StrictJSON"],
        "Audio": ["Files"],
        "Text": ["Files", "StrictJSON", "Tensor"],
        "StrictJSON": [],
        "Tensor": [
            "TensorKernelTable", "TensorKernelsBaseline", "TensorKernelsAVX2", "TensorKernelsAVX512",
        ],
        "KernelBench": ["Tensor", "TensorKernelTable"],
        "Models": ["Checkpoint", "Files", "StrictJSON", "Tensor", "TensorKernelTable"],
        "Synthesis": ["Audio", "Checkpoint", "Files", "Models", "Tensor", "Text"],
        "API": ["Audio", "Files", "StrictJSON", "Synthesis"],
        "GSV": ["Synthesis"],
        "gsv": [
            "API", "Audio", "Checkpoint", "ConvertCommand", "KernelBench", "Models", "Synthesis", "Tensor",
            "Text",
        ],
    ]

    /// The modules that may import an external library.
    static let externalLibraries: [String: Set<String>] = [
        "CSndfile": ["Audio"], "CSoxr": ["Audio"], "COpenSSL": ["Checkpoint"],
        "CMalloc": ["gsv"],
        "Hummingbird": ["API"], "HummingbirdCore": ["API"], "NIOCore": ["API"], "NIOPosix": ["API"],
        "HTTPTypes": ["API"], "Yams": ["API"],
    ]

    static func swiftFiles(_ folder: String) throws -> [(path: String, lines: [Substring])] {
        let base = root.appendingPathComponent(folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.map { name in
            let text = try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
            return ("\(folder)/\(name)", text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    static func imports(_ lines: [Substring]) -> [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let i = words.firstIndex(of: "import"), i < 3, i + 1 < words.count,
                words[..<i].allSatisfy({
                    ["public", "package", "internal", "@testable", "@preconcurrency"].contains($0)
                })
            else { return nil }
            return String(words[i + 1])
        }
    }

    @Test(arguments: dependencies.keys.sorted())
    func dependenciesRunOneWay(_ module: String) throws {
        let modules = Set(Self.dependencies.keys).union(["TensorKernelTable", "ConvertCommand"]).union(
            Self.dependencies["Tensor"] ?? [])
        let files = (try? Self.swiftFiles("Sources/\(module)")) ?? []
        for file in files {
            for name in Self.imports(file.lines) {
                if modules.contains(name) {
                    #expect(Self.dependencies[module]?.contains(name) == true, "\(file.path) imports \(name)")
                }
                if let allowed = Self.externalLibraries[name] {
                    #expect(
                        allowed.contains(module),
                        "\(file.path) imports \(name), which only \(allowed) may import")
                }
            }
        }
    }

    @Test func everyModuleIsChecked() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appendingPathComponent("Sources").path)
        let tools: Set<String> = [
            "lexicon-compiler", "CSndfile", "CSoxr", "COpenSSL", "CMalloc",
        ]
        for folder in folders where !folder.hasPrefix(".") {
            #expect(
                Self.dependencies[folder] != nil || tools.contains(folder), "Sources/\(folder) has no rule")
        }
    }

    @Test(arguments: ["Sources", "Tests", "weights-converter"])
    func filesHaveOneSubject(_ folder: String) throws {
        for file in try Self.swiftFiles(folder) {
            #expect(
                file.lines.count <= 400, "\(file.path) has \(file.lines.count) lines; split it by meaning")
        }
    }

    @Test(arguments: ["Sources/Models", "Sources/Synthesis", "Sources/gsv"])
    func pointersStayInTheirModules(_ folder: String) throws {
        let words = ["UnsafePointer", "UnsafeMutable", "unsafeBitCast", "UnsafeRaw", "withUnsafe"]
        for file in try Self.swiftFiles(folder) {
            for (number, line) in file.lines.enumerated() where words.contains(where: line.contains) {
                // Hashing and writing whole arrays passes their bytes on.
                if line.contains("withUnsafeBytes") || line.contains("body: (UnsafeRawBufferPointer)") {
                    continue
                }
                Issue.record("\(file.path):\(number + 1) uses pointers")
            }
        }
    }

    /// See `ByteBuffer.copiedBytes`.
    @Test(arguments: ["Sources", "Tests"])
    func buffersAreCopiedSafely(_ folder: String) throws {
        for file in try Self.swiftFiles(folder) where !file.path.hasSuffix("ByteBuffer+Bytes.swift") {
            for (number, line) in file.lines.enumerated() where line.contains("readableBytesView)") {
                #expect(!line.contains("Array("), "\(file.path):\(number + 1): use copiedBytes")
            }
        }
    }

    @Test func fixturesStaySmall() throws {
        let base = Self.root.appendingPathComponent("Tests")
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        let bytes = names.filter { $0.contains("Fixtures") }.reduce(0) { sum, name in
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: base.appendingPathComponent(name).path)
            return sum
                + (attributes?[.type] as? FileAttributeType == .typeRegular
                    ? attributes?[.size] as? Int ?? 0 : 0)
        }
        #expect(bytes > 0)
        #expect(bytes <= 12 << 20, "test fixtures take \(bytes) bytes")
    }
}
