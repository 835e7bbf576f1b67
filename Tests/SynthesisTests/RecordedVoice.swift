import Audio
import Foundation
import Models
import Tensor
import TestSupport
import Text

@testable import Synthesis

/// A tiny voice, its base models and its clips, as the recorded utterances had them.
struct RecordedVoice: Sendable {
    let models: ModelSet
    let base: BaseModels
    /// The recorded clips.
    var reference: String { Self.clips.main }
    var second: String { Self.clips.second }
    private static let clips = (
        main: clip("main.wav", SyntheticClips.main()), second: clip("second.wav", SyntheticClips.second())
    )

    /// Holds the files of all tests until the process ends.
    static let place: TemporaryPlace? = {
        atexit { RecordedVoice.place?.remove() }
        return try? TemporaryPlace()
    }()

    /// Writes a clip, or any other file, and returns its path.
    static func clip(_ name: String, _ bytes: [UInt8]) -> String {
        (try? place?.file(name, bytes)) ?? "/there is no temporary folder/" + name
    }

    /// A folder with what v4 needs beside its weights.
    private static let pretrained = Result {
        let folder = (place?.path ?? "") + "/pretrained"
        let vocoder = folder + "/gsv-v4-pretrained"
        try FileManager.default.createDirectory(atPath: vocoder, withIntermediateDirectories: true)
        try SyntheticNetwork.hiFiGAN().write(to: vocoder + "/vocoder.safetensors")
        return folder
    }

    /// - Parameters:
    ///   - damage: swapped rows in the file whose tag is the key.
    ///   - salt: another voice of the same shape.
    init(_ version: String, damage: [String: WeightDamage] = [:], salt: String = "") throws {
        func loaded<Model>(_ network: SyntheticNetwork, _ load: (String) throws -> Model) throws -> Model {
            try network.loaded(damage: damage[network.tag], salt: network.isFolder ? "" : salt, load)
        }
        let gpt = SyntheticNetwork.textToSemantic(version == "v1" ? "v1" : "v2")
        let isFlow = version == "v4"
        let soVITS = isFlow ? SyntheticNetwork.flowMatching(version) : SyntheticNetwork.soVITS(version)
        let pretrained = PretrainedFiles(folder: isFlow ? try Self.pretrained.get() : "")
        models = ModelSet(
            textToSemantic: try loaded(gpt) { try Text2Semantic(path: $0) },
            acoustic: try loaded(soVITS) { try AcousticModelFactory.open($0, pretrained: pretrained) },
            textToSemanticPath: gpt.tag,
            acousticPath: soVITS.tag)
        let sentences = try loaded(SyntheticNetwork.bert()) { try RecordedSentences(folder: $0) }
        base = BaseModels(
            huBERT: try loaded(SyntheticNetwork.huBERT()) { try HuBERT(folder: $0) }, text: sentences)
    }

    /// Upstream's arguments of all recorded utterances.
    func request(_ text: String = "a|c|b") -> SynthesisRequest {
        var request = SynthesisRequest(
            text: RecordedSentences.spelled(text), textLanguage: "zh", referencePath: reference,
            promptText: RecordedSentences.texts["prompt"] ?? "", promptLanguage: "zh")
        request.topK = 1
        request.seed = 7
        request.splitMethod = "cut0"
        request.fragmentInterval = 0.01
        return request
    }

    /// What the voice makes of a request, alone, on this thread.
    func alone(_ request: SynthesisRequest) throws -> [[Int16]] {
        try SynchronousRunner.run(
            request, models: models, base: base, noise: SeededNoise(seed: UInt64(bitPattern: request.seed))
        ).map(\.samples)
    }

    /// Samples of all fragments.
    func speak(_ request: SynthesisRequest, noise: any SynthesisNoise) throws -> [[Int16]] {
        try SynchronousRunner.run(request, models: models, base: base, noise: noise, fullScale: .wrap).map(
            \.samples)
    }
}

/// Replaces the text front end: sentences separated by `|`, with phones from a named stream and real
/// BERT features. Other texts fail.
struct RecordedSentences: TextPreprocessing {
    static let texts = ["prompt": "今天天气真不错,", "a": "你好,世界!语音合成技术.", "b": "夜来风雨声,花落知多少?", "c": "花落."]

    /// `a|b` as text.
    static func spelled(_ names: String) -> String {
        names.split(separator: "|").map { texts[String($0)] ?? String($0) }.joined(separator: "|")
    }

    private let bert: BERT
    private let tokenizer: CharacterTokenizer

    init(folder: String) throws {
        bert = try BERT(folder: folder)
        tokenizer = try CharacterTokenizer(folder: folder, size: bert.vocabularySize)
    }

    var featureCount: Int { bert.featureCount }

    func sentences(_ text: String, language: String, cut: String) throws -> [String] {
        text.split(separator: "|").map(String.init)
    }

    func normalize(_ text: String, language: String, version: String) throws -> NormalizedSentence {
        guard let name = Self.texts.first(where: { $0.value == text })?.key else {
            throw SynthesisError(.text, "no recorded sentence \(text)")
        }
        let wordToPhone = text.unicodeScalars.map { ",.!?".unicodeScalars.contains($0) ? 1 : 2 }
        return NormalizedSentence(
            text: text, language: "zh", normalizedText: text,
            phonemes: SyntheticNumbers.integers("run/phones/" + name, wordToPhone.reduce(0, +), below: 322),
            wordToPhone: wordToPhone, version: .v2)
    }

    func phonemize(_ sentence: NormalizedSentence) throws -> PhonemizedSentence {
        try sentence.phonemizeSegments()
    }

    func features(_ sentences: [PhonemizedSentence], checkpoint: () throws -> Void) throws -> [Tensor] {
        try sentences.map { sentence in
            try checkpoint()
            let segment = sentence.segments[0]
            return bert.phoneFeatures(
                tokenizer(segment.normalizedText), wordToPhone: segment.wordToPhone ?? [])
        }
    }
}

/// Noise of an utterance from named streams, in the order in which upstream draws it. Used by one thread
/// only.
final class StreamedNoise: SynthesisNoise, SamplingNoise, @unchecked Sendable {
    private let stream: String
    private var draws = 0
    private var last = (step: -1, sequence: -1)
    private var row = 0
    private var values: [Float] = []

    init(_ stream: String) { self.stream = stream }

    func sampling(sentence: Int) -> any SamplingNoise { self }

    /// A draw of upstream's is one array `[B, V]` per step.
    func begin(step: Int, sequence: Int, vocabulary: Int) {
        if step == last.step, sequence > last.sequence {
            row += 1
        } else {
            row = 0
            draws += 1
        }
        last = (step, sequence)
        let count = vocabulary * (row + 1)
        values = Array(SyntheticNumbers.positive("\(stream)/tokens/\(draws - 1)", count).suffix(vocabulary))
    }

    func exponential(token: Int) -> Float { values[token] }

    func latent(call: Int, _ shape: NoiseShape) -> Tensor {
        let numbers = SyntheticNumbers.normal("\(stream)/latent/\(call)", shape.frames * shape.channels)
        return Tensor(numbers, [shape.channels, shape.frames]).transposed()
    }
}
