import ArgumentParser
import Foundation
import Models
import Synthesis
import Tensor
import Text

/// `gsv bench quality`: what a conversion changes, by running the same sentences through two sets of weights.
struct QualityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quality",
        abstract: "Compare two text-to-semantic models on fixed sentences.",
        discussion: """
            The first decodes each sentence greedily; then both compute the logits of its tokens. Printed are the share of steps at \
            which both prefer the same token, how far the log-probabilities of the spoken tokens are apart, and the \
            divergence of the second distribution from the first.

            Example:
              gsv bench quality s1v2-f32.safetensors s1v2-int8.safetensors
            """)

    @Argument(help: "The weights to compare with: .ckpt or converted .safetensors.")
    var reference: String

    @Argument(help: "The weights to compare.")
    var candidate: String

    @Option(help: "Tokens per sentence, 25 for each second of speech.")
    var tokens = 75

    @Option(help: "Compute threads; 0 takes one per processor.")
    var threads = 0

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func run() throws {
        guard (0...256).contains(threads), (1...1000).contains(tokens) else {
            throw ValidationError("--threads takes 0 to 256, --tokens 1 to 1000")
        }
        ThreadPool.configure(threads: threads)
        let (a, b) = (try Text2Semantic(path: reference), try Text2Semantic(path: candidate))
        guard a.phoneCount == b.phoneCount, a.tokenCount == b.tokenCount,
            a.bertFeatureCount == b.bertFeatureCount
        else { throw ValidationError("\(reference) and \(candidate) have different vocabularies") }
        let frontEnd = try TextFrontEnd(lexicon: try Lexicon())
        let symbols: SymbolVersion =
            a.phoneCount >= SymbolTable.table(.v2).symbols.count ? .v2 : .v1
        var comparison = LogitDivergence()
        for (index, sentence) in QualitySentences.all.enumerated() {
            Console.progress("sentence \(index + 1) of \(QualitySentences.all.count)")
            let phones = try frontEnd.prepare(sentence, language: .zh, version: symbols).phonemes
            let input = Self.input(phones, of: a, seed: UInt64(index))
            var request = DecodeRequest(
                input, SamplingOptions(topK: 1), noise: SeededNoise(seed: 1).sampling(sentence: 0))
            request.maxNewTokens = Text2Semantic.maxNewTokens(earlyStop: tokens)
            request.truncation = .dropLastToken
            let spoken = try a.decode([request])[0].spoken
            guard !spoken.isEmpty else { continue }
            comparison.add(
                try a.logits(input, continuation: spoken), try b.logits(input, continuation: spoken),
                tokens: spoken)
        }
        Console.endProgress()
        report(comparison)
    }

    /// A prompt of four seconds and BERT features from a fixed stream of numbers.
    private static func input(_ phones: [Int], of model: Text2Semantic, seed: UInt64) -> Text2Semantic.Input {
        var random = SplitMix64(seed: seed)
        let width = model.bertFeatureCount
        let prompt = (0..<100).map { _ in random.below(model.endOfSpeech) }
        let features = (0..<phones.count * width).map { _ in random.float() }
        return Text2Semantic.Input(
            phones: phones, bert: Tensor(features, [phones.count, width]), prompt: prompt)
    }

    private func report(_ comparison: LogitDivergence) {
        let figures: [(name: String, value: Double)] = [
            ("sentences", Double(comparison.sentences)), ("steps", Double(comparison.steps)),
            ("same_token_percent", 100 * comparison.agreement),
            ("log_probability_difference_mean", comparison.meanDifference),
            ("log_probability_difference_max", comparison.largestDifference),
            ("divergence_nats", comparison.meanDivergence),
        ]
        if json {
            Console.output(
                "{"
                    + figures.map { "\"\($0.name)\": \(String(format: "%.6g", $0.value))" }.joined(
                        separator: ", ")
                    + "}")
            return
        }
        for figure in figures {
            Console.output(
                figure.name.padding(toLength: 36, withPad: " ", startingAt: 0)
                    + String(format: "%12.6g", figure.value))
        }
    }
}
