public import ArgumentParser
import Checkpoint
import Foundation
import Models

/// Turns a checkpoint into memory-mappable safetensors: the weights-converter program and `gsv convert`.
public struct ConvertCommand: ParsableCommand {
    /// Name, help and examples.
    public static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Turn torch weights into memory-mappable safetensors.",
        discussion: """
            Reads torch .ckpt, .pth and .bin files (also with GPT-SoVITS' version heads), .onnx (g2pW) and safetensors. Kind, version, \
            configuration and the SHA-256 of the source are kept in the file's metadata; the result is used wherever the \
            source was. Nothing in a file is ever run.

            The matrices of linear layers are laid out as the engine reads them where the file is mapped: loading takes \
            no time and processes share the memory. --layout rows keeps them as other programs expect them, and turns a \
            converted file back.

            Of SoVITS and HuBERT, convolutions are stored a second time as the engine computes with them (most of them \
            in the frequency domain). Loading then does no work, and memory holds only what is being read. \
            --no-prepare leaves them out, for small disks.

            int8 halves what a decode step of a text-to-semantic model has to read: its stack in bytes with a scale per \
            output, the rest in half precision. What that changes is measured by gsv bench quality.

            Examples:
              gsv convert s2G2333k.pth
              gsv convert s1v2.ckpt -o s1v2.safetensors --weights f16
              gsv convert s1v2.ckpt -o s1v2-int8.safetensors --weights int8
              gsv convert chinese-roberta-wwm-ext-large/pytorch_model.bin -o chinese-roberta-wwm-ext-large/model.safetensors
              gsv convert s1v2.safetensors -o s1v2-rows.safetensors --layout rows
              gsv convert GPT_SoVITS/text/G2PWModel/g2pW.onnx --weights f16
            """)

    @Argument(help: "The weights: .ckpt, .pth, .bin, .onnx or .safetensors.")
    var file: String

    @Option(name: .shortAndLong, help: "Where to write; by default the source's name with .safetensors.")
    var output: String?

    @Option(
        name: [.customLong("weights"), .customLong("quantize")],
        help: "Element type of the weights, f16, f32 or int8; by default what the source has.")
    var weights: WeightPrecision?

    @Option(help: "Layout of linear layers: panels, to be read in place, or rows.")
    var layout = WeightLayout.panels

    @Flag(
        inversion: .prefixedNo,
        help:
            "Store convolutions also as the engine computes with them: loads at once, twice to three times the size."
    )
    var prepare = true

    @Flag(help: "Replace the output file if it exists.")
    var force = false

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    /// For the argument parser.
    public init() {}

    /// Converts.
    public func run() throws {
        let source = try Checkpoint.open(file)
        let target = output ?? URL(fileURLWithPath: file).deletingPathExtension().path + ".safetensors"
        guard force || !FileManager.default.fileExists(atPath: target) else {
            throw ValidationError("\(target) exists already; give another name with -o, or --force")
        }
        let isShown = !quiet && isatty(STDERR_FILENO) != 0
        var shown = -1
        try converter(source, target: target).write(to: target) { progress in
            let percent = progress.writtenBytes * 100 / max(progress.totalBytes, 1)
            guard isShown, percent != shown else { return }
            shown = percent
            say("\r\(percent) % \(progress.written)/\(progress.total) tensors")
        }
        if isShown { say("\n") }
        print(target)
    }

    /// The conversion, with what the model's layers would prepare on loading the new file.
    private func converter(_ source: Checkpoint, target: String) throws -> Converter {
        guard layout == .panels, prepare else {
            return Converter(source, precision: weights, layout: layout)
        }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        func prepared(_ checkpoint: Checkpoint) throws -> [PreparedTensor] {
            try Preparation.tensors(of: checkpoint, folder: folder)
        }
        guard weights != nil, [.soVITS, .huBERT].contains(source.kind) else {
            return Converter(source, precision: weights, layout: layout, prepared: try prepared(source))
        }
        // From the weights as the file will have them, not as they were: a first file has them.
        let first = "\(target).\(getpid()).first"
        defer { try? FileManager.default.removeItem(atPath: first) }
        try Converter(source, precision: weights, layout: layout).write(to: first)
        let rounded = try Checkpoint.open(first)
        return Converter(source, precision: weights, layout: layout, prepared: try prepared(rounded))
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

extension WeightPrecision: ExpressibleByArgument {}
extension WeightLayout: ExpressibleByArgument {}
