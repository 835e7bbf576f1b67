import ArgumentParser
import Checkpoint

/// `gsv inspect`: what a weight file is and holds.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show version, configuration and tensors of a weight file. Nothing in the file is run.",
        discussion: """
            Example:
              gsv inspect GPT_SoVITS/pretrained_models/gsv-v2final-pretrained/s2G2333k.pth
            """)

    @Argument(help: ".ckpt, .pth, .bin or .safetensors.")
    var file: String

    @Flag(help: "Leave out the SHA-256, which reads the whole file.")
    var noHash = false

    func run() throws {
        Console.output(try Checkpoint.open(file).inspection(hash: !noHash))
    }
}
