import ArgumentParser
import Checkpoint
import Foundation

/// Turns a torch checkpoint into a safetensors file that can be memory-mapped, or shows what a file holds.
@main
struct WeightsConverter: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights-converter",
        abstract: "Turns GPT-SoVITS checkpoints into safetensors files, and shows what is in them.",
        discussion: """
            Reads torch .ckpt, .pth and .bin files (also with GPT-SoVITS' version heads) and safetensors. Nothing in \
            a file is ever run: a pickle that asks for anything but tensors and settings is refused.
            """)

    @Argument(help: "The weights file.")
    var file: String

    @Option(name: .shortAndLong, help: "Where to write; default: FILE with the extension safetensors.")
    var output: String?

    @Option(help: "Element type of the weights, f16 or f32; default: as in the file.")
    var weights: WeightPrecision?

    @Flag(help: "Show format, version, configuration and tensors instead of converting.")
    var inspect = false

    @Flag(help: "Replace the output file if it exists.")
    var force = false

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    mutating func run() throws {
        let checkpoint = try Checkpoint.open(file)
        if inspect {
            print(checkpoint.inspection(), terminator: "")
            return
        }
        let target = output ?? URL(fileURLWithPath: file).deletingPathExtension().path + ".safetensors"
        guard force || !FileManager.default.fileExists(atPath: target) else {
            throw ValidationError("\(target) exists already; give another name with -o, or --force")
        }
        let isQuiet = quiet
        var shown = -1
        try Converter(checkpoint, precision: weights, tool: "weights-converter").write(to: target) {
            progress in
            let percent = progress.writtenBytes * 100 / max(progress.totalBytes, 1)
            guard !isQuiet, percent != shown else { return }
            shown = percent
            FileHandle.standardError.write(
                Data("\r\(percent) % \(progress.written)/\(progress.total) tensors".utf8))
        }
        if !isQuiet { FileHandle.standardError.write(Data("\n".utf8)) }
        print(target)
    }
}

extension WeightPrecision: ExpressibleByArgument {}
