import Tensor
import TestSupport
import Testing

@testable import Models

@Suite struct TextToSemanticTests {
    @Test(arguments: ["v1", "v2"]) func everyTapOfThePromptIsUpstreams(_ version: String) throws {
        #expect(try TextToSemanticFixture(version).prefill().failures == [])
    }

    @Test(arguments: ["v1", "v2"]) func greedyTokensAreUpstreams(_ version: String) throws {
        #expect(try TextToSemanticFixture(version).greedy().failures == [])
    }

    @Test(arguments: ["v1", "v2"], 0..<4) func sampledTokensAreUpstreams(_ version: String, _ row: Int) throws
    {
        #expect(try TextToSemanticFixture(version).sampled(row).failures == [])
    }

    @Test(arguments: ["v1", "v2"]) func earlyStopAndMissingPromptAreUpstreams(_ version: String) throws {
        let stages = try TextToSemanticFixture(version)
        #expect(try stages.stoppedEarly().failures == [])
        #expect(try stages.unprompted().failures == [])
    }

    @Test(arguments: ["v1", "v2"]) func batchesAreUpstreams(_ version: String) throws {
        let stages = try TextToSemanticFixture(version)
        #expect(try stages.batch("batch").failures == [])
        #expect(try stages.batch("batch_sampled", topK: 15).failures == [])
        #expect(try stages.batch("batch_early", earlyStop: 13).failures == [])
    }

    @Test(arguments: ["v1", "v2"]) func streamedChunksAreUpstreams(_ version: String) throws {
        let stages = try TextToSemanticFixture(version)
        let silence = stages.model.similarity(to: 486)
        var comparison = Comparison(stages.golden, "silence")
        try comparison.check("", silence, Tolerances.audio)
        #expect(comparison.failures == [])
        #expect(try stages.stream("quiet", .quiet(length: 6, silence: silence, threshold: 0)).failures == [])
        #expect(try stages.stream("fixed", .fixed(length: 6)).failures == [])
    }

    @Test func positionsAreUpstreams() throws {
        let stages = try TextToSemanticFixture("v2")
        var comparison = Comparison(stages.golden, "positions")
        try comparison.check("", stages.model.positionTable(count: 40).values, Tolerances.hidden())
        #expect(comparison.failures == [])
    }

    /// The limits bite: two rows swapped in any tensor of the file are noticed.
    @Test(arguments: ["v1", "v2"]) func everyTensorMatters(_ version: String) throws {
        let plain = try TextToSemanticFixture(version)
        // Rows that the input reads.
        let used: [String: (Int, Int)] = [
            "model.ar_text_embedding.word_embeddings.weight": (plain.phones(0)[0], plain.phones(0)[1]),
            "model.ar_audio_embedding.word_embeddings.weight": (plain.prompt[0], plain.prompt[1]),
        ]
        var unnoticed: [String] = []
        for key in SyntheticNetwork.textToSemantic(version).keys {
            let damage = WeightDamage(key, rows: used[key])
            if try TextToSemanticFixture(version, damage: damage).prefill().failures.isEmpty {
                unnoticed.append(key)
            }
        }
        #expect(unnoticed == [])
    }

    /// Swapped rows change what is said, not only hidden values: the comparisons of tokens bite, too.
    @Test func tokensNoticeASwappedRow() throws {
        let damaged = try TextToSemanticFixture("v2", damage: WeightDamage("model.h.layers.0.linear2.weight"))
        #expect(try damaged.greedy().failures.contains { $0.hasPrefix("greedy.tokens") })
        #expect(try !damaged.batch("batch").failures.isEmpty)
        #expect(try !damaged.batch("batch_sampled", topK: 15).failures.isEmpty)
        #expect(try !damaged.unprompted().failures.isEmpty)
        for row in 0..<4 { #expect(try damaged.sampled(row).failures.contains { $0.contains(".tokens") }) }
        #expect(try !damaged.stream("fixed", .fixed(length: 6)).failures.isEmpty)
    }
}
