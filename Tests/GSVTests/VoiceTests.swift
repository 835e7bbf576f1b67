import Foundation
import GSV
import Testing

/// The library as a program outside the package sees it, with the voice in voices/default.
@Suite(.serialized) struct VoiceTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("voices/default").path
    private static let voice = Result { try Voice(folder: folder) }

    private static var options: SpeechOptions {
        var options = SpeechOptions()
        options.language = "en"
        options.seed = 7
        return options
    }

    @Test func itNamesItsLanguages() throws {
        let voice = try Self.voice.get()
        #expect(["v1", "v2"].contains(voice.version))
        #expect(voice.languages.contains("en") && voice.languages.contains("auto"))
        #expect(!voice.languages.contains("fr"))
    }

    @Test func itSpeaks() async throws {
        let speech = try await Self.voice.get().synthesize("Good morning.", options: Self.options)
        #expect(speech.sampleRateHz == 32_000)
        #expect((0.5...10).contains(speech.durationSeconds))
        #expect(speech.samples.contains { abs(Int($0)) > 1000 })
        // The last 0.3 s are the pause after the sentence.
        #expect(speech.samples.suffix(9_600).allSatisfy { $0 == 0 })
    }

    @Test func aStreamHasTheSamplesOfTheWhole() async throws {
        let voice = try Self.voice.get()
        let text = "Good morning. How are you?"
        let speech = try await voice.synthesize(text, options: Self.options)
        var chunks: [AudioChunk] = []
        for try await chunk in voice.stream(text, options: Self.options) { chunks.append(chunk) }
        #expect(chunks.count == 2)
        #expect(chunks.allSatisfy { $0.sampleRateHz == speech.sampleRateHz && !$0.samples.isEmpty })
        #expect(chunks.flatMap(\.samples) == speech.samples)
    }

    @Test func optionsMatter() async throws {
        let voice = try Self.voice.get()
        let plain = try await voice.synthesize("Good morning.", options: Self.options)
        let changes: [(inout SpeechOptions) -> Void] = [
            { $0.seed = 8 }, { $0.speed = 1.5 }, { $0.pauseSeconds = 0 }, { $0.topK = 1 },
            { $0.temperature = 0.5 },
        ]
        for (index, change) in changes.enumerated() {
            var options = Self.options
            change(&options)
            #expect(try await voice.synthesize("Good morning.", options: options) != plain, "change \(index)")
        }
    }

    private func code(of body: () async throws -> Void) async -> GSVError.Code? {
        do {
            try await body()
            return nil
        } catch let error as GSVError {
            return error.code
        } catch {
            return .other
        }
    }

    @Test func whatItCannotSpeakIsAnErrorOfItsKind() async throws {
        let voice = try Self.voice.get()
        func code(_ text: String, _ change: (inout SpeechOptions) -> Void) async -> GSVError.Code? {
            var options = Self.options
            change(&options)
            return await self.code { _ = try await voice.synthesize(text, options: options) }
        }
        #expect(await code("Good morning.") { $0.language = "fr" } == .unsupportedLanguage)
        #expect(await code("") { _ in } == .invalidText)
        #expect(await code("Good morning.") { $0.topK = 0 } == .invalidParameter)
        #expect(await code("Good morning.") { $0.speed = .nan } == .invalidParameter)
    }

    @Test func missingFilesAreErrorsOfTheirKind() async throws {
        #expect(await code { _ = try Voice(folder: "/nowhere") } == .incompleteSetup)
        let files = VoiceFiles(
            textToSemantic: "/nowhere.ckpt", soVITS: Self.folder + "/default.pth",
            huBERT: Self.folder + "/chinese-hubert-base", bert: nil)
        let reference = ReferenceClip(path: Self.folder + "/ref.wav")
        #expect(await code { _ = try Voice(files: files, reference: reference) } == .invalidWeights)
        var complete = files
        complete.textToSemantic = Self.folder + "/default.ckpt"
        let mute = try Voice(files: complete, reference: ReferenceClip(path: "/nowhere.wav"))
        let found = await code { _ = try await mute.synthesize("Good morning.", options: Self.options) }
        #expect(found == .invalidReference)
    }

    @Test func aCancelledTaskEndsWithAnError() async throws {
        let voice = try Self.voice.get()
        let text = String(repeating: "Good morning to you. ", count: 40)
        let task = Task { try await voice.synthesize(text, options: Self.options) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
