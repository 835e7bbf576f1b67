import ArgumentParser
import ConvertCommand

/// The command line. Each subcommand has a file of its own.
@main
struct GSV: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gsv",
        abstract: "GPT-SoVITS text-to-speech on plain CPUs.",
        discussion: """
            Examples:
              gsv serve -c GPT_SoVITS/configs/tts_infer.yaml
              gsv say "你好，世界。" --ref voice.wav --prompt-text "参考音频里说的话" -o hello.wav
              gsv inspect s2G2333k.pth
            """,
        version: Version.text,
        subcommands: [
            ServeCommand.self, SayCommand.self, BatchCommand.self, TextCommand.self, ConvertCommand.self,
            InspectCommand.self, SimilarityCommand.self, TraceCommand.self, BenchCommand.self,
        ])
}

/// The program's version.
enum Version {
    static let text = "0.1.0"
}
