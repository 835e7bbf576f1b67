#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Analysis windows, in PyTorch's single precision.
package enum Window {
    /// `torch.hann_window(count, periodic)`: `0.5 − 0.5·cos(2πi / (count − 1))`, with `count` instead of
    /// `count − 1` when periodic. Argument, cosine and result are each rounded to single precision.
    package static func hann(_ count: Int, periodic: Bool = true) -> [Float] {
        guard count > 1 else { return [Float](repeating: 1, count: max(0, count)) }
        let step = Float(2 * Double.pi / Double(periodic ? count : count - 1))
        return (0..<count).map { index in
            let cosine = Float(cos(Double(Float(index) * step)))
            return cosine * -0.5 + 0.5
        }
    }

    /// Kaldi's window, `torch.hann_window(count, periodic=False).pow(0.85)`: a Hann window that falls to zero
    /// more steeply at its ends.
    package static func povey(_ count: Int) -> [Float] {
        hann(count, periodic: false).map { Float(pow(Double($0), 0.85)) }
    }
}
