import Foundation
import Models
import Synthesis
import TestSupport

/// Runs every stage of a golden set on the models it was made with.
struct Runner {
    let models: String
    let references: String
    let goldens: GoldenSet

    init(models: String, golden: String) throws {
        self.models = models
        goldens = try GoldenSet(folder: golden)
        // The clips lie beside the goldens, as the oracle makes them.
        references =
            URL(fileURLWithPath: golden).deletingLastPathComponent().appendingPathComponent("refs").path
    }

    func run(only: String, verbose: Bool) throws -> Bool {
        var report = Report()
        var voices: [String: RecordedVoice] = [:]
        for name in try goldens.stages() where only.isEmpty || name.contains(only) {
            var comparison = Comparison(
                try goldens.open(name), isPartial: true, storesChannelsFirst: true)
            let start = ContinuousClock.now
            do {
                let parts = name.split(separator: "/").map(String.init)
                let (version, kind) = (parts[0], parts[1])
                if version == "common" {
                    try common(name, kind, &comparison)
                } else if kind == "lora" {
                    try RecordedLoRA(models: models, version: version).run(&comparison)
                } else {
                    let voice = try voices[version] ?? RecordedVoice(self, version: version)
                    voices[version] = voice
                    try voice.run(kind, &comparison)
                }
                comparison.close()
            } catch {
                comparison.fail(name, "\(error)")
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            report.add(name, comparison.rows, seconds: seconds, verbose: verbose)
        }
        return report.finish()
    }

    private func common(_ stage: String, _ kind: String, _ comparison: inout Comparison) throws {
        let encoders = RecordedEncoders(models: models, goldens: goldens)
        if kind.hasPrefix("hubert_") {
            try encoders.huBERT(&comparison)
        } else if kind.hasPrefix("bert_") {
            try encoders.bert(stage, &comparison)
        } else {
            try RecordedAudio(references: references).run(kind, &comparison)
        }
    }

    /// The files of a version.
    func paths(_ version: String) throws -> VoicePaths {
        guard let paths = VoicePaths.pretrained(in: models, version: version)?.preferringConverted() else {
            throw ParityError("\(version) is not supported")
        }
        return paths
    }
}

/// The stages of one version, on its two models. The base models are loaded for whole utterances only.
private final class RecordedVoice {
    private let textToSemantic: RecordedTextToSemantic
    private let soVITS: RecordedSoVITS
    private let runner: Runner
    private let paths: VoicePaths
    private var runs: RecordedRuns?

    init(_ runner: Runner, version: String) throws {
        self.runner = runner
        paths = try runner.paths(version)
        textToSemantic = try RecordedTextToSemantic(
            model: try Text2Semantic(path: paths.textToSemantic), version: version, goldens: runner.goldens)
        soVITS = RecordedSoVITS(
            model: try SoVITS(path: paths.soVITS), references: runner.references)
    }

    func run(_ kind: String, _ comparison: inout Comparison) throws {
        if kind.hasPrefix("gpt_") {
            try textToSemantic.run(kind, &comparison)
        } else if kind.hasPrefix("run_") {
            let runs = try runs ?? makeRuns()
            self.runs = runs
            try runs.run(kind, &comparison)
        } else {
            try soVITS.run(kind, &comparison)
        }
    }

    private func makeRuns() throws -> RecordedRuns {
        let bert = try BERT(folder: paths.bert)
        let tokenizer = try CharacterTokenizer(folder: paths.bert, size: bert.vocabularySize)
        let huBERT = try HuBERT(folder: paths.huBERT)
        let frontEnd = try? FrontEndLoader.open(bert: paths.bert).frontEnd
        return RecordedRuns(
            engineModels: ModelSet(
                textToSemantic: textToSemantic.model, acoustic: soVITS.model,
                textToSemanticPath: paths.textToSemantic, acousticPath: paths.soVITS),
            base: BaseModels(
                huBERT: huBERT, text: RecordedRuns.preparer(bert: bert, tokenizer: tokenizer)),
            references: runner.references,
            spoken: frontEnd.map { frontEnd in
                BaseModels(
                    huBERT: huBERT,
                    text: TextPreprocessor(frontEnd: frontEnd, bert: bert, tokenizer: tokenizer))
            })
    }
}
