import Foundation
import Models
import Tensor
import Testing
import Text

@testable import Synthesis

/// The voice in voices/default, and voices that were trained without BERT.
@Suite struct BundledVoiceTests {
    private func emptyFolder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gsv-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path
    }

    /// A folder is a voice once all of its parts are there, and needs no BERT.
    @Test func aFolderNeedsAllParts() throws {
        let folder = try emptyFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for part in ["default.ckpt", "default.pth", "ref.wav", "chinese-hubert-base"] {
            #expect(BundledVoice(folder: folder) == nil)
            #expect(FileManager.default.createFile(atPath: "\(folder)/\(part)", contents: Data()))
        }
        let voice = try #require(BundledVoice(folder: folder))
        #expect(voice.paths.bertFolder == nil)
        #expect(voice.paths.textToSemantic == folder + "/default.ckpt")
        #expect(voice.clipText == "")
        try " What is said.\n".write(toFile: folder + "/ref.txt", atomically: true, encoding: .utf8)
        #expect(voice.clipText == "What is said.")
    }

    /// Without BERT every phone's features are zeros, also those of Chinese.
    @Test func featuresAreZerosWithoutBERT() throws {
        let frontEnd = try TextFrontEnd(lexicon: try Lexicon(), englishTagger: .builtIn)
        let text = TextPreprocessor(frontEnd: frontEnd, featureCount: 8)
        let sentences = try ["今天天气真不错。", "Hello there."].map {
            try text.phonemize(text.normalize($0, language: "auto", version: "v2"))
        }
        let features = try text.features(sentences, checkpoint: {})
        #expect(features.count == 2)
        for (sentence, features) in zip(sentences, features) {
            #expect(!sentence.phonemes.isEmpty)
            #expect(features.shape == [sentence.phonemes.count, 8])
            #expect(features.values.allSatisfy { $0 == 0 })
        }
    }
}
