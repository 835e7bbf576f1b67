import Audio
import Foundation
import Models
import ParityStages
import Synthesis
import Tensor
import TestSupport
import Text

/// Whole utterances, as upstream's `TTS.run` made them with recorded noise.
struct RecordedRuns {
    let engineModels: ModelSet
    let base: BaseModels
    let references: String
    /// The base models behind the text front end that users have, for goldens that bring a text of their own.
    let spoken: BaseModels?

    /// The sentences of the goldens: text and phones, as the oracle gives them to upstream.
    private static let sentences: [(text: String, phones: String)] = [
        (
            "今天天气真不错,我们一起去公园散步吧.",
            "j in1 t ian1 t ian1 q i4 zh en1 b u2 c uo4 , w o3 m en5 y i4 q i3 q v4 g ong1 y van2 s an4 b u4 b a5 ."
        ),
        (
            "你好,世界!语音合成技术可以把文字变成声音.",
            "n i2 h ao3 , sh ir4 j ie4 ! y v3 y in1 h e2 ch eng2 j i4 sh u4 k e2 y i3 b a3 w en2 z i04 b ian4 ch eng2 sh eng1 y in1 ."
        ),
        ("夜来风雨声,花落知多少?", "y e4 l ai2 f eng1 y v3 sh eng1 , h ua1 l uo4 zh ir1 d uo1 sh ao3 ?"),
    ]

    static func preparer(bert: BERT, tokenizer: CharacterTokenizer) -> any TextPreprocessing {
        FixedSentences(bert: bert, tokenizer: tokenizer, sentences: sentences)
    }

    func run(_ name: String, _ comparison: inout Comparison) throws {
        if name.hasPrefix("run_text_") { return try runText(&comparison) }
        let texts = Self.sentences.map(\.text)
        var request = SynthesisRequest(
            text: texts[1] + "|" + texts[2], textLanguage: "zh", referencePath: references + "/ref32k.wav",
            promptText: texts[0], promptLanguage: "zh")
        request.topK = 1
        request.seed = 7
        request.splitMethod = "cut0"
        request.sampleSteps = 4
        switch name {
        case "run_parallel": request.batchSize = 2
        case "run_naive": request.parallelInference = false
        case "run_parallel_speed": (request.batchSize, request.speedFactor) = (2, 1.25)
        case "run_parallel_aux":
            request.batchSize = 2
            request.auxiliaryReferencePaths = [references + "/ref44k_stereo.wav"]
        case "run_super_sampling":
            request.text = texts[1]
            request.superSampling = true
        case "run_no_prompt": request.promptText = ""
        case "run_sampled": (request.batchSize, request.topK) = (2, 15)
        case "run_fragments": request.delivery = .fragments
        case "run_streaming", "run_streaming_fixed":
            request.text = texts[1]
            // Versions that return fragments instead keep their way of synthesis.
            request.parallelInference = !engineModels.acoustic.model.supportsChunks
            request.delivery = .chunks(
                fixedLength: name.hasSuffix("fixed"), minimumTokens: 16, overlapTokens: 2)
        default: return comparison.fail(name, "unknown stage")
        }
        try compare(request, base, &comparison)
    }

    /// A text in any language, through this engine's own front end: its phones, and the sound. Texts and languages are
    /// recorded as the bytes of their UTF-8.
    private func runText(_ comparison: inout Comparison) throws {
        guard let spoken else {
            throw ParityError("no language data: make data, or name them by GSV_DATA")
        }
        func text(_ name: String) throws -> String {
            comparison.uses(name)
            return String(
                decoding: try comparison.golden.integers(name).map { UInt8(truncatingIfNeeded: $0) },
                as: UTF8.self)
        }
        var request = SynthesisRequest(
            text: try text("text"), textLanguage: try text("text_lang"),
            referencePath: references + "/ref32k.wav", promptText: try text("prompt_text"),
            promptLanguage: try text("prompt_lang"))
        (request.topK, request.seed, request.splitMethod) = (1, 7, "cut0")
        let version = engineModels.version
        let sentence = try spoken.text.phonemize(
            spoken.text.normalize(request.text, language: request.textLanguage, version: version))
        try comparison.check("phones", sentence.phonemes)
        try compare(request, spoken, &comparison)
    }

    private func compare(
        _ request: SynthesisRequest, _ base: BaseModels, _ comparison: inout Comparison
    ) throws {
        comparison.uses(prefix: "noise_")
        comparison.uses(prefix: "expq_")
        let fragments = try SynchronousRunner.run(
            request, models: engineModels, base: base, noise: RecordedRunNoise(comparison.golden),
            fullScale: .wrap
        )
        try comparison.check("n_out", [fragments.count])
        try comparison.check("sr", fragments.map(\.sampleRateHz))
        for (i, fragment) in fragments.enumerated() {
            try comparison.check(
                "audio_\(i)", fragment.samples.map(Int.init),
                request.superSampling ? Tolerances.superSampling : Tolerances.samples)
        }
    }
}

/// Gives the models upstream's phones for the golden sentences, which are separated by `|`.
private struct FixedSentences: TextPreprocessing {
    let bert: BERT
    let tokenizer: CharacterTokenizer
    let sentences: [(text: String, phones: String)]

    var featureCount: Int { bert.featureCount }

    func sentences(_ text: String, language: String, cut: String) throws -> [String] {
        text.split(separator: "|").map(String.init)
    }

    func normalize(_ text: String, language: String, version: String) throws -> NormalizedSentence {
        guard let sentence = sentences.first(where: { $0.text == text }) else {
            throw ParityError("no recorded sentence \(text)")
        }
        let symbols = SymbolTable.table(version == "v1" ? .v1 : .v2)
        let phones = sentence.phones.split(separator: " ").map { symbols.id(String($0)) ?? symbols.unknownID }
        let wordToPhone = text.unicodeScalars.map { $0.properties.isAlphabetic ? 2 : 1 }
        return NormalizedSentence(
            text: text, language: "zh", normalizedText: text, phonemes: phones, wordToPhone: wordToPhone,
            version: .v2)
    }

    func phonemize(_ sentence: NormalizedSentence) throws -> PhonemizedSentence {
        try sentence.phonemizeSegments()
    }

    func features(_ sentences: [PhonemizedSentence], checkpoint: () throws -> Void) throws -> [Tensor] {
        sentences.map { sentence in
            let segment = sentence.segments[0]
            return bert.phoneFeatures(
                tokenizer(segment.normalizedText), wordToPhone: segment.wordToPhone ?? [])
        }
    }
}

/// Recorded noise of a whole utterance: draws in the order upstream made them. Used by one thread only.
final class RecordedRunNoise: SynthesisNoise, @unchecked Sendable {
    // @unchecked Sendable: one thread draws.
    private let golden: Golden
    private let tokens: OrderedNoise
    /// Upstream's draws in order, each `[channels, frames]`: a draw for a batch holds several.
    private let draws: [Tensor]
    private var next = 0

    init(_ golden: Golden) {
        self.golden = golden
        tokens = OrderedNoise(golden)
        var draws: [Tensor] = []
        for index in 0... {
            guard let shape = try? golden.shape("noise_\(index)"), shape.count == 3,
                let values = try? golden.floats("noise_\(index)")
            else { break }
            let size = shape[1] * shape[2]
            for row in 0..<shape[0] {
                draws.append(Tensor(Array(values[row * size..<(row + 1) * size]), [shape[1], shape[2]]))
            }
        }
        self.draws = draws
    }

    func sampling(sentence: Int) -> any SamplingNoise { tokens }

    func latent(call: Int, _ shape: NoiseShape) -> Tensor {
        let size = [shape.frames, shape.channels]
        defer { next += 1 }
        guard next < draws.count, draws[next].shape == [shape.channels, shape.frames] else {
            return Tensor(repeating: 0, size)
        }
        return draws[next].transposed()
    }
}
