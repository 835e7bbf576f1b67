import Foundation
import Synthesis
import Testing

@testable import API

@Suite struct ConfigurationTests {
    /// A file as upstream writes it, in the order of its keys, with one path quoted and folded as PyYAML
    /// does.
    static let upstreamFile = #"""
        custom:
          bert_base_path: models/bert
          cnhuhbert_base_path: models/hubert
          device: cuda
          is_half: true
          t2s_weights_path: "models/\u6a21\u578b-e15.ckpt"
          version: v1
          vits_weights_path: models/a very long name of a folder that the writer folds over
            two lines/s2.pth
        v1:
          bert_base_path: v1/bert
          cnhuhbert_base_path: v1/hubert
          device: cpu
          is_half: false
          t2s_weights_path: v1/gpt.ckpt
          version: v1
          vits_weights_path: v1/sovits.pth
        v2:
          bert_base_path: v2/bert
          cnhuhbert_base_path: v2/hubert
          device: cpu
          is_half: false
          t2s_weights_path: v2/gpt.ckpt
          version: v2
          vits_weights_path: v2/sovits.pth
        v4:
          version: v4
        """#

    private func resolve(
        _ yaml: String, version: String? = nil, exists: @escaping (String) -> Bool = { _ in true }
    ) throws -> InferenceConfiguration {
        let document = try ConfigurationDocument(yaml: yaml, path: "c.yaml")
        return try ConfigurationResolver(document: document, exists: exists, version: version).resolve()
    }

    @Test func upstreamsFileIsRead() throws {
        let configuration = try resolve(Self.upstreamFile)
        #expect(configuration.version == "v1")
        #expect(configuration.device == "cuda")
        #expect(configuration.isHalf)
        #expect(configuration.textToSemanticPath == "models/模型-e15.ckpt")
        #expect(
            configuration.soVITSPath
                == "models/a very long name of a folder that the writer folds over two lines/s2.pth")
        #expect(configuration.bertPath == "models/bert")
        #expect(configuration.huBERTPath == "models/hubert")
        #expect(configuration.source == .file(path: "c.yaml", section: "custom"))
        #expect(
            configuration.notes == [
                "device cuda is ignored: this program runs on the CPU",
                "is_half is ignored: it has no meaning on a CPU",
            ])
    }

    @Test func pathsThatLeadNowhereFallBackToTheVersionsSection() throws {
        let configuration = try resolve(Self.upstreamFile) { !$0.hasPrefix("models/") }
        #expect(configuration.textToSemanticPath == "v1/gpt.ckpt")
        #expect(configuration.soVITSPath == "v1/sovits.pth")
        #expect(configuration.bertPath == "v1/bert")
        #expect(configuration.huBERTPath == "v1/hubert")
        #expect(configuration.notes.count == 6)
        #expect(
            configuration.notes.last == "cnhuhbert_base_path: models/hubert does not exist, using v1/hubert")
    }

    @Test func emptyPathsFallBackToUpstreamsDefaults() throws {
        let configuration = try resolve(
            "custom: {version: v2, t2s_weights_path: '', vits_weights_path: ~, device: cpu, is_half: no}")
        #expect(
            configuration.textToSemanticPath
                == "GPT_SoVITS/pretrained_models/gsv-v2final-pretrained/"
                + "s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt")
        #expect(
            configuration.soVITSPath
                == "GPT_SoVITS/pretrained_models/gsv-v2final-pretrained/s2G2333k.pth")
        #expect(configuration.bertPath == "GPT_SoVITS/pretrained_models/chinese-roberta-wwm-ext-large")
        #expect(configuration.huBERTPath == "GPT_SoVITS/pretrained_models/chinese-hubert-base")
        #expect(!configuration.isHalf)
        let v1 = try resolve("custom:\n  version: v1\n")
        #expect(
            v1.textToSemanticPath
                == "GPT_SoVITS/pretrained_models/s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt")
        #expect(v1.soVITSPath == "GPT_SoVITS/pretrained_models/s2G488k.pth")
    }

    @Test func withoutCustomTheSectionV2Counts() throws {
        let configuration = try resolve("v2: {version: v2, t2s_weights_path: a.ckpt}")
        #expect(configuration.textToSemanticPath == "a.ckpt")
        #expect(configuration.source == .file(path: "c.yaml", section: "v2"))
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "~", "v1: {version: v1}", "custom: 5"])
    func filesWithoutASection(_ yaml: String) throws {
        let configuration = try resolve(yaml)
        #expect(configuration.version == "v2")
        #expect(configuration.source == .defaults)
        #expect(
            configuration.notes == ["c.yaml has no section custom or v2: using the defaults of version v2"])
    }

    /// Every version has upstream's default paths; a section that leads nowhere falls back to them.
    @Test(arguments: [
        ("v1", "s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt", "s2G488k.pth"),
        (
            "v2", "gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt",
            "gsv-v2final-pretrained/s2G2333k.pth"
        ),
        ("v3", "s1v3.ckpt", "s2Gv3.pth"), ("v4", "s1v3.ckpt", "gsv-v4-pretrained/s2Gv4.pth"),
        ("v2Pro", "s1v3.ckpt", "v2Pro/s2Gv2Pro.pth"), ("v2ProPlus", "s1v3.ckpt", "v2Pro/s2Gv2ProPlus.pth"),
    ])
    func everyVersionHasDefaults(_ version: String, _ gpt: String, _ soVITS: String) throws {
        let folder = "GPT_SoVITS/pretrained_models/"
        for yaml in [
            "custom: {version: \(version)}", "custom: {version: \(version), vits_weights_path: nowhere.pth}",
        ] {
            let configuration = try resolve(yaml) { $0 != "nowhere.pth" }
            #expect(configuration.version == version)
            #expect(configuration.textToSemanticPath == folder + gpt)
            #expect(configuration.soVITSPath == folder + soVITS)
        }
        // The section of a version, chosen by its name in place of custom.
        let chosen = try resolve(
            "custom: {version: v1}\n\(version): {t2s_weights_path: mine.ckpt}", version: version)
        #expect(chosen.version == version)
        #expect(chosen.textToSemanticPath == "mine.ckpt")
        #expect(chosen.soVITSPath == folder + soVITS)
        #expect(chosen.source == .file(path: "c.yaml", section: version))
    }

    /// Networks that no key names are in upstream's folder, or beside HuBERT.
    @Test func theFolderOfOtherNetworks() throws {
        let yaml = "custom: {version: v4, cnhuhbert_base_path: /models/hubert}"
        #expect(try resolve(yaml).paths.pretrainedFolder == "GPT_SoVITS/pretrained_models")
        let other = try resolve(yaml) { !$0.hasPrefix("GPT_SoVITS") }
        #expect(other.paths.pretrainedFolder == "/models")
    }

    @Test(arguments: ["v5", "v9", "V2", ""])
    func otherVersionsAreRefused(_ version: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try resolve("custom: {version: \"\(version)\"}")
        }
        #expect(
            error
                == .unsupportedVersion(
                    path: "c.yaml", section: "custom", version: version,
                    supported: ["v1", "v2", "v3", "v4", "v2Pro", "v2ProPlus"]))
        #expect(error?.description.hasSuffix("this program speaks v1, v2, v3, v4, v2Pro, v2ProPlus") == true)
    }

    @Test(arguments: [
        ("custom:\n  version: v2\n bad: [\n", 3), ("custom: {version: v2\n", 2), ("\tcustom: 1", 1),
        ("custom:\n  version: v2\n  version: v1\n", 2), ("custom:\n  version: [v2]\n", 2),
        ("custom:\n  version: v2\n  is_half: perhaps\n", 3), ("- a\n- b\n", 1), ("just text", 1),
        ("a: 1\n---\nb: 2\n", 2), ("custom: &a\n  version: v2\nv2: *a\n", 3), ("custom: [*b]", 1),
        ("custom:\n  t2s_weights_path: {a: b}\n  version: v2", 2), ("custom: !!python/object:os.system {", 2),
    ])
    func malformedFilesNameTheLine(_ yaml: String, _ line: Int) throws {
        let error = #expect(throws: ConfigurationError.self) { try resolve(yaml) }
        guard case .malformed("c.yaml", let found, let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == line, "\(reason)")
        #expect(error?.description.hasPrefix("c.yaml:\(line): ") == true)
    }

    @Test func asterisksThatAreNoAliasesAreText() throws {
        let configuration = try resolve(
            "# *not an alias\ncustom: {version: v2, t2s_weights_path: a*b.ckpt} # *x")
        #expect(configuration.textToSemanticPath == "a*b.ckpt")
    }

    /// Each ends with an error or a value, and soon.
    @Test func hostileFilesDoNotTrap() throws {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1...30 {
            let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
            bomb += "a\(level): &a\(level) [\(items)]\n"
        }
        let files = [
            bomb, "? " + bomb,
            String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000),
            String(repeating: "- ", count: 100_000), String(repeating: "? ", count: 100_000),
            String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
            "custom: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
            (0..<900).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
            "\u{0}", "custom: \u{0}", "%YAML 9.9\n---\na: 1", "!<tag:x> {}", "custom: \"\\ud800\"", "? : ?",
            ": : :",
            "&a", "*a", "<<: {version: v3}", "custom: {<<: {version: v3}}", "\u{FEFF}custom: {version: v2}",
        ]
        for yaml in files { _ = try? resolve(yaml) }
        #expect(throws: ConfigurationError.self) { try resolve(bomb) }
        #expect(throws: ConfigurationError.self) { try resolve(files[2]) }
        #expect(throws: ConfigurationError.self) { try resolve(files[4]) }
    }

    @Test func filesOnDisk() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gsv-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ bytes: Data) throws -> String {
            let file = folder.appendingPathComponent("tts_infer.yaml")
            try bytes.write(to: file)
            return file.path
        }

        let good = try write(Data("custom: {version: v2, vits_weights_path: \(folder.path)}".utf8))
        let configuration = try InferenceConfiguration.load(path: good)
        #expect(configuration.soVITSPath == folder.path)
        #expect(configuration.source == .file(path: good, section: "custom"))

        let large = try write(Data(repeating: 0x20, count: LocalFiles.limit + 1))
        #expect(throws: ConfigurationError.tooLarge(path: large, limitBytes: 1 << 20)) {
            try InferenceConfiguration.load(path: large)
        }
        let binary = try write(Data([0x61, 0xFF]))
        #expect(throws: ConfigurationError.malformed(path: binary, line: 0, reason: "not UTF-8")) {
            try InferenceConfiguration.load(path: binary)
        }
        #expect(throws: ConfigurationError.unreadable(path: folder.path, reason: "it is a folder")) {
            try InferenceConfiguration.load(path: folder.path)
        }
        #expect(throws: ConfigurationError.tooLarge(path: "/dev/zero", limitBytes: 1 << 20)) {
            try InferenceConfiguration.load(path: "/dev/zero")
        }

        let missing = folder.appendingPathComponent("missing.yaml").path
        let defaults = try InferenceConfiguration.load(path: missing)
        #expect(defaults.version == "v2")
        #expect(defaults.source == .defaults)
        #expect(defaults.notes == ["\(missing) does not exist: using the defaults of version v2"])
        #expect(!FileManager.default.fileExists(atPath: missing))
    }
}
