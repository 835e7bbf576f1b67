import Foundation
import Models
import Tensor
import TestSupport
import Testing

@testable import Synthesis

/// Features of clips in files beside them.
@Suite struct ReferenceFileTests {
    /// A folder with a clip of its own.
    private struct Place {
        let folder: String
        var clip: String { folder + "/ref.wav" }
        var file: String { folder + "/.ref.wav.features" }

        init(_ bytes: [UInt8] = SyntheticClips.main()) throws {
            folder = RecordedVoice.clip("kept-\(UUID().uuidString)", [])
            try FileManager.default.removeItem(atPath: folder)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: clip))
        }

        var names: Set<String> {
            Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        }
        var bytes: [UInt8] { FileManager.default.contents(atPath: file).map { [UInt8]($0) } ?? [] }
    }

    /// The features as a server finds them that has just been started, and whether it had to analyse the clip.
    private static func features(
        _ voice: RecordedVoice, _ place: Place, needsPrompt: Bool = true, isKept: Bool = true
    ) throws -> (ReferenceFeatures, analysed: Bool) {
        let references = ReferenceCache()
        let features = try references.features(
            path: place.clip, models: voice.models, base: voice.base, needsPrompt: needsPrompt, isKept: isKept
        )
        return (features, references.counts.misses == 1)
    }

    private static func areEqual(_ a: ReferenceFeatures, _ b: ReferenceFeatures) -> Bool {
        func content(_ features: ReferenceFeatures) -> [String: ([Int], [Float])] {
            features.conditioning.tensors.mapValues { ($0.shape, $0.values) }
        }
        let (x, y) = (content(a), content(b))
        return a.promptTokens == b.promptTokens && x.keys == y.keys
            && x.allSatisfy { name, tensor in y[name].map { $0 == tensor } ?? false }
    }

    @Test(arguments: [true, false]) func aClipIsAnalysedOnce(_ needsPrompt: Bool) throws {
        let (voice, place) = (try RecordedVoice("v2"), try Place())
        let first = try Self.features(voice, place, needsPrompt: needsPrompt)
        #expect(first.analysed)
        #expect(place.names == ["ref.wav", ".ref.wav.features"])
        let second = try Self.features(voice, place, needsPrompt: needsPrompt)
        #expect(!second.analysed)
        #expect(Self.areEqual(first.0, second.0))
        // What was made for something else is not taken.
        #expect(try Self.features(voice, place, needsPrompt: !needsPrompt).analysed)
    }

    @Test func withoutLeaveNothingIsWritten() throws {
        let (voice, place) = (try RecordedVoice("v2"), try Place())
        #expect(try Self.features(voice, place, isKept: false).analysed)
        #expect(place.names == ["ref.wav"])
        var request = voice.request("c")
        request.referencePath = place.clip
        func speak() throws {
            _ = try SynchronousRunner.run(
                request, models: voice.models, base: voice.base, noise: SeededNoise(seed: 1))
        }
        try speak()
        #expect(place.names == ["ref.wav"])
        request.keptReferences = [place.clip]
        try speak()
        #expect(place.names == ["ref.wav", ".ref.wav.features"])
    }

    @Test func anotherClipOrOtherWeightsAreAnalysed() throws {
        let (voice, place) = (try RecordedVoice("v2"), try Place())
        let first = try Self.features(voice, place).0
        try Data(SyntheticClips.seconds(4, name: "another")).write(to: URL(fileURLWithPath: place.clip))
        let second = try Self.features(voice, place)
        #expect(second.analysed)
        #expect(!Self.areEqual(first, second.0))
        #expect(try !Self.features(voice, place).analysed)
        let other = try RecordedVoice("v2", salt: "-other")
        let third = try Self.features(other, place)
        #expect(third.analysed)
        #expect(!Self.areEqual(second.0, third.0))
        #expect(try !Self.features(other, place).analysed)
        #expect(try Self.features(voice, place).analysed)
    }

    /// Cut anywhere, or with any byte changed, it is no file of features, and is made anew.
    @Test func damagedFilesAreMadeAnew() throws {
        let (voice, place) = (try RecordedVoice("v2"), try Place())
        let expected = try Self.features(voice, place).0
        let good = place.bytes
        #expect(good.count > 200)
        var bad: [[UInt8]] = [[], [0], good + [0], Array(repeating: 0xFF, count: 300)]
        for length in stride(from: 1, to: good.count, by: good.count / 12) {
            bad.append(Array(good[..<length]))
        }
        for place in stride(from: 0, to: good.count, by: good.count / 25) {
            bad.append(good)
            bad[bad.count - 1][place] ^= 1
        }
        for bytes in bad {
            try Data(bytes).write(to: URL(fileURLWithPath: place.file))
            let (features, analysed) = try Self.features(voice, place)
            #expect(analysed)
            #expect(Self.areEqual(features, expected))
            #expect(place.bytes == good)
        }
    }

    /// A file with the right digest whose content cannot be features of these weights.
    @Test func valuesThatDoNotFitAreRefused() throws {
        let place = try Place()
        let file = ReferenceFile(clip: place.clip, content: "x", hasPrompt: true)
        func features(_ prompt: [Int]?, _ tensors: [String: Tensor]) -> ReferenceFeatures {
            ReferenceFeatures(promptTokens: prompt, conditioning: AcousticConditioning(tensors))
        }
        func written(
            _ prompt: [Int]?, _ speaker: [Float], shapes: [String: [Int?]] = ["ge": [1, 4]]
        ) -> ReferenceFeatures? {
            file.write(features(prompt, ["ge": Tensor(speaker, [1, speaker.count])]))
            return file.read(codeCount: 16, shapes: shapes)
        }
        #expect(written([0, 15], [1, 2, 3, -4])?.promptTokens == [0, 15])
        #expect(written([], [1, 2, 3, 4])?.conditioning.tensors["ge"]?.values == [1, 2, 3, 4])
        #expect(written([16], [1, 2, 3, 4]) == nil)
        #expect(written([-1], [1, 2, 3, 4]) == nil)
        #expect(written(nil, [1, 2, 3, 4]) == nil)
        #expect(written([1], [1, 2, 3]) == nil)
        #expect(written([1], [1, 2, 3, .nan]) == nil)
        #expect(written([1], [1, .infinity, 3, 4]) == nil)
        // An axis of any size; another name, rank or number of tensors.
        #expect(
            written([1], [1, 2, 3], shapes: ["ge": [1, nil]])?.conditioning.tensors["ge"]?.shape == [1, 3])
        #expect(written([1], [1, 2, 3, 4], shapes: ["mel": [1, 4]]) == nil)
        #expect(written([1], [1, 2, 3, 4], shapes: ["ge": [4]]) == nil)
        #expect(written([1], [1, 2, 3, 4], shapes: [:]) == nil)
        #expect(written([1], [1, 2, 3, 4], shapes: ["ge": [1, 4], "mel": [nil, 2]]) == nil)
        // Tensors of several names and shapes.
        let both = ["ge": Tensor([1, 2], [1, 2]), "mel": Tensor([1, 2, 3, 4, 5, 6], [3, 2])]
        file.write(features([1], both))
        let read = file.read(codeCount: 16, shapes: ["mel": [nil, 2], "ge": [1, 2]])
        #expect(read?.conditioning.tensors.mapValues(\.values) == both.mapValues(\.values))
        #expect(read?.conditioning.tensors["mel"]?.shape == [3, 2])
        let other = ReferenceFile(clip: place.clip, content: "y", hasPrompt: true)
        #expect(other.read(codeCount: 16, shapes: ["mel": [nil, 2], "ge": [1, 2]]) == nil)
    }

    /// What is there in its place is neither followed nor waited for, and replaced where that can be done.
    @Test func linksPipesAndFolders() throws {
        let (voice, place) = (try RecordedVoice("v2"), try Place())
        let expected = try Self.features(voice, place).0
        let manager = FileManager.default
        let outside = place.folder + "/outside"
        try manager.moveItem(atPath: place.file, toPath: outside)
        let before = manager.contents(atPath: outside)
        try manager.createSymbolicLink(atPath: place.file, withDestinationPath: outside)
        #expect(try Self.features(voice, place).analysed)
        #expect(manager.contents(atPath: outside) == before)
        #expect(try manager.attributesOfItem(atPath: place.file)[.type] as? FileAttributeType == .typeRegular)

        try manager.removeItem(atPath: place.file)
        #expect(mkfifo(place.file, 0o600) == 0)
        #expect(try Self.features(voice, place).analysed)
        #expect(try !Self.features(voice, place).analysed)

        try manager.removeItem(atPath: place.file)
        try manager.createDirectory(atPath: place.file + "/x", withIntermediateDirectories: true)
        let (features, analysed) = try Self.features(voice, place)
        #expect(analysed)
        #expect(Self.areEqual(features, expected))
        // Nothing is left of the attempt.
        #expect(place.names == ["ref.wav", ".ref.wav.features", "outside"])
    }

    /// A folder that is gone by then, as one that may not be written to, is no error.
    @Test func aFolderThatTakesNothing() throws {
        let file = ReferenceFile(clip: "/proc/self/ref.wav", content: "x", hasPrompt: false)
        file.write(
            ReferenceFeatures(
                promptTokens: nil, conditioning: AcousticConditioning(["ge": Tensor([1], [1, 1])])))
        #expect(file.read(codeCount: 1, shapes: ["ge": [1, 1]]) == nil)
    }
}
