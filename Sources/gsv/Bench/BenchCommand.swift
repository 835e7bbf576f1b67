import ArgumentParser
import Audio
import Foundation
import Synthesis

/// `gsv bench`: how fast the engine is, and what smaller weights cost.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Time the stages of a synthesis, kernels or the text front end, or compare two sets of weights.",
        discussion: """
            Examples:
              gsv bench --models GPT_SoVITS/pretrained_models --model-version v2 --threads 2 --json
              gsv bench kernels
              gsv bench gemm
              gsv bench quality s1v2-f32.safetensors s1v2-int8.safetensors
              gsv bench text en.jsonl ja.jsonl
            """,
        subcommands: [
            StagesCommand.self, KernelsCommand.self, GEMMCommand.self, TextBenchCommand.self,
            QualityCommand.self,
        ],
        defaultSubcommand: StagesCommand.self)
}

/// `gsv bench stages`: the work that the comparison with upstream uses.
struct StagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stages",
        abstract: "Time loading, HuBERT, BERT, decoding, synthesis and a 10 s sentence.",
        discussion: """
            Memory is printed after each stage: all that is resident, and how much of it is pages of mapped files, \
            which processes share and the system can take back.

            Examples:
              gsv bench --models GPT_SoVITS/pretrained_models --model-version v2 --threads 2 --json
              gsv bench --models GPT_SoVITS/pretrained_models --soak 60
            """)

    @OptionGroup var voice: VoiceOptions

    @Flag(help: "One JSON object instead of tables.")
    var json = false

    @Flag(help: "Leave BERT out, as text does that is not Chinese.")
    var noBert = false

    @Flag(help: "One sentence at a time only: the peak is then that of a single sentence.")
    var single = false

    @Option(help: "Seconds of speech that are synthesized at once.")
    var seconds = 10

    @Option(
        help: "A clip whose speaker embedding is computed, where the version takes one; noise without it.")
    var ref: String?

    @Flag(help: "Stop after loading.")
    var loadOnly = false

    @Option(
        help:
            "Instead: minutes of mixed requests; fails if memory does not stay flat (5 % after the first five)."
    )
    var soak: Double?

    @Option(help: "With --soak: seconds of pause after each request.")
    var pause: Double = 0

    func run() async throws {
        if let soak {
            guard soak > 0, pause >= 0 else {
                throw ValidationError("--soak and --pause take positive numbers")
            }
            let (models, base) = try voice.load()
            let reference = try SoakBench.writeReference()
            defer { try? FileManager.default.removeItem(atPath: reference) }
            let bench = SoakBench(
                engine: try Engine(models: models, base: base), minutes: soak, pauseSeconds: pause)
            guard try await bench.run(reference: reference) else { throw ExitCode.failure }
            return
        }
        guard (1...500).contains(seconds) else { throw ValidationError("--seconds takes 1 to 500") }
        try voice.configureProcess()
        let (paths, _) = try voice.paths()
        try voice.configureProducts(paths)
        let report = try StageBench(
            paths: paths, withBERT: !noBert, withBatches: !single, loadOnly: loadOnly,
            spokenTokens: 25 * seconds, reference: try ref.map { try AudioReader.read(path: $0) }
        )
        .run()
        if json {
            let memory = report.memory.flatMap { stage in
                [
                    ("rss_\(stage.name)_mb", stage.resident), ("rss_\(stage.name)_mapped_mb", stage.mapped),
                    ("tensors_\(stage.name)_peak_mb", stage.tensorPeak),
                ]
            }
            let fields = (report.figures.map { ($0.name, $0.value) } + memory).map {
                "\"\($0)\": \(String(format: "%.6g", $1))"
            }
            Console.output("{" + fields.joined(separator: ", ") + "}")
            return
        }
        for figure in report.figures {
            Console.output(column(figure.name) + String(format: "%12.4f", figure.value))
        }
        Console.output("\n" + column("memory after, MB") + "    resident      mapped")
        for stage in report.memory {
            Console.output(column(stage.name) + String(format: "%12.1f%12.1f", stage.resident, stage.mapped))
        }
    }

    private func column(_ text: String) -> String { text.padding(toLength: 24, withPad: " ", startingAt: 0) }
}
