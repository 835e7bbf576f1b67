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
    private let frames: WindowedFrames
    private let complex: ComplexTransform
    private var fftSize: Int { frames.fftSize }
    private var hopSamples: Int { frames.hopSamples }

    /// Precomputes window and transforms.
    ///
    /// - Parameters:
    ///   - fftSize: points of the transform, even.
    ///   - hopSamples: samples from frame to frame.
    ///   - windowSamples: length of the window.
    /// - Precondition: `0 < hopSamples ≤ windowSamples ≤ fftSize`.
    package init(fftSize: Int, hopSamples: Int, windowSamples: Int) {
        precondition(
            hopSamples <= windowSamples && fftSize % 2 == 0,
            "ShortTimeTransform: \(fftSize), \(hopSamples), \(windowSamples)")
        frames = WindowedFrames(fftSize: fftSize, hopSamples: hopSamples, windowSamples: windowSamples)
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
        let signal = WindowedFrames.reflected(samples, by: padding)
        let (bins, count) = (frames.transform.bins, frames.count(in: signal.count))
        var amplitudes = [Float](repeating: 0, count: count * bins)
        var phases = amplitudes
        frames.forEach(in: signal) { range, spectra in
            for bin in 0..<bins {
                // These bins of a real signal are real; a remainder of rounding would choose between the angles π and −π.
                let isReal = bin == 0 || bin == fftSize / 2
                for (lane, frame) in range.enumerated() {
                    let re = Float(spectra.re[bin][lane])
                    let im = isReal ? 0 : Float(spectra.im[bin][lane])
                    amplitudes[frame * bins + bin] = logf((re * re + im * im).squareRoot() + 1e-4)
                    phases[frame * bins + bin] = atan2f(im, re)
                }
            }
        }
        return (amplitudes, phases, count)
    }

    /// The signal of amplitudes and phases: frames are transformed back, windowed, added, and divided by the sum of the
    /// squared windows; `(frames − 1) · hopSamples` samples.
    package func synthesize(amplitudes: [Float], phases: [Float], frames count: Int) -> [Float] {
        let (bins, window) = (frames.transform.bins, frames.window)
        precondition(
            amplitudes.count == count * bins && phases.count == count * bins,
            "ShortTimeTransform: \(amplitudes.count) values for \(count) frames")
        let length = fftSize + (count - 1) * hopSamples
        var sum = [Double](repeating: 0, count: length)
        var weight = sum
        var work = FourierWorkspace(length: fftSize)
        for first in stride(from: 0, to: count, by: Lanes.scalarCount) {
            let lanes = min(Lanes.scalarCount, count - first)
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
        let range = fftSize / 2..<fftSize / 2 + (count - 1) * hopSamples
        return range.map { weight[$0] > 1e-11 ? Float(sum[$0] / weight[$0]) : 0 }
    }
}
