/// Values over frequency and time, row-major `[F, T]`: a magnitude spectrogram or mel bands.
package struct Spectrogram: Sendable, Equatable {
    /// F, the rows.
    package let frequencyBins: Int
    /// T, the columns.
    package let frames: Int
    /// `frequencyBins · frames` values, frequency by frequency.
    package let values: [Float]

    /// A spectrogram of given values.
    ///
    /// - Precondition: there are `frequencyBins · frames` values.
    package init(frequencyBins: Int, frames: Int, values: [Float]) {
        precondition(
            values.count == frequencyBins * frames,
            "Spectrogram: \(values.count) values for [\(frequencyBins), \(frames)]")
        self.frequencyBins = frequencyBins
        self.frames = frames
        self.values = values
    }

    /// The same values with `transform` applied to each.
    func map(_ transform: (Float) -> Float) -> Spectrogram {
        Spectrogram(frequencyBins: frequencyBins, frames: frames, values: values.map(transform))
    }
}

/// The magnitude spectrogram that GPT-SoVITS trains on: frames every `hopSamples`, the signal reflected at both
/// ends by `(fftSize − hopSamples) / 2`, a periodic Hann window, `√(re² + im² + 10⁻⁸)`.
///
/// Equals `spectrogram_torch(y, fftSize, _, hopSamples, windowSamples, center=False)`.
package struct SpectrogramAnalyzer: Sendable {
    /// Samples per frame.
    package let fftSize: Int
    /// Samples from frame to frame.
    package let hopSamples: Int
    /// Length of the Hann window, centred in the frame.
    package let windowSamples: Int

    private let transform: RealTransform
    private let window: [Float]

    /// Precomputes window and transform.
    ///
    /// - Precondition: `0 < hopSamples ≤ fftSize` and `0 < windowSamples ≤ fftSize`.
    package init(fftSize: Int, hopSamples: Int, windowSamples: Int) {
        precondition(
            0 < hopSamples && hopSamples <= fftSize && 0 < windowSamples && windowSamples <= fftSize,
            "SpectrogramAnalyzer: hop \(hopSamples) or window \(windowSamples) does not fit \(fftSize)")
        self.fftSize = fftSize
        self.hopSamples = hopSamples
        self.windowSamples = windowSamples
        transform = RealTransform(length: fftSize)
        let left = (fftSize - windowSamples) / 2
        window =
            [Float](repeating: 0, count: left) + Window.hann(windowSamples)
            + [Float](repeating: 0, count: fftSize - windowSamples - left)
    }

    /// Fewest samples that can be analysed: the reflection must lie inside the signal and a frame must fit.
    package var minimumSamples: Int {
        let padding = (fftSize - hopSamples) / 2
        return max(padding + 1, fftSize - 2 * padding)
    }

    /// The spectrogram `[fftSize / 2 + 1, T]` of a mono signal.
    ///
    /// - Throws: ``AudioError/tooShort(stage:samples:needed:)`` below ``minimumSamples``.
    package func callAsFunction(_ samples: [Float]) throws(AudioError) -> Spectrogram {
        guard samples.count >= minimumSamples else {
            throw .tooShort(stage: "the spectrogram", samples: samples.count, needed: minimumSamples)
        }
        let padding = (fftSize - hopSamples) / 2
        let signal =
            samples[1..<padding + 1].reversed() + samples
            + samples[(samples.count - padding - 1)..<samples.count - 1].reversed()
        let frames = (signal.count - fftSize) / hopSamples + 1
        var values = [Float](repeating: 0, count: transform.bins * frames)
        var spectra = transform.makeSpectra()

        for first in stride(from: 0, to: frames, by: Lanes.scalarCount) {
            let lanes = min(Lanes.scalarCount, frames - first)
            for lane in 0..<lanes {
                let start = (first + lane) * hopSamples
                for index in 0..<fftSize {
                    // PyTorch rounds the windowed sample to single precision before it transforms.
                    spectra.set(Double(signal[start + index] * window[index]), at: index, lane: lane)
                }
            }
            transform.transform(&spectra)
            for bin in 0..<transform.bins {
                let (re, im) = (spectra.re[bin], spectra.im[bin])
                for lane in 0..<lanes {
                    let (x, y) = (Float(re[lane]), Float(im[lane]))
                    values[bin * frames + first + lane] = (x * x + y * y + 1e-8).squareRoot()
                }
            }
        }
        return Spectrogram(frequencyBins: transform.bins, frames: frames, values: values)
    }
}
