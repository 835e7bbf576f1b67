package import Tensor

/// What turns mel spectrograms into sound.
package protocol Vocoder: Sendable {
    /// Bands of the spectrogram, and samples that a frame becomes.
    var melBands: Int { get }
    var samplesPerFrame: Int { get }

    /// Log mel spectrogram `[T, bands]` → samples `[T · samplesPerFrame, 1]` in −1 … 1.
    func callAsFunction(_ mel: Tensor, trace: ActivationTrace) -> Tensor

    /// Releases the pages of mapped weights; they are read from the file again when they are needed.
    func releasePages()
}
