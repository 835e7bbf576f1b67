import Audio
import Foundation
import Models
import Synthesis
import Tensor

/// The stages of a synthesis on fixed work: HuBERT on 5 s, BERT on 30 characters, a prompt of 60 phones and 125 tokens,
/// 200 decode steps, 10 s of speech. Medians where a stage is short. With batches also eight sentences decoded together,
/// and ten sentences from text to sound.
struct StageBench {
    let paths: VoicePaths
    let withBERT: Bool, withBatches: Bool, loadOnly: Bool
    /// Tokens of the speech that is synthesized, 25 for each second.
    let spokenTokens: Int
    /// The clip whose speaker embedding is computed, where the version takes one; nil for 5 s of noise.
    let reference: AudioClip?

    struct Figure {
        let name: String
        let value: Double
    }

    private func timed(_ runs: Int, warm: Int = 1, _ body: () throws -> Void) rethrows -> Double {
        for _ in 0..<warm { try body() }
        var times: [Double] = []
        for _ in 0..<runs {
            let start = ContinuousClock.now
            try body()
            times.append(Console.elapsed(since: start))
        }
        return times.sorted()[runs / 2]
    }

    /// What was measured.
    struct Report {
        var figures: [Figure] = []
        var memory: [Memory] = []
    }

    func run() throws -> Report {
        var report = Report()
        func add(_ name: String, _ value: Double) { report.figures.append(Figure(name: name, value: value)) }
        func remember(_ stage: String) { report.memory.append(Memory(name: stage)) }
        remember("start")
        let start = ContinuousClock.now
        let parts = try VoiceLoader.parts(paths)
        add("load_s", Console.elapsed(since: start))
        remember("load")
        if loadOnly {
            add("peak_rss_mb", Memory.megabytes("VmHWM"))
            return report
        }

        var random = SplitMix64(seed: 1)
        let huBERT = parts.huBERT
        let bert = withBERT ? parts.bert?.bert : nil
        let samples = (0..<80_000).map { _ in random.float() * 0.1 }
        add("hubert_5s_s", timed(3) { _ = huBERT(samples) })
        remember("hubert")
        StoragePool.shared.trim()
        remember("hubert_released")
        // In the real vocabulary, ideographs lie from 700 to 8000; a small model has what it has.
        let vocabulary = bert?.vocabularySize ?? 1
        let firstID = vocabulary > 8000 ? 700 : 0
        let ids = (0..<32).map { _ in firstID + random.below(min(7300, vocabulary - firstID)) }
        func read() { _ = bert?(ids) }
        if bert != nil { add("bert_30chars_s", timed(5, read)) }
        remember("bert")

        if let count = parts.acoustic.speakerEmbeddingCount {
            let network = try VoiceLoader.speakerVerification(paths.pretrained.speakerVerification)
            let clip = try reference ?? AudioClip(channels: [samples], sampleRateHz: 16_000)
            let waveform = ReferenceAudio.waveform(clip, sampleRateHz: 32_000)
            let time = try timed(3) {
                let features = try ReferenceAudio.speakerFeatures(waveform)
                let embedding = network(Tensor(features.values, [features.frames, features.bands]))
                precondition(embedding.count == count, "the voice reads \(count) values")
            }
            add("sv_embedding_s", time)
            StoragePool.shared.trim()
            remember("speaker")
        }
        let gpt = parts.textToSemantic
        let phones = (0..<60).map { _ in
            random.below(min(300, gpt.phoneCount, parts.acoustic.phoneCount))
        }
        let features = Tensor(
            (0..<60 * gpt.bertFeatureCount).map { _ in random.float() }, [60, gpt.bertFeatureCount])
        let prompt = (0..<125).map { _ in random.below(gpt.endOfSpeech) }
        let input = Text2Semantic.Input(phones: phones, bert: features, prompt: prompt)
        let work = DecodeWork(model: gpt, input: input)
        let prefill = timed(3) { work.run(steps: 1) }
        add("gpt_prefill_s", prefill)
        let decode = timed(3, warm: 0) { work.run(steps: 201) }
        add("gpt_decode_tok_per_s", 200 / (decode - prefill))
        if withBatches {
            let prefill8 = timed(1, warm: 0) { work.run(steps: 1, sentences: 8) }
            let decode8 = timed(1, warm: 0) { work.run(steps: 101, sentences: 8) }
            add("gpt_decode_8_tok_per_s", 800 / (decode8 - prefill8))
        }
        remember("gpt")
        gpt.releasePages()

        let acoustic = AcousticWork(parts.acoustic, phonemes: phones, random: &random)
        let seconds = acoustic.seconds(tokens: spokenTokens)
        func speak() { acoustic.run(tokens: spokenTokens) }
        add("synth_s_per_audio_s", timed(3, speak) / seconds)
        remember("synth")

        let whole = timed(1, warm: 0) {
            read()
            work.run(steps: spokenTokens)
            // As the engine does.
            gpt.releasePages()
            speak()
        }
        add("e2e_rtf", whole / seconds)
        remember("sentence")
        if withBatches {
            add(
                "ten_sentences_s",
                timed(1, warm: 0) { tenSentences(read, work, acoustic) })
            remember("ten_sentences")
        }
        add("peak_rss_mb", Memory.megabytes("VmHWM"))
        return report
    }
}

extension StageBench {
    /// Ten sentences of 10 s in batches of eight and two, one stage after the other.
    private func tenSentences(_ read: () -> Void, _ work: DecodeWork, _ acoustic: AcousticWork) {
        for _ in 0..<10 { read() }
        for count in [8, 2] {
            work.run(steps: 250, sentences: count)
            acoustic.run(tokens: 250, sentences: count)
        }
    }
}

/// Memory of the process, as the system reports it.
struct Memory {
    let name: String
    /// All resident pages, and those of mapped files among them, in MB of 2^20 bytes.
    let resident: Double, mapped: Double
    /// The most that tensors held since the entry before.
    let tensorPeak: Double

    init(name: String) {
        self.name = name
        (resident, mapped) = (Self.megabytes("VmRSS"), Self.megabytes("RssFile"))
        tensorPeak = Double(StoragePool.shared.peakBytes) / Double(1 << 20)
        StoragePool.shared.restartPeak()
    }

    /// An entry of the process's status; VmHWM is the largest resident set so far.
    static func megabytes(_ entry: String) -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix(entry + ":") {
            return Double(line.split(separator: " ").dropLast().last ?? "0").map { $0 / 1024 } ?? 0
        }
        return 0
    }
}

/// A fixed number of decode steps: the end of speech cannot be drawn before the last one.
private struct DecodeWork {
    let model: Text2Semantic
    let input: Text2Semantic.Input

    func run(steps: Int, sentences: Int = 1) {
        let requests = (0..<sentences).map { sentence in
            var request = DecodeRequest(
                input, SamplingOptions(), noise: SeededNoise(seed: 7).sampling(sentence: sentence))
            (request.minNewTokens, request.maxNewTokens) = (steps, steps)
            return request
        }
        _ = try? model.decode(requests)
    }
}

/// Synthesis of random tokens with the conditioning of a random reference.
private struct AcousticWork {
    let model: any AcousticModel
    let phonemes: [Int]
    private let codes: [Int]
    private let conditioning: AcousticConditioning

    init(_ model: any AcousticModel, phonemes: [Int], random: inout SplitMix64) {
        self.model = model
        self.phonemes = phonemes
        codes = (0..<2500).map { _ in random.below(model.quantizer.codeCount) }
        var inputs: [ReferenceInput: Tensor] = [:]
        for input in model.requiredInputs {
            switch input {
            case .spectrogram(let fftSize, _, _):
                let bins = fftSize / 2 + 1
                inputs[input] = Tensor((0..<230 * bins).map { _ in abs(random.float()) }, [230, bins])
            case .mel(_, _, _, let bands):
                inputs[input] = Tensor((0..<320 * bands).map { _ in random.float() }, [320, bands])
            case .speakerEmbedding(let count):
                inputs[input] = Tensor((0..<count).map { _ in random.float() }, [1, count])
            }
        }
        conditioning = model.conditioning(
            model.conditioning(inputs),
            prompt: AcousticPrompt(tokens: Array(codes[..<125]), phonemes: phonemes))
    }

    /// Duration of the speech of so many tokens.
    func seconds(tokens: Int) -> Double {
        Double(tokens) * model.samplesPerToken(speed: 1) / Double(model.outputSampleRateHz)
    }

    func run(tokens: Int, sentences: Int = 1) {
        let sentence = AcousticInput(
            tokens: (0..<tokens).map { codes[$0 % codes.count] }, phonemes: phonemes)
        var setting = AcousticSetting(conditioning, overlapAdd: SOLA.join) {
            SeededNoise(seed: 1).latent(call: 0, $0)
        }
        setting.sampleSteps = 8
        // One sentence as upstream's sequence of flows, whose frames are fewer than those of its parallel form.
        setting.isParallel = false
        _ = try? model.synthesize(Array(repeating: sentence, count: sentences), setting, checkpoint: {})
    }
}
