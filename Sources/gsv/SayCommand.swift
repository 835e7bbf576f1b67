import ArgumentParser
import Audio
import Foundation
import Models
import Synthesis

/// `gsv say`: one text to one file.
struct SayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "say",
        abstract: "Speak a text in the voice of a clip, into a file.",
        discussion: """
            Where no weights are named and there is no tts_infer.yaml, the voice in voices/default speaks, if there is one; it \
            needs no --ref.

            Examples:
              gsv say "Hello." -o hello.wav
              gsv say "先帝创业未半而中道崩殂。" --ref ref.wav --prompt-text "参考音频里说的话" -o out.wav
              gsv say "你好。" --models GPT_SoVITS/pretrained_models --ref ref.wav -o out.flac --srt out.srt
            """)

    @Argument(help: "What to say.")
    var text: String

    @OptionGroup var voice: VoiceOptions
    @OptionGroup var request: RequestOptions

    @Option(name: .shortAndLong, help: "Where the speech goes: .wav, .flac, .ogg, .mp3 by extension.")
    var output = "out.wav"

    @Option(help: "Also write subtitles: a SubRip file that says which sentence is spoken when.")
    var srt: String?

    func run() async throws {
        _ = try AudioFileFormat(path: output)  // an unsupported extension is an error before the synthesis
        let (models, base) = try voice.load()
        let engine = try Engine(models: models, base: base)
        let start = ContinuousClock.now
        var request = try request.request(text: text, voice: voice.bundledVoice)
        request.delivery = .fragments
        var samples: [Int16] = []
        var subtitles = Subtitles()
        var rate = models.acoustic.model.outputSampleRateHz
        var isWarned = false
        for try await fragment in engine.speak(request) {
            samples += fragment.samples
            subtitles.add(fragment)
            rate = fragment.sampleRateHz
            if fragment.lacksSuperSampling, !isWarned {
                Console.note(
                    "--super-sampling: no AP-BWE in 24kto48k of the pretrained models; speaking without it")
                isWarned = true
            }
            Console.progress(
                String(
                    format: "%.1f s of speech after %@", Double(samples.count) / Double(rate),
                    Console.seconds(since: start)))
        }
        Console.endProgress()
        try AudioWriter.write(samples, sampleRateHz: rate, to: output)
        if let srt { try subtitles.text.write(toFile: srt, atomically: true, encoding: .utf8) }
        let spoken = Double(samples.count) / Double(rate)
        let elapsed = Console.elapsed(since: start)
        Console.note(
            String(
                format: "%@: %.2f s of speech in %.2f s, real-time factor %.3f", output, spoken, elapsed,
                elapsed / spoken))
    }
}

/// The parameters of a synthesis, named as upstream names them.
struct RequestOptions: ParsableArguments {
    @Option(help: "Reference clip, 3 to 10 seconds; voices/default has one.")
    var ref: String?

    @Option(name: .customLong("aux-ref"), help: "Further clips of the voice; may be repeated.")
    var auxiliary: [String] = []

    @Option(help: "What the reference clip says; without it the model gets no prompt.")
    var promptText = ""

    @Option(help: "Language of the prompt text; zh if not given.")
    var promptLang: String?

    @Option(help: "Language of the text; zh if not given, auto with voices/default.")
    var lang: String?

    @Option(help: "Candidates kept when sampling.")
    var topK = 15

    @Option(help: "Probability mass kept when sampling.")
    var topP: Float = 1

    @Option(help: "Sampling temperature.")
    var temperature: Float = 1

    @Option(help: "Penalty of repeated tokens.")
    var repetitionPenalty: Float = 1.35

    @Option(help: "How the text is cut into sentences: cut0 to cut5.")
    var cut = "cut5"

    @Option(
        help:
            "careful writes out what upstream's front end loses or misreads; upstream leaves the text as it is."
    )
    var textRules = TextRules.careful

    @Option(help: "Sentences decoded together.")
    var batchSize = 1

    @Option(help: "Speaking rate.")
    var speed = 1.0

    @Option(help: "v3 and v4: steps of the flow, which take time in proportion; 8 is often enough.")
    var sampleSteps = 32

    @Flag(help: "v3: extend its 24 kHz to 48 kHz, where AP-BWE is in the pretrained models.")
    var superSampling = false

    @Option(help: "Silence after each sentence, in seconds.")
    var interval = 0.3

    @Option(help: "Seed; -1 draws one.")
    var seed: Int64 = -1

    /// - Parameters:
    ///   - voice: the one that comes with the program, if it speaks.
    ///   - needsClip: whether something else may name the clip; without one, the request's path is empty.
    func request(text: String, voice: BundledVoice?, needsClip: Bool = true) throws -> SynthesisRequest {
        guard topK >= 1, topP > 0, topP <= 1, temperature >= 0, repetitionPenalty > 0, batchSize >= 1,
            (0.1...10).contains(speed), (0...60).contains(interval), (1...1000).contains(sampleSteps)
        else {
            throw ValidationError(
                "out of range: --top-k ≥ 1, --top-p in 0…1, --temperature ≥ 0, --repetition-penalty > 0, "
                    + "--batch-size ≥ 1, --speed 0.1…10, --interval 0…60, --sample-steps 1…1000")
        }
        guard let clip = ref ?? voice?.clip ?? (needsClip ? nil : "") else {
            throw ValidationError("--ref is missing: a clip of 3 to 10 seconds of the voice to speak with")
        }
        let isOwnClip = ref == nil
        var request = SynthesisRequest(
            text: text, textLanguage: lang ?? (voice == nil ? "zh" : "auto"), referencePath: clip,
            promptText: isOwnClip ? voice?.clipText ?? "" : promptText,
            promptLanguage: promptLang ?? (isOwnClip ? "en" : "zh"))
        request.auxiliaryReferencePaths = auxiliary
        request.topK = topK
        request.topP = topP
        request.temperature = temperature
        request.repetitionPenalty = repetitionPenalty
        request.splitMethod = cut
        request.textRules = textRules
        request.batchSize = batchSize
        request.speedFactor = speed
        request.fragmentInterval = interval
        request.sampleSteps = sampleSteps
        request.superSampling = superSampling
        request.seed = seed
        return request
    }
}

extension TextRules: ExpressibleByArgument {}
