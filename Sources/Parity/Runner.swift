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

    /// The weights of a version, where upstream's folder has them.
    static func weights(_ version: String) -> (gpt: String, sovits: String) {
        version == "v1"
            ? ("s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt", "s2G488k.pth")
            : (
                "gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt",
                "gsv-v2final-pretrained/s2G2333k.pth"
            )
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
                    let paths = Self.weights(version)
                    gpt[version] = try TextToSemanticStages(
                        model: try Text2Semantic(path: "\(models)/\(paths.gpt)"), version: version,
                        goldens: goldens)
                    sovits[version] = SoVITSStages(
                        model: try SoVITS(path: "\(models)/\(paths.sovits)"), version: version,
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
        let folder = models + "/chinese-roberta-wwm-ext-large"
        let bert = try BERT(folder: folder)
        let tokenizer = try CharacterTokenizer(folder: folder, size: bert.vocabularySize)
        let paths = Self.weights(version)
        return RunStages(
            engineModels: ModelSet(
                textToSemantic: gpt.model, soVITS: sovits.model, textToSemanticPath: paths.gpt,
                soVITSPath: paths.sovits),
            base: BaseModels(
                huBERT: try HuBERT(folder: models + "/chinese-hubert-base"),
                sentences: RunStages.preparer(bert: bert, tokenizer: tokenizer)), references: references)
    }
}
