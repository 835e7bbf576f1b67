#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Windowed-sinc resampling, equal to `torchaudio.transforms.Resample(from, to)` with its default parameters
/// (`sinc_interp_hann`, six zero crossings to each side, roll-off 0.99).
///
/// Output sample `k·new + j` is `Σᵢ x[k·orig + i − width] · kernel[j][i]`, where `orig` and `new` are the rates
/// divided by their greatest common divisor and `kernel[j][i] = sinc(t)·cos²(πt/12)·scale`, `t` in zero crossings.
/// PyTorch runs it as a convolution with `orig + 2·width` taps; all but about a dozen of them are zero, so each
/// phase `j` keeps its non-zero taps only.
package struct SincResampler: Sendable {
    /// Rate of the input, in Hz.
    package let fromHz: Int
    /// Rate of the output, in Hz.
    package let toHz: Int
    /// `fromHz` over the greatest common divisor: input samples per period.
    let inputPeriod: Int
    /// `toHz` over the greatest common divisor: output samples per period, and phases of the kernel.
    let outputPeriod: Int
    /// Zeros set before the signal; PyTorch's `width`.
    let width: Int
    /// Taps kept per phase.
    let tapCount: Int
    /// First tap kept, per phase, as an index into PyTorch's kernel.
    let firstTap: [Int]
    /// `[phase][tap]`, row-major.
    let taps: [Float]

    private static let zeroCrossings = 6.0
    private static let rollOff = 0.99

    /// Computes the kernel for one pair of rates.
    ///
    /// - Precondition: both rates are positive.
    package init(from fromHz: Int, to toHz: Int) {
        precondition(fromHz > 0 && toHz > 0, "SincResampler: rates \(fromHz) and \(toHz) must be positive")
        self.fromHz = fromHz
        self.toHz = toHz
        let divisor = Self.greatestCommonDivisor(fromHz, toHz)
        let (orig, new) = (fromHz / divisor, toHz / divisor)
        let base = Double(min(orig, new)) * Self.rollOff
        let width = Int((Self.zeroCrossings * Double(orig) / base).rounded(.up))
        (self.inputPeriod, self.outputPeriod, self.width) = (orig, new, width)

        guard orig != new else {
            (tapCount, firstTap, taps) = (0, [], [])
            return
        }
        // |t| < 6 spans 12·orig/base inputs; two more cover the rounding of both ends.
        let length = orig + 2 * width
        let count = min(length, Int((2 * Self.zeroCrossings * Double(orig) / base).rounded(.up)) + 2)
        var first = [Int]()
        var values = [Float]()
        first.reserveCapacity(new)
        values.reserveCapacity(new * count)
        for phase in 0..<new {
            // PyTorch's only single-precision step: the phase's offset is a float32 quotient.
            let offset = Double(Float(-phase) / Float(new))
            let centre = -offset * Double(orig) + Double(width)
            let start = Int((centre - Self.zeroCrossings * Double(orig) / base).rounded(.down))
            let clamped = min(max(0, start), length - count)
            first.append(clamped)
            for tap in clamped..<clamped + count {
                values.append(
                    Self.kernel(
                        at: (offset + Double(tap - width) / Double(orig)) * base, scale: base / Double(orig)))
            }
        }
        (tapCount, firstTap, taps) = (count, first, values)
    }

    /// PyTorch's kernel `[phases, taps]` row-major, with the zeros that are not kept, and its `width`: for comparisons.
    package var denseKernel: (values: [Float], width: Int) {
        var values = [Float](repeating: 0, count: firstTap.count * (inputPeriod + 2 * width))
        for phase in firstTap.indices {
            let start = phase * (inputPeriod + 2 * width) + firstTap[phase]
            for tap in 0..<tapCount { values[start + tap] = taps[phase * tapCount + tap] }
        }
        return (values, width)
    }

    /// Samples that `count` input samples become.
    ///
    /// PyTorch takes the ceiling of a single-precision quotient, so beyond 2²⁴ samples the count is a rounded one.
    package func outputCount(forInput count: Int) -> Int {
        guard inputPeriod != outputPeriod else { return count }
        let exact = Double(outputPeriod * count) / Double(inputPeriod)
        return min(Int(Float(exact).rounded(.up)), (count / inputPeriod + 1) * outputPeriod)
    }

    /// The resampled signal.
    package func callAsFunction(_ samples: [Float]) -> [Float] {
        guard inputPeriod != outputPeriod else { return samples }
        let outputs = outputCount(forInput: samples.count)
        guard outputs > 0 else { return [] }
        var padded = [Float](repeating: 0, count: width)
        padded.reserveCapacity(samples.count + 2 * width + inputPeriod + tapCount)
        padded += samples
        padded += repeatElement(0, count: width + inputPeriod + tapCount)

        var result = [Float](repeating: 0, count: outputs)
        var (phase, start) = (0, 0)
        for output in 0..<outputs {
            result[output] = sum(padded, at: start + firstTap[phase], phase: phase)
            phase += 1
            if phase == outputPeriod { (phase, start) = (0, start + inputPeriod) }
        }
        return result
    }

    /// Accumulates in double precision: nearer to the exact sum than any order of single-precision additions.
    @inline(__always)
    private func sum(_ signal: [Float], at start: Int, phase: Int) -> Float {
        let row = phase * tapCount
        var (even, odd) = (0.0, 0.0)
        var tap = 0
        while tap + 1 < tapCount {
            even += Double(signal[start + tap]) * Double(taps[row + tap])
            odd += Double(signal[start + tap + 1]) * Double(taps[row + tap + 1])
            tap += 2
        }
        if tap < tapCount { even += Double(signal[start + tap]) * Double(taps[row + tap]) }
        return Float(even + odd)
    }

    /// The kernel's value `position` zero crossings from its centre, in double precision, stored as single.
    private static func kernel(at position: Double, scale: Double) -> Float {
        let t = min(max(position, -zeroCrossings), zeroCrossings)
        let window = cos(t * Double.pi / zeroCrossings / 2)
        let angle = t * Double.pi
        let sinc = angle == 0 ? 1 : sin(angle) / angle
        return Float(sinc * (window * window * scale))
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
