import Models
import Tensor
import TestSupport
import Testing
import Text

@testable import Synthesis

/// Requests that cannot be served: each ends with an error that says what to do, and no sound.
@Suite struct RefusalTests {
    private static func error(
        _ voice: RecordedVoice, _ change: (inout SynthesisRequest) -> Void
    ) -> SynthesisError? {
        var request = voice.request()
        change(&request)
        do {
            _ = try voice.speak(request, noise: SeededNoise(seed: 1))
            return nil
        } catch {
            return error as? SynthesisError ?? SynthesisError(.setup, "another error: \(error)")
        }
    }

    /// 2.9 s and 10.1 s are outside; both ends are inside.
    @Test func referencesLast3To10Seconds() throws {
        let voice = try RecordedVoice("v2")
        for (seconds, isAllowed) in [(2.9, false), (3, true), (10, true), (10.1, false)] {
            let path = RecordedVoice.clip("\(seconds)s.wav", SyntheticClips.seconds(seconds, name: "length"))
            let error = Self.error(voice) { $0.referencePath = path }
            #expect(error?.code == (isAllowed ? nil : .reference))
            if let error { #expect(error.description.contains(path)) }
        }
        // Auxiliary clips only lend their speaker vector and may be short.
        let path = RecordedVoice.clip("short.wav", SyntheticClips.seconds(0.4, name: "length"))
        #expect(Self.error(voice) { $0.auxiliaryReferencePaths = [path] } == nil)
    }

    @Test func filesThatAreNoClips() throws {
        let voice = try RecordedVoice("v2")
        var floats = SyntheticClips.seconds(4, name: "nan")
        floats[20] = 3  // 32-bit floats, of the bits of 16-bit samples
        floats[32] = 4
        floats[34] = 32
        for i in 0..<4 { floats[444 + i] = 0xFF }  // NaN
        let paths = [
            "/nowhere/clip.wav", "", RecordedVoice.place?.path ?? "",
            RecordedVoice.clip("text.wav", Array("This is no audio.".utf8)),
            RecordedVoice.clip("empty.wav", []),
            RecordedVoice.clip("nan.wav", floats),
            RecordedVoice.clip("cut.wav", Array(SyntheticClips.main().prefix(60))),
        ]
        for path in paths {
            #expect(Self.error(voice) { $0.referencePath = path }?.code == .reference, "\(path)")
        }
        for path in paths.suffix(5) {
            #expect(Self.error(voice) { $0.auxiliaryReferencePaths = [path] }?.code == .reference, "\(path)")
        }
    }

    @Test(arguments: [
        Delivery.whole, .fragments, .chunks(fixedLength: true, minimumTokens: 8, overlapTokens: 2),
    ])
    func textsWithoutSound(_ delivery: Delivery) throws {
        let voice = try RecordedVoice("v2")
        for text in ["", "|"] {
            #expect(Self.error(voice) { ($0.text, $0.delivery) = (text, delivery) }?.code == .text)
        }
        #expect(Self.error(voice) { ($0.text, $0.delivery) = ("unknown", delivery) }?.code == .text)
    }

    /// A text is refused before its first sound, not in the middle of an answer.
    @Test(arguments: [
        Delivery.whole, .fragments, .chunks(fixedLength: true, minimumTokens: 8, overlapTokens: 2),
    ])
    func aLaterSentenceThatCannotBeRead(_ delivery: Delivery) async throws {
        let voice = try RecordedVoice("v2")
        let engine = try Engine(models: voice.models, base: voice.base)
        var request = voice.request("a|c|unknown")
        request.delivery = delivery
        var fragments = 0
        await #expect(throws: SynthesisError.self) {
            for try await _ in engine.speak(request) { fragments += 1 }
        }
        #expect(fragments == 0)
    }

    /// The front end leaves nothing of a text of punctuation, or no phones.
    @Test(arguments: [
        Delivery.whole, .fragments, .chunks(fixedLength: true, minimumTokens: 8, overlapTokens: 2),
    ])
    func sentencesOfNothing(_ delivery: Delivery) throws {
        let voice = try RecordedVoice("v2")
        for norm in ["", "…"] {
            let base = BaseModels(
                huBERT: voice.base.huBERT, text: Nothing(normalizedText: norm, real: voice.base.text))
            var request = voice.request("a")
            request.delivery = delivery
            let error = #expect(throws: SynthesisError.self) {
                try SynchronousRunner.run(
                    request, models: voice.models, base: base, noise: SeededNoise(seed: 1))
            }
            #expect(error?.code == .text)
        }
    }

    @Test func prompts() throws {
        let voice = try RecordedVoice("v2")
        for text in ["\n", "\n\n\n"] { #expect(Self.error(voice) { $0.promptText = text }?.code == .text) }
        // Line breaks around a prompt are dropped, and one without an end gets one.
        let prompt = RecordedSentences.texts["prompt"] ?? ""
        #expect(Self.error(voice) { $0.promptText = "\n\(prompt)\n" } == nil)
        #expect(Self.error(voice) { $0.promptText = "花落" }?.description.contains("花落。") == true)
        #expect(
            Self.error(voice) { ($0.promptText, $0.promptLanguage) = ("hello", "en") }?
                .description.contains("hello.") == true)
    }

    @Test func languages() throws {
        for version in ["v1", "v2"] {
            let voice = try RecordedVoice(version)
            #expect(Self.error(voice) { $0.textLanguage = "xx" }?.code == .language)
            #expect(Self.error(voice) { $0.promptLanguage = "" }?.code == .language)
            #expect(
                Self.error(voice) { $0.textLanguage = "yue" }?.code == (version == "v1" ? .language : nil))
            // Without a prompt its language does not count.
            #expect(Self.error(voice) { ($0.promptText, $0.promptLanguage) = ("", "") } == nil)
        }
    }

    /// Ids of one version mean other sounds in the other, even where they are in range.
    @Test func weightsOfDifferentVersions() throws {
        let first = try RecordedVoice("v1"), second = try RecordedVoice("v2")
        for (gpt, soVITS) in [(first, second), (second, first)] {
            let models = ModelSet(
                textToSemantic: gpt.models.textToSemantic.model, acoustic: soVITS.models.acoustic.model,
                textToSemanticPath: "A", acousticPath: "B")
            let error = #expect(throws: SynthesisError.self) {
                _ = try Engine(models: models, base: first.base)
            }
            #expect(error?.code == .weights)
            #expect(error?.description.contains("same version") == true)
        }
    }

    /// A front end or BERT of other dimensions than the weights'.
    @Test func featuresThatDoNotFit() throws {
        let voice = try RecordedVoice("v2")
        let always = [
            Always(phonemes: [5, 732], featureCount: 32), Always(phonemes: [5, -1], featureCount: 32),
            Always(phonemes: [5, 6], featureCount: 31),
        ]
        for text in always {
            for delivery in [Delivery.whole, .fragments] {
                let base = BaseModels(huBERT: voice.base.huBERT, text: text)
                var request = voice.request("a")
                (request.promptText, request.delivery) = ("", delivery)
                let error = #expect(throws: SynthesisError.self) {
                    try SynchronousRunner.run(
                        request, models: voice.models, base: base, noise: SeededNoise(seed: 1))
                }
                #expect(error?.code == .weights)
            }
        }
    }

    /// Overlaps longer than any chunk, and chunks of no length: an error or audio, never a crash.
    @Test func strangeParts() throws {
        let voice = try RecordedVoice("v2")
        for fixed in [true, false] {
            for (minimum, overlap) in [(1, 2), (0, 0), (6, 1000), (1, 30), (1000, 2), (3, 1)] {
                var request = voice.request("a")
                request.delivery = .chunks(fixedLength: fixed, minimumTokens: minimum, overlapTokens: overlap)
                do {
                    let parts = try voice.speak(request, noise: SeededNoise(seed: 1))
                    #expect(parts.count > 1)
                } catch let error as SynthesisError {
                    #expect(error.code == .parameter, "\(minimum) \(overlap)")
                }
            }
        }
    }
}

/// A front end that finds nothing to speak in the text, though it does in the prompt.
private struct Nothing: TextPreprocessing {
    let normalizedText: String
    let real: any TextPreprocessing

    var featureCount: Int { real.featureCount }
    func sentences(_ text: String, language: String, cut: String) throws -> [String] { [text] }

    func normalize(_ sentence: String, language: String, version: String) throws -> NormalizedSentence {
        if sentence == RecordedSentences.texts["prompt"] {
            return try real.normalize(sentence, language: language, version: version)
        }
        return NormalizedSentence(
            text: sentence, language: "zh", normalizedText: normalizedText, phonemes: [], wordToPhone: nil,
            version: .v2)
    }

    func phonemize(_ sentence: NormalizedSentence) throws -> PhonemizedSentence {
        try sentence.phonemizeSegments()
    }

    func features(_ sentences: [PhonemizedSentence], checkpoint: () throws -> Void) throws -> [Tensor] {
        try real.features(sentences, checkpoint: checkpoint)
    }
}

/// A front end that gives the same phonemes for every sentence.
private struct Always: TextPreprocessing {
    let phonemes: [Int]
    let featureCount: Int

    func sentences(_ text: String, language: String, cut: String) throws -> [String] { [text] }

    func normalize(_ sentence: String, language: String, version: String) throws -> NormalizedSentence {
        NormalizedSentence(
            text: sentence, language: "zh", normalizedText: "ab", phonemes: phonemes, wordToPhone: nil,
            version: .v2)
    }

    func phonemize(_ sentence: NormalizedSentence) throws -> PhonemizedSentence {
        try sentence.phonemizeSegments()
    }

    func features(_ sentences: [PhonemizedSentence], checkpoint: () throws -> Void) throws -> [Tensor] {
        sentences.map { Tensor(repeating: 0, [$0.phonemes.count, featureCount]) }
    }
}
