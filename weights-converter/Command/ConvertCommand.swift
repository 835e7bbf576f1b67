package import ArgumentParser
import Checkpoint
import Foundation
import Models

/// Turns a checkpoint into memory-mappable safetensors: the weights-converter program and `gsv convert`.
package struct ConvertCommand: ParsableCommand {
    /// Name, help and examples.
    package static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Turn torch weights into memory-mappable safetensors.",
        discussion: """
            Reads torch .ckpt, .pth and .bin files (also with GPT-SoVITS' version heads), .onnx (g2pW) and safetensors. Kind, version, \
            configuration and the SHA-256 of the source are kept in the file's metadata; the result is used wherever the \
            source was. No code in a file is ever executed.

            The matrices of linear layers are stored as the engine reads them from the mapped file: loading takes no time \
            and processes share the memory. --layout rows stores them row-major, as other programs expect them, and \
            converts such a file back.

            Convolutions of SoVITS and HuBERT are stored a second time as the engine reads them (most of them in the \
            frequency domain), so that loading does no work and memory holds only what is being read. --no-prepare \
            leaves them out, for small disks.

            int8 halves what a decode step of a text-to-semantic model has to read: its stack in bytes with a scale per \
            output, the rest in half precision. What that changes is measured by gsv bench quality.

            Examples:
              gsv convert s2G2333k.pth
              gsv convert s1v2.ckpt -o s1v2.safetensors --weights f16
              gsv convert s1v2.ckpt -o s1v2-int8.safetensors --weights int8
              gsv convert chinese-roberta-wwm-ext-large/pytorch_model.bin -o chinese-roberta-wwm-ext-large/model.safetensors
              gsv convert s1v2.safetensors -o s1v2-rows.safetensors --layout rows
              gsv convert GPT_SoVITS/text/G2PWModel/g2pW.onnx --weights f16
              gsv convert anna.ckpt anna.pth                  (anna.ckpt.safetensors, anna.pth.safetensors)
              gsv convert anna_e2_s100_l32.pth --models GPT_SoVITS/pretrained_models      (a LoRA, merged onto its base)
            """)

    @Argument(help: "The weights: .ckpt, .pth, .bin, .onnx or .safetensors.")
    var files: [String]

    @Option(
        name: .shortAndLong,
        help:
            "Where to write one file; by default the source's name with .safetensors, added to .ckpt and .pth where both are there."
    )
    var output: String?

    @Option(help: "The folder laid out like upstream's pretrained_models that has the base model of a LoRA.")
    var models = PretrainedFiles().folder

    @Option(
        name: [.customLong("weights"), .customLong("quantize")],
        help: "Element type of the weights, f16, f32 or int8; by default what the source has.")
    var weights: WeightPrecision?

    @Option(help: "Layout of linear layers: panels, to be read in place, or rows.")
    var layout = WeightLayout.panels

    @Flag(
        inversion: .prefixedNo,
        help:
            "Store convolutions also as the engine reads them: loads at once, twice to three times the size."
    )
    var prepare = true

    @Flag(help: "Replace the output file if it exists.")
    var force = false

    @Flag(name: .shortAndLong, help: "No progress.")
    var quiet = false

    /// For the argument parser.
    package init() {}

    /// Refuses options that contradict each other.
    package func validate() throws {
        guard output == nil || files.count == 1 else {
            throw ValidationError("-o names one file, and \(files.count) are to be converted")
        }
        guard weights != .int8 || layout == .panels else {
            throw ValidationError("--weights int8 is a layout of its own; leave out --layout rows")
        }
    }

    /// Converts.
    package func run() throws {
        // All names before the first file: a new one must not change the others.
        let targets = files.map { output ?? ConvertedFile.output(for: $0) }
        for (file, target) in zip(files, targets) { try convert(file, to: target) }
    }

    private func convert(_ file: String, to target: String) throws {
        let source = try AcousticModelFactory.checkpoint(file, pretrained: PretrainedFiles(folder: models))
        guard force || !FileManager.default.fileExists(atPath: target) else {
            throw ValidationError("\(target) exists already; give another name with -o, or --force")
        }
        let isShown = !quiet && isatty(STDERR_FILENO) != 0
        var shown = -1
        try converter(source, file).write(to: target) { progress in
            let percent = progress.writtenBytes * 100 / max(progress.totalBytes, 1)
            guard isShown, percent != shown else { return }
            shown = percent
            say("\r\(percent) % \(progress.written)/\(progress.total) tensors")
        }
        if isShown { say("\n") }
        if layout == .panels {
            GEMMConfiguration.prepare(folder: URL(fileURLWithPath: target).deletingLastPathComponent().path)
        }
        print(target)
    }

    /// The conversion, with what the model's layers prepack.
    private func converter(_ source: Checkpoint, _ file: String) throws -> Converter {
        guard layout == .panels else { return Converter(source, precision: weights) }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        let prepacked = try Prepacking.tensors(of: source, folder: folder, precision: weights, forms: prepare)
        if prepacked.isEmpty, [.huBERT, .bert].contains(source.kind) {
            say(
                "\(file): no config.json beside it, so that the weights are stored row-major and packed at every load\n"
            )
        }
        return Converter(source, precision: weights, prepacked: prepacked)
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// How the weights of linear layers are stored.
enum WeightLayout: String, CaseIterable, ExpressibleByArgument {
    /// As the kernels read them where the file is mapped.
    case panels
    /// Row-major, as in the checkpoint.
    case rows
}

extension WeightPrecision: ExpressibleByArgument {}
