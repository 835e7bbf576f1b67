/// Discrete Fourier transform of real frames, the non-negative frequencies only: `torch.fft.rfft`.
///
/// Works in double precision on four frames at once; an even length runs as a complex transform of half of it.
/// Published models need lengths of 512, 1024, 1280 and 2048; a checkpoint's `filter_length` may give any other.
package struct RealTransform: Sendable {
    /// Samples per frame.
    package let length: Int
    /// Frequency bins per frame, `length / 2 + 1`.
    package var bins: Int { length / 2 + 1 }

    private let complex: ComplexTransform
    /// `exp(−2πi·k / length)` for the bins of an even length.
    private let twiddles: [ComplexTransform.Twiddle]

    /// Precomputes the plan.
    ///
    /// - Precondition: `length` is positive.
    package init(length: Int) {
        precondition(length > 0, "RealTransform: length \(length) must be positive")
        self.length = length
        let isEven = length % 2 == 0
        complex = ComplexTransform(length: isEven ? length / 2 : length)
        twiddles = isEven ? (0...length / 2).map { ComplexTransform.Twiddle($0, of: length) } : []
    }

    /// The spectrum of one frame.
    ///
    /// - Parameter frame: `length` samples.
    /// - Returns: real and imaginary parts, `bins` each.
    package func callAsFunction(_ frame: [Double]) -> (re: [Double], im: [Double]) {
        precondition(
            frame.count == length, "RealTransform: a frame of \(frame.count) samples, expected \(length)")
        var spectra = makeSpectra()
        for (index, sample) in frame.enumerated() { spectra.set(sample, at: index, lane: 0) }
        transform(&spectra)
        return (spectra.re.map { $0[0] }, spectra.im.map { $0[0] })
    }

    /// Input and output of four frames, to be reused.
    func makeSpectra() -> Spectra { Spectra(length: length, bins: bins) }

    /// Input and output of a transform of four frames.
    struct Spectra {
        fileprivate var work: FourierWorkspace
        private let isEven: Bool
        /// Real parts, `[bin]`, after `transform`.
        fileprivate(set) var re: [Lanes]
        /// Imaginary parts, `[bin]`, after `transform`.
        fileprivate(set) var im: [Lanes]

        fileprivate init(length: Int, bins: Int) {
            isEven = length % 2 == 0
            work = FourierWorkspace(length: isEven ? length / 2 : length)
            re = [Lanes](repeating: .zero, count: bins)
            im = re
        }

        /// Sets sample `index` of the frame in `lane`. All samples must be set before each transform.
        @inline(__always)
        mutating func set(_ sample: Double, at index: Int, lane: Int) {
            if !isEven {
                work.re[index][lane] = sample
                work.im[index][lane] = 0
            } else if index & 1 == 0 {
                work.re[index / 2][lane] = sample
            } else {
                work.im[index / 2][lane] = sample
            }
        }
    }

    /// Replaces `spectra.re` and `spectra.im` by the spectra of the frames that were set.
    func transform(_ spectra: inout Spectra) {
        complex.run(&spectra.work)
        guard length % 2 == 0 else {
            for k in 0..<bins {
                spectra.re[k] = spectra.work.re[k]
                spectra.im[k] = spectra.work.im[k]
            }
            return
        }
        // Even samples went in as real, odd ones as imaginary parts: with Z their transform, the even half's
        // spectrum is (Z[k] + Z*[h−k]) / 2, the odd half's is (Z[k] − Z*[h−k]) / 2i, and X = E + exp(−2πik/N)·O.
        let half = length / 2
        for k in 0...half {
            let (front, back) = (k == half ? 0 : k, k == 0 ? 0 : half - k)
            let (frontRe, frontIm) = (spectra.work.re[front], spectra.work.im[front])
            let (backRe, backIm) = (spectra.work.re[back], spectra.work.im[back])
            let (evenRe, evenIm) = ((frontRe + backRe) * 0.5, (frontIm - backIm) * 0.5)
            let (oddRe, oddIm) = ((frontIm + backIm) * 0.5, (backRe - frontRe) * 0.5)
            let w = twiddles[k]
            spectra.re[k] = evenRe + oddRe * w.re - oddIm * w.im
            spectra.im[k] = evenIm + oddRe * w.im + oddIm * w.re
        }
    }
}
