import API
import ArgumentParser
import Foundation
import Models
import Synthesis
import Tensor

/// Where the weights are: a configuration file as upstream writes it, a folder laid out like upstream's
/// `pretrained_models`, or files by name.
struct VoiceOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .customLong("config"), .customLong("tts_config")],
        help: "tts_infer.yaml, as upstream writes it.")
    var config: String = InferenceConfiguration.defaultPath

    @Option(help: "A folder laid out like upstream's pretrained_models; used instead of the configuration.")
    var models: String?

    @Option(
        name: [.customLong("model-version"), .customLong("version")],
        help: "With --models, where weights of several versions are: v1, v2, v3, v4, v2Pro or v2ProPlus.")
    var version: String?

    @Option(help: "Text-to-semantic (GPT) weights: .ckpt or converted .safetensors.")
    var gpt: String?

    @Option(help: "SoVITS weights: .pth or converted .safetensors.")
    var sovits: String?

    @Option(help: "Compute threads; 0 takes one per processor.")
    var threads: Int = 0

    /// The voice in voices/default, when nothing else is named and there is no configuration.
    var bundledVoice: BundledVoice? {
        guard models == nil, gpt == nil, sovits == nil, config == InferenceConfiguration.defaultPath,
            !FileManager.default.fileExists(atPath: config)
        else { return nil }
        return BundledVoice.find()
    }

    /// All four paths, after the rules above.
    func paths() throws -> (paths: VoicePaths, notes: [String]) {
        if let bundled = bundledVoice {
            let note =
                "speaking with the voice in \(bundled.folder); your own: --models "
                + "GPT_SoVITS/pretrained_models, or -c tts_infer.yaml"
            return (bundled.paths.preferringConverted(), [note])
        }
        var paths: VoicePaths
        var notes: [String] = []
        if let models {
            (paths, notes) = try pretrained(models)
        } else {
            let configuration = try InferenceConfiguration.load(path: config, version: version)
            paths = configuration.paths
            notes = configuration.notes
        }
        paths = paths.preferringConverted()
        if let gpt { paths.textToSemantic = gpt }
        if let sovits { paths.soVITS = sovits }
        return (paths, notes)
    }

    /// The files of the wanted version in a folder; without `--model-version`, of the one that is there, or of v2.
    private func pretrained(_ folder: String) throws -> (VoicePaths, notes: [String]) {
        let found = VoicePaths.versions(in: folder)
        let chosen = version ?? (found.contains("v2") ? "v2" : found.first ?? "v2")
        guard let paths = VoicePaths.pretrained(in: folder, version: chosen) else {
            throw ValidationError(
                "--model-version \(chosen): one of \(VoicePaths.supportedVersions.joined(separator: ", ")) is expected"
            )
        }
        let note =
            "\(folder) has weights of \(found.joined(separator: ", ")): taking \(chosen); --model-version takes another"
        return (paths, version == nil && found.count > 1 ? [note] : [])
    }

    /// Called before anything is loaded.
    func configureProcess() throws {
        guard (0...256).contains(threads) else { throw ValidationError("--threads takes 0 to 256") }
        ThreadPool.configure(threads: threads)
        Allocator.configure()
    }

    /// Chooses what computes dense products. A choice by measurement is kept beside converted weights.
    func configureProducts(_ paths: VoicePaths) throws {
        let isConverted = paths.soVITS.hasSuffix(".safetensors")
        let folder = URL(fileURLWithPath: paths.soVITS).deletingLastPathComponent().path
        do {
            if let note = try GEMMConfiguration.configure(folder: isConverted ? folder : nil) {
                Console.note(note)
            }
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// Names everything that is missing at once, and the ways to say where it is.
    private static func checkExistence(_ paths: VoicePaths) throws {
        let missing = [paths.textToSemantic, paths.soVITS, paths.huBERT, paths.bert].filter {
            !$0.isEmpty && !FileManager.default.fileExists(atPath: $0)
        }
        guard missing.isEmpty else {
            throw SynthesisError(
                .setup,
                "no such file or folder: \(missing.joined(separator: ", ")). Give a folder laid out like upstream's "
                    + "pretrained_models with --models, a tts_infer.yaml with -c, or the weights with --gpt and "
                    + "--sovits; relative paths start at the working directory")
        }
    }

    /// Loads everything and says what was loaded.
    func load() throws -> (models: ModelSet, base: BaseModels) {
        try configureProcess()
        let (paths, notes) = try paths()
        for note in notes { Console.note(note) }
        try Self.checkExistence(paths)
        try configureProducts(paths)
        let start = ContinuousClock.now
        let (models, base) = try VoiceLoader.everything(paths)
        for note in base.notes { Console.note(note) }
        Console.note(
            "\(models.version) voice ready after \(Console.seconds(since: start)): \(paths.textToSemantic), \(paths.soVITS)"
        )
        return (models, base)
    }
}
