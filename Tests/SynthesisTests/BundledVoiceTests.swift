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
        let preparer = SentencePreparer(frontEnd: frontEnd, featureCount: 8)
        let sentences = try preparer.prepare(
            ["今天天气真不错。", "Hello there."], language: "auto", version: "v2", checkpoint: {})
        #expect(sentences.count == 2)
        for sentence in sentences {
            #expect(!sentence.phones.isEmpty)
            #expect(sentence.bert.shape == [sentence.phones.count, 8])
            #expect(sentence.bert.values.allSatisfy { $0 == 0 })
        }
    }
}
