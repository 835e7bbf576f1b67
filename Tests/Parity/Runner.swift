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
                } else if kind == "vocoder" || kind == "snake_filters" {
                    let vocoder = RecordedVocoder(
                        pretrained: PretrainedFiles(folder: models), version: version)
                    try kind == "vocoder" ? vocoder.run(&comparison) : vocoder.filters(&comparison)
                } else if kind == "super_sampling" {
                    try RecordedSuperSampling(
                        folder: PretrainedFiles(folder: models).bandwidthExtension[0]
                    ).run(&comparison)
                } else if kind == "lora" {
                    try RecordedLoRA(
                        models: models, version: version, goldens: goldens, references: references
                    ).run(&comparison)
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
            report.add(name, comparison, seconds: seconds, verbose: verbose)
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
    private let textToSemantic: Text2Semantic
    private let embeddings: RecordedEmbeddings?
    private let acoustic: any AcousticModel
    private let runner: Runner
    private let paths: VoicePaths
    private let version: String
    private var runs: RecordedRuns?

    init(_ runner: Runner, version: String) throws {
        self.runner = runner
        paths = try runner.paths(version)
        self.version = version
        textToSemantic = try Text2Semantic(path: paths.textToSemantic)
        embeddings =
            version.contains("Pro")
            ? try RecordedEmbeddings(
                runner.goldens, version: version, references: runner.references,
                network: paths.pretrained.speakerVerification) : nil
        acoustic = try AcousticModelFactory.open(paths.soVITS, pretrained: paths.pretrained)
    }

    func run(_ kind: String, _ comparison: inout Comparison) throws {
        if kind.hasPrefix("gpt_") {
            try RecordedTextToSemantic(model: textToSemantic, version: version, goldens: runner.goldens)
                .run(kind, &comparison)
        } else if kind.hasPrefix("run_") {
            let runs = try runs ?? makeRuns()
            self.runs = runs
            try runs.run(kind, &comparison)
        } else {
            try stage(kind, &comparison)
        }
    }

    private func stage(_ kind: String, _ comparison: inout Comparison) throws {
        switch acoustic {
        case let model as SoVITS:
            try RecordedSoVITS(model: model, embeddings: embeddings, references: runner.references)
                .run(kind, &comparison)
        case let model as FlowMatching:
            try RecordedFlow(
                model: model, version: version, goldens: runner.goldens, references: runner.references
            ).run(kind, &comparison)
        default: comparison.fail(kind, "unknown model")
        }
    }

    private func makeRuns() throws -> RecordedRuns {
        let bert = try BERT(folder: paths.bert)
        let tokenizer = try CharacterTokenizer(folder: paths.bert, size: bert.vocabularySize)
        let huBERT = try HuBERT(folder: paths.huBERT)
        let frontEnd = try? FrontEndLoader.open(bert: paths.bert).frontEnd
        return RecordedRuns(
            engineModels: ModelSet(
                textToSemantic: textToSemantic, acoustic: acoustic,
                textToSemanticPath: paths.textToSemantic, acousticPath: paths.soVITS),
            base: BaseModels(
                huBERT: huBERT, text: RecordedRuns.preparer(bert: bert, tokenizer: tokenizer),
                pretrained: paths.pretrained, speakerVerification: embeddings),
            references: runner.references,
            spoken: frontEnd.map { frontEnd in
                BaseModels(
                    huBERT: huBERT,
                    text: TextPreprocessor(frontEnd: frontEnd, bert: bert, tokenizer: tokenizer),
                    pretrained: paths.pretrained, speakerVerification: embeddings)
            })
    }
}
