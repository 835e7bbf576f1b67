import Foundation
import Models
import Synthesis
import TestSupport
import Testing
import Text

@testable import API

/// Whole requests, from the text to the speech, in every language: the real front end and engine, and tiny weights.
@Suite struct LanguageTests {
    /// A tiny voice behind the engine that a server has.
    private struct Voice {
        let engine: Engine
        let frontEnd: TextFrontEnd
        let place = Result { try TemporaryPlace() }

        init(_ version: String) throws {
            frontEnd = try TextFrontEnd(lexicon: try Lexicon(), englishTagger: .builtIn)
            let gpt = SyntheticNetwork.textToSemantic(version), soVITS = SyntheticNetwork.soVITS(version)
            let models = ModelSet(
                textToSemantic: try gpt.loaded { try Text2Semantic(path: $0) },
                acoustic: try soVITS.loaded { try SoVITS(path: $0) }, textToSemanticPath: gpt.tag,
                acousticPath: soVITS.tag)
            let (bert, tokenizer) = try SyntheticNetwork.bert().loaded { folder in
                let bert = try BERT(folder: folder)
                return (bert, try CharacterTokenizer(folder: folder, size: bert.vocabularySize))
            }
            let base = BaseModels(
                huBERT: try SyntheticNetwork.huBERT().loaded { try HuBERT(folder: $0) },
                text: TextPreprocessor(frontEnd: frontEnd, bert: bert, tokenizer: tokenizer))
            engine = try Engine(models: models, base: base)
        }

        /// A request as clients send it; `seed` and `top_k` make its answer the same every time.
        func body(_ text: String, _ language: String) throws -> String {
            let reference = try place.get().file("reference.wav", SyntheticClips.main())
            return """
                {"text": "\(text)", "text_lang": "\(language)", "ref_audio_path": "\(reference)", \
                "prompt_text": "\(text)", "prompt_lang": "\(language)", "seed": 7, "top_k": 1}
                """
        }
    }

    private static let texts = [
        "zh": "今天天气真不错，我们用iPhone拍照。", "all_zh": "我们一起去公园散步吧。", "en": "We met at 3:30 near the station.",
        "ja": "今日はとても天気がいいです。", "all_ja": "東京の大学で勉強しています。", "ko": "오늘 날씨가 정말 좋네요.",
        "all_ko": "내일 세 시에 만나요.", "yue": "今日天氣真係好好，我哋去公園行吓。", "all_yue": "佢哋聽日返香港。",
        "auto": "今天天气真好，すごいね！See you tomorrow.", "auto_yue": "今日好開心，감사합니다, thank you.",
    ]

    /// Samples of a WAV file behind its 44 bytes of head.
    private static func samples(_ answer: ReceivedResponse) -> [UInt8] {
        answer.bytes.starts(with: "RIFF".utf8) ? Array(answer.bytes.dropFirst(44)) : []
    }

    /// Every language code speaks; what is read in another way sounds different.
    @Test func allOfTheSecondVersion() async throws {
        let voice = try Voice("v2")
        #expect(Set(Self.texts.keys) == Set(LanguageCode.allCases.map(\.rawValue)))
        #expect(Set(voice.engine.voice.languages) == Set(Self.texts.keys))
        try await withRouter(voice.engine) { client in
            for (language, text) in Self.texts {
                let answer = try await client.post("/tts", try voice.body(text, language))
                #expect(answer.status == 200, "\(language): \(answer.text.prefix(200))")
                let samples = Self.samples(answer)
                #expect(samples.count > 2 * 3200, "\(language)")
                #expect(samples.contains { $0 != 0 }, "\(language)")
                let again = try await client.post("/tts", try voice.body(text, language))
                #expect(Self.samples(again) == samples, "\(language)")
            }
            // The same ideographs as Mandarin, Japanese and Cantonese.
            var readings: Set<[UInt8]> = []
            for language in ["all_zh", "all_ja", "all_yue"] {
                let answer = try await client.post("/tts", try voice.body("公園散步。天気。", language))
                readings.insert(Self.samples(answer))
            }
            #expect(readings.count == 3)
        }
    }

    /// What a version doesn't speak is refused in upstream's words.
    @Test func othersAreRefused() async throws {
        let second = try Voice("v2")
        try await withRouter(second.engine) { client in
            let answer = try await client.post("/tts", try second.body("Bonjour.", "fr"))
            #expect(answer.status == 400)
            #expect(answer.message == "text_lang: fr is not supported in version v2")
        }
        let first = try Voice("v1")
        try await withRouter(first.engine) { client in
            for language in ["auto", "en", "zh", "ja", "all_zh", "all_ja"] {
                let answer = try await client.post(
                    "/tts", try first.body(Self.texts[language] ?? "", language))
                #expect(answer.status == 200, "\(language): \(answer.text.prefix(200))")
            }
            for language in ["ko", "yue", "all_ko", "all_yue", "auto_yue"] {
                let answer = try await client.post(
                    "/tts", try first.body(Self.texts[language] ?? "", language))
                #expect(answer.status == 400)
                #expect(answer.message == "text_lang: \(language) is not supported in version v1")
            }
        }
    }
}
