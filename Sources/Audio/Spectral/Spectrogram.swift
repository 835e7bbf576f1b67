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
    private let frames: WindowedFrames
    private var fftSize: Int { frames.fftSize }
    private var hopSamples: Int { frames.hopSamples }

    /// Precomputes window and transform.
    ///
    /// - Parameters:
    ///   - fftSize: samples per frame.
    ///   - hopSamples: samples from frame to frame.
    ///   - windowSamples: length of the Hann window, centred in the frame.
    /// - Precondition: `0 < hopSamples ≤ fftSize` and `0 < windowSamples ≤ fftSize`.
    package init(fftSize: Int, hopSamples: Int, windowSamples: Int) {
        frames = WindowedFrames(fftSize: fftSize, hopSamples: hopSamples, windowSamples: windowSamples)
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
        let signal = WindowedFrames.reflected(samples, by: (fftSize - hopSamples) / 2)
        let (bins, count) = (frames.transform.bins, frames.count(in: signal.count))
        var values = [Float](repeating: 0, count: bins * count)
        frames.forEach(in: signal) { range, spectra in
            for bin in 0..<bins {
                let (re, im) = (spectra.re[bin], spectra.im[bin])
                for (lane, frame) in range.enumerated() {
                    let (x, y) = (Float(re[lane]), Float(im[lane]))
                    values[bin * count + frame] = (x * x + y * y + 1e-8).squareRoot()
                }
            }
        }
        return Spectrogram(frequencyBins: bins, frames: count, values: values)
    }
}
