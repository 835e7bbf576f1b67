/// How far a result may be from PyTorch's, with the reason. Nothing else decides a comparison.
public enum Tolerance: Sendable, Equatable {
    /// Integers and tokens: identical.
    case exact
    /// Largest error at most `share` of the expectation's peak, or 20 × the yardstick (the distance of upstream's
    /// single precision from double precision), whichever is larger.
    case share(of: Float, yardstick: Float)
    /// 16-bit samples: at most this many counts.
    case counts(Int)

    /// The largest error that passes.
    public func limit(peak: Float) -> Float {
        switch self {
        case .exact: 0
        case .share(let share, let yardstick): max(share * peak, 20 * yardstick)
        case .counts(let counts): Float(counts)
        }
    }
}

/// The limits by kind of result.
public enum Tolerances {
    /// Hidden states, features, spectrograms: two correct single-precision evaluations differ by their order of
    /// summation; a wrong weight, mask or ε moves them by percents.
    public static func hidden(yardstick: Float = 0) -> Tolerance { .share(of: 1e-4, yardstick: yardstick) }

    /// Waveforms: the generator's tanh and 150 convolutions amplify rounding; 1e-3 of the peak is −60 dB below it.
    public static let waveform = Tolerance.share(of: 1e-3, yardstick: 0)

    /// Resampled audio and filter banks: short sums of the same numbers.
    public static let audio = Tolerance.share(of: 1e-5, yardstick: 0)

    /// Logarithms of mel energies: where a band is nearly silent, the logarithm magnifies the rounding of upstream's
    /// single-precision Fourier transform (ours is in double precision) by up to 1/energy.
    public static let logMel = Tolerance.share(of: 5e-4, yardstick: 0)

    /// Probabilities after sampling's filters: one softmax.
    public static let probability = Tolerance.share(of: 1e-5, yardstick: 0)

    /// Finished 16-bit speech: 4 counts of 32768 are what `waveform` allows on speech that peaks at an eighth.
    public static let samples = Tolerance.counts(4)

    /// Token ids, codes, chunk lengths: any difference is heard.
    public static let tokens = Tolerance.exact
}

/// Largest differences of single kernels and operations from their references in double precision, on values around 1.
extension Tolerances {
    /// Sums of at most some hundred products of values up to 1 in single precision, each rounded to 6e-8 of the sum.
    public static let product: Float = 1e-5
    /// Sums of some hundred to a thousand products: convolutions and their epilogues.
    public static let convolution: Float = 5e-5
    /// Transposed convolutions: sums of at most some hundred products per output.
    public static let transposedConvolution: Float = 2e-5
    /// A product with weights that are scaled to a variance of one, as a share of the peak.
    public static let scaledProduct: Float = 2e-6
    /// Quantized products as a share of the peak: scales reach 1 and weights 127.
    public static let quantizedProduct: Float = 1e-6
    /// Operations that round once or twice: linear interpolation, the inverse of a transform that was exact.
    public static let rounding: Float = 1e-6
    /// A factor and a comparison: one rounding.
    public static let leakyReLU: Float = 1e-7
    /// The polynomial of erfc (4e-7) times x.
    public static let gelu: Float = 2e-6
    /// tanh and sigmoid by the polynomial of exp, which is exact to 2 units in the last place.
    public static let sigmoid: Float = 3e-7
    /// x · tanh(softplus(x)), by two quotients of exponentials.
    public static let mish: Float = 5e-7
    /// exp itself, relative.
    public static let exponential: Float = 4e-7
    /// Mean, variance, root and quotient of up to 100 values around 3 that reach 8.
    public static let layerNorm: Float = 2e-5
    /// Probabilities: one exponential and one quotient.
    public static let softmax: Float = 3e-7
    /// Attention: scores of up to 100 products, softmax, and a weighted mean of values up to 1.
    public static let attention: Float = 2e-6
    /// Attention with relative positions: two more sums.
    public static let relativeAttention: Float = 3e-6
    /// One step of a GRU cell: tanh and sigmoid of sums of two.
    public static let gruCell: Float = 5e-7
    /// One step of a GRU with its product.
    public static let gru: Float = 1e-6
}
