import ArgumentParser
import Foundation
import Synthesis

/// `gsv bench`: times the stages on the work that the comparison with upstream uses.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Time loading, HuBERT, BERT, decoding, synthesis and a 10 s sentence.",
        discussion: """
            Example:
              gsv bench --models GPT_SoVITS/pretrained_models --version v2 --threads 2 --json
            """)

    @OptionGroup var voice: VoiceOptions

    @Flag(help: "One JSON object instead of a table.")
    var json = false

    func run() throws {
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
