import Tensor
import TestSupport
import Testing

@testable import Models

@Suite struct EncoderTests {
    @Test func everyTapOfHuBERTIsTransformers() throws {
        #expect(try EncoderFixture.huBERT().failures == [])
    }

    @Test func tokensLayersAndPhoneFeaturesOfBERTAreTransformers() throws {
        #expect(try EncoderFixture.bert().failures == [])
    }

    /// The limits bite: two rows swapped in any tensor are noticed.
    @Test func everyTensorOfHuBERTMatters() throws {
        let unnoticed = try SyntheticNetwork.huBERT().keys.filter { key in
            try EncoderFixture.huBERT(damage: WeightDamage(key)).failures.isEmpty
        }
        #expect(unnoticed == SyntheticNetwork.huBERT().keys.filter(SyntheticNetwork.isWithoutEffect))
    }

    @Test func everyTensorOfBERTMatters() throws {
        let tokenizerRows = ["bert.embeddings.word_embeddings.weight": (2, 3)]  // [CLS] and [SEP]
        let unnoticed = try SyntheticNetwork.bert().keys.filter { key in
            let damage = WeightDamage(key, rows: tokenizerRows[key])
            return try EncoderFixture.bert(damage: damage).failures.isEmpty
        }
        #expect(unnoticed == SyntheticNetwork.bert().keys.filter(SyntheticNetwork.isWithoutEffect))
    }

    /// Texts that go through BERT together get what they get alone, bit for bit, and a cancelled pass ends the work.
    @Test func textsReadTogetherAreReadAlike() throws {
        let model = try SyntheticNetwork.bert().loaded { try BERT(folder: $0) }
        // More than fit into one pass, the longest beyond it alone.
        let lengths = [1, 7, 30, 5, 60, 48, 12, 1, 130]
        let readings = lengths.enumerated().map { place, length in
            let ids = SyntheticNumbers.integers("together/\(place)", length, below: model.vocabularySize)
            return BERT.Reading(ids: [2] + ids + [3], wordToPhone: ids.map { 1 + $0 % 3 })
        }
        let fitting = readings.filter { $0.ids.count <= model.maximumTokens }
        #expect(fitting.count > 3)
        let together = model.phoneFeatures(fitting)
        for (reading, features) in zip(fitting, together) {
            #expect(features.values == model.phoneFeatures([reading])[0].values)
        }
        var passes = 0
        #expect(throws: CancellationError.self) {
            try model.phoneFeatures(fitting) {
                passes += 1
                if passes == 2 { throw CancellationError() }
            }
        }
        #expect(passes == 2)
    }

    @Test func vocabularyMayComeFromTokenizerJSON() throws {
        let entries = SyntheticNetwork.vocabulary.enumerated().map { "\"\($1)\":\($0)" }.joined(
            separator: ",")
        var network = SyntheticNetwork.bert()
        network.files = ["tokenizer.json": "{\"model\":{\"vocab\":{\(entries)}}}"]
        let size = SyntheticNetwork.vocabulary.count
        let tokenizer = try network.loaded { try CharacterTokenizer(folder: $0, size: size) }
        #expect(tokenizer("今A") == [2, 52, 5, 3])
    }

    /// Capitals become small letters, a character outside the vocabulary `[UNK]`, and so does one whose small
    /// form has several characters.
    @Test func tokenizerLowersAndFallsBack() throws {
        let size = SyntheticNetwork.vocabulary.count
        let tokenizer = try SyntheticNetwork.bert().loaded { try CharacterTokenizer(folder: $0, size: size) }
        #expect(tokenizer("Zz龘İ\n") == [2, 30, 30, 1, 1, 1, 3])
        #expect(tokenizer("") == [2, 3])
    }

    @Test func tokenizerRefusesAVocabularyWithoutItsMarks() throws {
        var network = SyntheticNetwork.bert()
        network.files = ["vocab.txt": "[CLS]\n[SEP]\na\n"]
        #expect { try network.loaded { try CharacterTokenizer(folder: $0, size: 3) } } throws: {
            ($0 as? ModelError)?.key == "[UNK]"
        }
        network.files = [:]
        #expect { try network.loaded { try CharacterTokenizer(folder: $0, size: 3) } } throws: {
            ($0 as? ModelError)?.key == "vocabulary"
        }
        // An entry beyond the model's table would be read outside it.
        #expect {
            try SyntheticNetwork.bert().loaded { try CharacterTokenizer(folder: $0, size: 3) }
        } throws: {
            ($0 as? ModelError)?.key == "[SEP]"
        }
    }

    /// One sample less than the receptive field is the shortest input's limit.
    @Test func theShortestClipGivesOneFrame() throws {
        let model = try SyntheticNetwork.huBERT().loaded { try HuBERT(folder: $0) }
        #expect(model.receptiveSamples == 400)
        #expect(model([Float](repeating: 0.1, count: 400)).shape == [1, 32])
        #expect(model([Float](repeating: 0.1, count: 719)).shape == [1, 32])
        #expect(model([Float](repeating: 0.1, count: 720)).shape == [2, 32])
    }

    @Test func piecesOfTheConvolutionsDoNotShow() throws {
        let model = try SyntheticNetwork.huBERT().loaded { try HuBERT(folder: $0) }
        var numbers = SplitMix64(seed: 61)
        for count in [400, 3333, 16_000] {
            let samples = Tensor(numbers.floats(count), [count, 1])
            let whole = model.extracted(samples, pieceRows: .max)
            for rows in [1, 7, 64, 1000] {
                #expect(model.extracted(samples, pieceRows: rows).values == whole.values)
            }
        }
    }
}
