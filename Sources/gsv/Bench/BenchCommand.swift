import ArgumentParser
import Foundation
import Synthesis

/// `gsv bench`: times the stages on the work that the comparison with upstream uses.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Time loading, HuBERT, BERT, decoding, synthesis and a 10 s sentence.",
        discussion: """
            Examples:
              gsv bench --models GPT_SoVITS/pretrained_models --version v2 --threads 2 --json
              gsv bench --models GPT_SoVITS/pretrained_models --soak 60
            """)

    @OptionGroup var voice: VoiceOptions

    @Flag(help: "One JSON object instead of a table.")
    var json = false

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
        try voice.configureThreads()
        let (paths, _) = try voice.paths()
        let figures = try StageBench(paths: paths).run()
        if json {
            let fields = figures.map { "\"\($0.name)\": \(String(format: "%.6g", $0.value))" }
            Console.output("{" + fields.joined(separator: ", ") + "}")
        } else {
            for figure in figures {
                Console.output(
                    figure.name.padding(toLength: 24, withPad: " ", startingAt: 0)
                        + String(format: "%12.4f", figure.value))
            }
        }
    }
}
