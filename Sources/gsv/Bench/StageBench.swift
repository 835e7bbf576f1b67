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

        let gpt = parts.textToSemantic
        let phones = (0..<60).map { _ in
            random.below(min(300, gpt.phoneCount, parts.soVITS.phoneCount))
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

        let soVITS = parts.soVITS
        let codes = (0..<spokenTokens).map { _ in random.below(soVITS.quantizer.codeCount) }
        let bins = soVITS.filterLength / 2 + 1
        let spectrogram = Tensor((0..<230 * bins).map { _ in abs(random.float()) }, [230, bins])
        let speaker = soVITS.speakerVector(spectrogram)
        let noise = SeededNoise(seed: 1).latent(
            call: 0, frames: soVITS.frameCount(tokens: spokenTokens, speed: 1),
            channels: soVITS.latentChannels)
        func speak() { _ = soVITS.decode(codes: codes, phones: phones, speaker: speaker, noise: noise) }
        let seconds =
            Double(spokenTokens * soVITS.framesPerToken * soVITS.samplesPerFrame)
            / Double(soVITS.sampleRateHz)
        add("synth_s_per_audio_s", timed(3, speak) / seconds)
        remember("synth")

        let whole = timed(1, warm: 0) {
            read()
            work.run(steps: spokenTokens)
            // As an engine does it.
            gpt.releasePages()
            speak()
        }
        add("e2e_rtf", whole / seconds)
        remember("sentence")
        if withBatches {
            add(
                "ten_sentences_s",
                timed(1, warm: 0) { tenSentences(read, work, soVITS, codes[0], phones, speaker) })
            remember("ten_sentences")
        }
        add("peak_rss_mb", Memory.megabytes("VmHWM"))
        return report
    }
}

extension StageBench {
    /// Ten sentences of 10 s in batches of eight and two, one thing after the other.
    private func tenSentences(
        _ read: () -> Void, _ work: DecodeWork, _ soVITS: SoVITS, _ code: Int, _ phones: [Int],
        _ speaker: Tensor
    ) {
        for _ in 0..<10 { read() }
        for count in [8, 2] {
            work.run(steps: 250, sentences: count)
            let noise = SeededNoise(seed: 1).latent(
                call: 0, frames: soVITS.frameCount(tokens: 250 * count, speed: 1),
                channels: soVITS.latentChannels)
            _ = soVITS.decode(
                codes: [Int](repeating: code, count: 250 * count),
                phones: (0..<count).flatMap { _ in phones },
                speaker: speaker, noise: noise)
        }
    }
}

/// What the process holds, from the system.
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

/// A fixed number of decode steps, with the end of speech kept away.
private struct DecodeWork {
    let model: Text2Semantic
    let input: Text2Semantic.Input

    func run(steps: Int, sentences: Int = 1) {
        model.benchmark(
            Array(repeating: input, count: sentences), steps: steps,
            noise: SeededNoise(seed: 7).sampling(batch: 0, sentences: Array(0..<sentences)))
    }
}
