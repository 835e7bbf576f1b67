import Foundation
import Models
import Synthesis

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

    /// Where the set has the files of a version.
    private func paths(_ version: String) throws -> VoicePaths {
        guard let paths = VoicePaths.pretrained(in: models, version: version)?.preferringConverted() else {
            throw ParityError("\(version) is not a version that this engine speaks")
        }
        return paths
    }

    func run(only: String, verbose: Bool) throws -> Bool {
        var report = Report()
        var gpt: [String: TextToSemanticStages] = [:]
        var sovits: [String: SoVITSStages] = [:]
        var runs: [String: RunStages] = [:]
        for name in try goldens.stages() where only.isEmpty || name.contains(only) {
            let stage = Stage(name, try goldens.open(name))
            let start = Date()
            do {
                let parts = name.split(separator: "/").map(String.init)
                let (version, kind) = (parts[0], parts[1])
                if version != "common", gpt[version] == nil {
                    let paths = try paths(version)
                    gpt[version] = try TextToSemanticStages(
                        model: try Text2Semantic(path: paths.textToSemantic), version: version,
                        goldens: goldens)
                    sovits[version] = SoVITSStages(
                        model: try SoVITS(path: paths.soVITS), version: version,
                        models: models,
                        references: references, goldens: goldens)
                }
                if version == "common" {
                    try common(kind, stage)
                } else if kind.hasPrefix("gpt_") {
                    try gpt[version]?.run(stage)
                } else if kind.hasPrefix("run_") {
                    if runs[version] == nil {
                        runs[version] = try runStages(gpt[version], sovits[version], version)
                    }
                    try runs[version]?.run(stage)
                } else {
                    try sovits[version]?.run(stage)
                }
                stage.close()
            } catch {
                stage.fail(name, "\(error)")
            }
            report.add(stage, seconds: Date().timeIntervalSince(start), verbose: verbose)
        }
        return report.finish()
    }

    private func common(_ kind: String, _ stage: Stage) throws {
        let encoders = EncoderStages(models: models, goldens: goldens)
        if kind.hasPrefix("hubert_") {
            try encoders.huBERT(stage)
        } else if kind.hasPrefix("bert_") {
            try encoders.bert(stage)
        } else {
            try AudioStages(references: references).run(kind, stage)
        }
    }

    private func runStages(
        _ gpt: TextToSemanticStages?, _ sovits: SoVITSStages?, _ version: String
    ) throws -> RunStages? {
        guard let gpt, let sovits else { return nil }
        let paths = try paths(version)
        let bert = try BERT(folder: paths.bert)
        let tokenizer = try CharacterTokenizer(folder: paths.bert, size: bert.vocabularySize)
        let huBERT = try HuBERT(folder: paths.huBERT)
        let spoken = try? FrontEndLoader.open(bert: paths.bert).frontEnd
        return RunStages(
            engineModels: ModelSet(
                textToSemantic: gpt.model, acoustic: sovits.model, textToSemanticPath: paths.textToSemantic,
                acousticPath: paths.soVITS),
            base: BaseModels(
                huBERT: huBERT, text: RunStages.preparer(bert: bert, tokenizer: tokenizer)),
            references: references,
            spoken: spoken.map { frontEnd in
                BaseModels(
                    huBERT: huBERT,
                    text: TextPreprocessor(frontEnd: frontEnd, bert: bert, tokenizer: tokenizer))
            })
    }
}
