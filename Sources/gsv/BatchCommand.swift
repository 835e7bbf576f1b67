import API
import ArgumentParser
import Audio
import Foundation
import Logging
import Synthesis

/// `gsv batch`: many texts to many files.
struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Speak every line of a file of JSON objects into a folder.",
        discussion: """
            A line has the parameters of /tts (docs/server.md), of which text is required, and may have an id, which names its \
            file; without one, its number and the beginning of its SHA-256 do. What a line leaves out comes from the flags. A \
            clip and what it says go together: a line with a ref_audio_path or a voice of its own takes neither from them.

            manifest.jsonl says of every line which file it became, how long that is and by which seed, or what was wrong. A \
            line that cannot be spoken doesn't stop the others; the exit status is 1 then. The program may be killed at any \
            moment: what is there is whole, and --resume makes the rest.

            Examples:
              gsv batch lines.jsonl --out speech --ref ref.wav --prompt-text "What the clip says." --prompt-lang en --lang en
              gsv batch lines.jsonl --out speech --voice anna --format flac --resume
              parallel gsv batch lines.jsonl --out speech --threads 1 --shard {}/4 --resume ::: 1 2 3 4
              sbatch --array=1-8 --wrap 'gsv batch lines.jsonl --out speech --resume \\
                --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT'
            """)

    @Argument(help: "The file of lines; - for standard input.")
    var lines: String

    @Option(name: [.customLong("out"), .customShort("o")], help: "The folder that the sound goes to.")
    var folder: String

    @Option(
        help:
            "i/n: only every n-th line, from the i-th on. i counts from 1 to n or from 0 to n-1: 0 and n mean the same."
    )
    var shard = "1/1"

    @Flag(help: "Go on with an earlier run: what is finished stays, and the rest is made.")
    var resume = false

    @Option(help: "wav, flac, ogg, opus, mp3, raw or aac; a line's media_type counts more.")
    var format = "wav"

    @Option(help: "Lines that are processed concurrently; their sentences are decoded together.")
    var inFlight = 4

    @Option(name: .customLong("voice"), help: "A voice of the folder of voices, for lines that name none.")
    var voiceName: String?

    @Option(help: "Folder of voices: voices/NAME/{ref.wav, ref.txt, voice.yaml}.")
    var voices = "voices"

    @OptionGroup var voice: VoiceOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var encoder: EncoderOptions

    func validate() throws {
        guard Shard(shard) != nil else {
            throw ValidationError("--shard takes i/n with i from 0 or 1 to n, such as 3/8")
        }
        guard (1...256).contains(inFlight) else { throw ValidationError("--in-flight takes 1 to 256") }
        guard voiceName == nil || request.ref == nil else {
            throw ValidationError("--voice and --ref both name a clip; give one of them")
        }
    }

    func run() async throws {
        let text = try read()
        let request = try request.request(text: "", voice: voice.bundledVoice, needsClip: false)
        var options = BatchOptions(folder: folder, request: request)
        options.shard = Shard(shard) ?? .whole
        options.isResumed = resume
        options.inFlight = inFlight
        options.voice = voiceName
        options.promptLanguage = self.request.promptLang ?? "auto"
        options.format = format
        options.voicesFolder = voices
        options.ffmpeg = try encoder.program()
        let (models, base) = try voice.load()
        let engine = try Engine(models: models, base: base, slots: inFlight)
        var display = BatchDisplay()
        let run = BatchRun(engine: engine, options: options, logger: Logger(label: "gsv"))
        let progress = try await run(text) { display.show($0) }
        display.finish(progress, folder: folder)
        if progress.failed > 0 { throw ExitCode.failure }
    }

    private func read() throws -> [UInt8] {
        if lines == "-" { return [UInt8](FileHandle.standardInput.readDataToEndOfFile()) }
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: lines)))
        } catch {
            throw ValidationError("\(lines) cannot be read: \(error.localizedDescription)")
        }
    }
}

/// Progress of a batch for people: a bar on a terminal, elsewhere a line every ten seconds.
struct BatchDisplay {
    private let start = ContinuousClock.now
    private var lastShown = ContinuousClock.now
    private static let pause = Duration.seconds(10)
    private static let width = 24

    mutating func show(_ progress: BatchProgress) {
        if let problem = progress.problem {
            Console.endProgress()
            Console.note(problem)
        }
        let done = progress.lines == 0 ? 1 : Double(progress.finished) / Double(progress.lines)
        if Console.isTerminal {
            let filled = Int(done * Double(Self.width))
            let bar =
                String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
            Console.progress("\(bar) \(text(progress))")
        } else if ContinuousClock.now - lastShown >= Self.pause {
            lastShown = .now
            Console.note(text(progress))
        }
    }

    func finish(_ progress: BatchProgress, folder: String) {
        Console.endProgress()
        Console.note("\(folder): \(text(progress)) in \(Console.seconds(since: start))")
    }

    private func text(_ progress: BatchProgress) -> String {
        let elapsed = Console.elapsed(since: start)
        var parts = ["\(progress.finished) of \(progress.lines) lines"]
        if progress.skipped > 0 { parts.append("\(progress.skipped) of them before") }
        if progress.failed > 0 { parts.append("\(progress.failed) failed") }
        if progress.audioSeconds > 0, elapsed > 0 {
            parts.append(
                String(
                    format: "%.1f s of speech, %.1f times as fast as it is spoken", progress.audioSeconds,
                    progress.audioSeconds / elapsed))
        }
        let processed = progress.spoken + progress.failed
        if processed > 0, progress.finished < progress.lines {
            let left = elapsed / Double(processed) * Double(progress.lines - progress.finished)
            parts.append(String(format: "%d:%02d left", Int(left) / 60, Int(left) % 60))
        }
        return parts.joined(separator: ", ")
    }
}
