import ArgumentParser
import Audio
import Foundation
import Models
import Synthesis
import Tensor

/// `gsv similarity`: how alike the voices of two clips are.
struct SimilarityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "similarity",
        abstract: "How alike the voices of two clips sound: the cosine of their speaker embeddings.",
        discussion: """
            Prints a number from -1 to 1 on standard output. It takes upstream's speaker verification model, which v2Pro and \
            v2ProPlus voices need too: sv/pretrained_eres2netv2w24s4ep4.ckpt in upstream's pretrained_models. The numbers of \
            one model can be compared with each other: measure two clips of one speaker, and clips of different ones, first.

            Examples:
              gsv similarity anna.wav cloned.wav
              gsv similarity anna.wav cloned.wav --models GPT_SoVITS/pretrained_models
            """)

    @Argument(help: "A clip of 0.5 to 60 seconds.")
    var first: String

    @Argument(help: "The clip that it is compared with.")
    var second: String

    @Option(help: "A folder laid out like upstream's pretrained_models.")
    var models = PretrainedFiles().folder

    @Option(help: "The model itself: .ckpt or converted .safetensors; used instead of the folder.")
    var sv: String?

    @Option(help: "Compute threads; 0 takes one per processor.")
    var threads = 0

    func validate() throws {
        guard (0...256).contains(threads) else { throw ValidationError("--threads takes 0 to 256") }
    }

    func run() throws {
        ThreadPool.configure(threads: threads)
        Allocator.configure()
        let clips = try [first, second].map { try AudioReader.read(path: $0) }
        let verification = PretrainedSpeakerVerification(
            path: sv ?? PretrainedFiles(folder: models).speakerVerification)
        let similarity = try verification.similarity(clips[0], clips[1], names: (first, second))
        Console.output(String(format: "%.4f", similarity))
    }
}
