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

// MARK: - Converted weights

extension Tolerances {
    /// Products with signed bytes against those with the same values widened: scales are applied to sums instead of
    /// weights, and keys and values are kept in half precision (2⁻¹¹). Share of the peak.
    public static let widenedBytes: Float = 1e-3

    /// Logits with signed bytes against the original weights: half a step of 127 per weight, over a stack of layers. Share of
    /// the peak; wrong scales or rows give errors of the size of the peak.
    public static let signedBytes: Float = 0.1

    /// A weight in signed bytes: half a step, and the rounding of byte · scale. In steps.
    public static let quantizationStep: Float = 0.5001

    /// Differences of logarithms in closed form, from logits in single precision (2⁻²⁴).
    public static let logarithm = 1e-6
}
