import Checkpoint
import Files
package import Tensor

/// What turns mel spectrograms into sound: a generator without a speaker. `hiFiGAN` and `bigVGAN` read the two that exist.
package struct Vocoder: Sendable {
    /// Bands of the spectrogram.
    package let melBands: Int
    private let generator: Generator
    /// The weights' file, if convolutions are read where it is mapped.
    private let mapped: MappedFile?

    /// Reads all weights of a checkpoint.
    init(_ weights: WeightScope, _ form: GeneratorForm) throws(CheckpointError) {
        melBands = form.inputs
        generator = try Generator(weights, form)
        try weights.assertAllUsed()
        weights.checkpoint.file.releasePages()
        mapped = generator.isMapped ? weights.checkpoint.file : nil
    }

    /// Samples that a frame becomes.
    package var samplesPerFrame: Int { generator.samplesPerFrame }

    /// Log mel spectrogram `[T, bands]` → samples `[T · samplesPerFrame, 1]` in −1 … 1.
    package func callAsFunction(_ mel: Tensor, trace: ActivationTrace = .none) -> Tensor {
        generator(mel, trace: trace)
    }

    /// Releases the pages of mapped weights; they are read from the file again when they are needed.
    package func releasePages() { mapped?.releasePages() }
}
