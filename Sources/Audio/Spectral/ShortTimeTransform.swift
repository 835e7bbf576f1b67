#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The short-time Fourier transform and its inverse, with logarithmic amplitudes and phases.
///
/// Equals `torch.stft` and `torch.istft` with `center=True`, reflection at both ends and a periodic Hann window, and AP-BWE's
/// `amp_pha_stft`, `amp_pha_istft` around them.
package struct ShortTimeTransform: Sendable {
    /// Points of the transform, and samples from frame to frame.
    package let fftSize: Int, hopSamples: Int

    private let window: [Float]
    private let forward: RealTransform
    private let complex: ComplexTransform

    /// Precomputes window and transforms.
    ///
    /// - Precondition: `0 < hopSamples ≤ windowSamples ≤ fftSize`, the last even.
    package init(fftSize: Int, hopSamples: Int, windowSamples: Int) {
        precondition(
            0 < hopSamples && hopSamples <= windowSamples && windowSamples <= fftSize && fftSize % 2 == 0,
            "ShortTimeTransform: \(fftSize), \(hopSamples), \(windowSamples)")
        (self.fftSize, self.hopSamples) = (fftSize, hopSamples)
        let left = (fftSize - windowSamples) / 2
        window =
            [Float](repeating: 0, count: left) + Window.hann(windowSamples)
            + [Float](repeating: 0, count: fftSize - windowSamples - left)
        forward = RealTransform(length: fftSize)
        complex = ComplexTransform(length: fftSize)
    }

    /// ln(|X| + 10⁻⁴) and the angle of X, `[T, fftSize / 2 + 1]` each, frame by frame.
    ///
    /// - Throws: ``AudioError/tooShort(stage:samples:needed:)`` for a signal that cannot be reflected.
    package func analyze(
        _ samples: [Float]
    ) throws(AudioError) -> (amplitudes: [Float], phases: [Float], frames: Int) {
        let padding = fftSize / 2
        guard samples.count > padding else {
            throw .tooShort(stage: "the bandwidth extension", samples: samples.count, needed: padding + 1)
        }
        let signal =
            samples[1...padding].reversed() + samples
            + samples[(samples.count - padding - 1)..<samples.count - 1].reversed()
        let frames = samples.count / hopSamples + 1
        let bins = forward.bins
        var amplitudes = [Float](repeating: 0, count: frames * bins)
        var phases = amplitudes
        var spectra = forward.makeSpectra()
        for first in stride(from: 0, to: frames, by: Lanes.scalarCount) {
            let lanes = min(Lanes.scalarCount, frames - first)
            for lane in 0..<lanes {
                let start = (first + lane) * hopSamples
                for index in 0..<fftSize {
                    spectra.set(Double(signal[start + index] * window[index]), at: index, lane: lane)
                }
            }
            forward.transform(&spectra)
            for bin in 0..<bins {
                for lane in 0..<lanes {
                    let (re, im) = (Float(spectra.re[bin][lane]), Float(spectra.im[bin][lane]))
                    amplitudes[(first + lane) * bins + bin] = logf((re * re + im * im).squareRoot() + 1e-4)
                    phases[(first + lane) * bins + bin] = atan2f(im, re)
                }
            }
        }
        return (amplitudes, phases, frames)
    }

    /// The signal of amplitudes and phases: frames are transformed back, windowed, added, and divided by the sum of the
    /// squared windows; `(frames − 1) · hopSamples` samples.
    package func synthesize(amplitudes: [Float], phases: [Float], frames: Int) -> [Float] {
        let bins = forward.bins
        precondition(
            amplitudes.count == frames * bins && phases.count == frames * bins,
            "ShortTimeTransform: \(amplitudes.count) values for \(frames) frames")
        let length = fftSize + (frames - 1) * hopSamples
        var sum = [Double](repeating: 0, count: length)
        var weight = sum
        var work = FourierWorkspace(length: fftSize)
        for first in stride(from: 0, to: frames, by: Lanes.scalarCount) {
            let lanes = min(Lanes.scalarCount, frames - first)
            for lane in 0..<lanes {
                for bin in 0..<bins {
                    let index = (first + lane) * bins + bin
                    let amplitude = expf(amplitudes[index])
                    let re = Double(amplitude * cosf(phases[index]))
                    let im = Double(amplitude * sinf(phases[index]))
                    // The transform of the conjugate is the conjugate of the inverse; the signal is real.
                    let isEdge = bin == 0 || bin == fftSize / 2
                    work.re[bin][lane] = re
                    work.im[bin][lane] = isEdge ? 0 : -im
                    if !isEdge {
                        work.re[fftSize - bin][lane] = re
                        work.im[fftSize - bin][lane] = im
                    }
                }
            }
            complex.run(&work)
            for lane in 0..<lanes {
                let start = (first + lane) * hopSamples
                for index in 0..<fftSize where window[index] != 0 {
                    let w = Double(window[index])
                    sum[start + index] += work.re[index][lane] / Double(fftSize) * w
                    weight[start + index] += w * w
                }
            }
        }
        let range = fftSize / 2..<fftSize / 2 + (frames - 1) * hopSamples
        return range.map { weight[$0] > 1e-11 ? Float(sum[$0] / weight[$0]) : 0 }
    }
}
