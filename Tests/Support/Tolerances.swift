/// The largest difference from PyTorch's result, or from another evaluation, that a test accepts.
package enum Tolerance: Sendable, Equatable {
    /// Integers and tokens: identical.
    case exact
    /// Largest error at most `share` of the expectation's peak, or 20 × `float32Error` (the largest distance of
    /// upstream's single precision from its double precision), whichever is larger.
    case share(of: Float, float32Error: Float)
    /// 16-bit samples: at most this many counts.
    case counts(Int)
    /// Root mean square of the errors at most `share` of that of the expectation: for results of which single elements are
    /// undetermined in single precision.
    case rootMeanSquare(of: Float)

    /// The largest error that passes; `magnitude` is the expectation's peak or, for `rootMeanSquare`, its root mean square.
    package func limit(_ magnitude: Float) -> Float {
        switch self {
        case .exact: 0
        case .share(let share, let float32Error): max(share * magnitude, 20 * float32Error)
        case .counts(let counts): Float(counts)
        case .rootMeanSquare(let share): share * magnitude
        }
    }

    /// What this tolerance limits of `differences` from an expectation, and the expectation's magnitude. A difference that is
    /// not a number is infinite.
    package func measure(_ differences: [Float], of expected: [Float]) -> (error: Float, magnitude: Float) {
        let measure = if case .rootMeanSquare = self { rootMeanSquare } else { peak }
        return (measure(differences), measure(expected))
    }

    private func peak(_ values: [Float]) -> Float {
        values.reduce(0) { $1.isNaN ? .infinity : max($0, abs($1)) }
    }

    private func rootMeanSquare(_ values: [Float]) -> Float {
        let sum = values.reduce(0.0) { $1.isNaN ? .infinity : $0 + Double($1) * Double($1) }
        return Float((sum / Double(max(1, values.count))).squareRoot())
    }
}

/// The limits by kind of result.
package enum Tolerances {
    /// Hidden states, features, spectrograms: two correct single-precision evaluations differ by their order of
    /// summation; a wrong weight, mask or ε moves them by percents.
    package static func hidden(float32Error: Float = 0) -> Tolerance {
        .share(of: 1e-4, float32Error: float32Error)
    }

    /// Waveforms: the generator's tanh and 150 convolutions amplify rounding; 1e-3 of the peak is −60 dB below it.
    package static let waveform = Tolerance.share(of: 1e-3, float32Error: 0)

    /// Resampled audio and filter banks: short sums of the same numbers.
    package static let audio = Tolerance.share(of: 1e-5, float32Error: 0)

    /// Angles of spectra: an error of 1e-4 of the amplitude turns them by as much, more where they are quiet.
    package static let phase = Tolerance.share(of: 5e-3, float32Error: 0)

    /// Logarithms of amplitudes above 1e-4: upstream's transform is in single precision.
    package static let logAmplitude = Tolerance.share(of: 1e-3, float32Error: 0)

    /// Super-sampled speech: the network reads the angles of bands without sound, which rounding decides. Upstream's single
    /// precision is 0.025 of the root mean square from its own double precision. Each step is compared on recorded spectra.
    package static let superSampling = Tolerance.rootMeanSquare(of: 0.05)

    /// Speaker embeddings of a clip: upstream's filter bank is off by 4e-4 where a band is nearly silent, which moves its own
    /// embeddings by up to 3e-3 of their peak, on synthetic weights and loud clips by 1 %. A wrong weight, stride or
    /// norm moves them by far more.
    package static let speakerEmbedding = Tolerance.share(of: 0.02, float32Error: 0)

    /// The speaker network on given features: gates between some thirty maps multiply rounding. With synthetic weights of full
    /// size, upstream's single precision is 0.005 of the root mean square from its own double precision, single elements
    /// 4 % of the peak; ours is 0.008 from upstream's. Two swapped rows of the last convolution move it by 0.1.
    package static let speakerNetwork = Tolerance.rootMeanSquare(of: 0.02)

    /// Logarithms of mel energies: where a band is nearly silent, the logarithm magnifies the rounding of upstream's
    /// single-precision Fourier transform (ours is in double precision) by up to 1/energy.
    package static let logMel = Tolerance.share(of: 5e-4, float32Error: 0)

    /// Probabilities after sampling's filters: one softmax.
    package static let probability = Tolerance.share(of: 1e-5, float32Error: 0)

    /// Finished 16-bit speech: 4 counts of 32768 are what `waveform` allows on speech that peaks at an eighth.
    package static let samples = Tolerance.counts(4)

    /// Token ids, codes, chunk lengths: any difference is heard.
    package static let tokens = Tolerance.exact
}

/// Largest absolute errors (where it says so, errors relative to the peak) of results that are compared on their own.
package enum Limit {
    /// Same operations in the same order: every bit.
    package static let exact: Float = 0
    /// Values up to 1: a few units in the last place, from the order of a sum or a vector cosine.
    package static let rounding: Float = 3e-7
    /// Relative to the peak, for magnitudes: PyTorch's single-precision transform is itself off by 1.1e-7.
    package static let magnitude: Float = 2e-7
    /// Logarithms of quiet bands: PyTorch's own distance from double precision reaches 5e-4 (fbank), 1.2e-3 (mel of a
    /// loud clip).
    package static let logarithm: Float = 1.5e-3
    /// Normalised mels: `logarithm` divided by 7.
    package static let normalized: Float = 2.2e-4
    /// Log mels, normalised and back: an addition and a division by 7 each way, on values up to 12.
    package static let inverse: Float = 1e-5
    /// Lossy codecs, whose decoders' versions differ in rounding.
    package static let codec: Float = 2e-6
    /// Magnitudes whose exact value is 1, in single precision.
    package static let unitMagnitude: Float = 1e-6
    /// A resampled constant of 0.5: the pass-band ripple of a filter of six zero crossings.
    package static let resamplingRipple: Float = 2e-3
    /// A Fourier transform of `length` numbers up to ½ in double precision: rounding errors add up like a random walk.
    package static func transform(length: Int) -> Double { 2e-12 * Double(length).squareRoot() }
    /// Energies in double precision, relative: some thousand squares are summed.
    package static let energy = 1e-11

    /// Sums of up to 256 products of numbers below 1 in single precision: a sum may reach 16, its roundings are 2⁻²⁰ at
    /// most, and 256 of them add up like a random walk.
    package static let products: Float = 1.6e-5

    /// Logits up to 10 and probabilities of a BERT in single precision: onnxruntime sums in another order.
    package static let onnxLogits: Float = 1e-4
    /// Relative to the peak, two evaluations of the same 8-bit weights: scales are applied to sums in one and to weights in
    /// the other, and one keeps keys and values in half precision, whose unit is 5e-4.
    package static let int8Evaluation: Float = 1e-3
    /// Relative to the peak, 8-bit weights against full precision: steps of 1/254 of each row's peak, over two layers; a wrong
    /// scale gives errors of the size of the peak.
    package static let int8Quantization: Float = 0.1
    /// A weight in signed bytes: half a step, and the rounding of byte · scale. In steps.
    package static let quantizationStep: Float = 0.5001
    /// Means of a few logarithms of single-precision numbers.
    package static let divergence = 1e-6
    /// Sums of a few exact decimals in double precision.
    package static let decimalSum = 1e-9
}

/// Largest differences of single kernels and operations from their references in double precision, on values around 1.
extension Tolerances {
    /// Sums of at most some hundred products of values up to 1 in single precision, each rounded to 6e-8 of the sum.
    package static let product: Float = 1e-5
    /// Two orders of summation of three hundred products: packed kernels and OpenBLAS.
    package static let backEnds: Float = 3e-5
    /// Sums of some hundred to a thousand products: convolutions and their epilogues.
    package static let convolution: Float = 5e-5
    /// Transposed convolutions: sums of at most some hundred products per output.
    package static let transposedConvolution: Float = 2e-5
    /// A product with weights that are scaled to a variance of one, as a share of the peak.
    package static let scaledProduct: Float = 2e-6
    /// Quantized products as a share of the peak: scales reach 1 and weights 127.
    package static let quantizedProduct: Float = 1e-6
    /// Operations that round once or twice: linear interpolation, the inverse of a transform that was exact.
    package static let rounding: Float = 1e-6
    /// A factor and a comparison: one rounding.
    package static let leakyReLU: Float = 1e-7
    /// The polynomial of erfc (4e-7) times x.
    package static let gelu: Float = 2e-6
    /// tanh and sigmoid by the polynomial of exp, which is exact to 2 units in the last place.
    package static let sigmoid: Float = 3e-7
    /// x · tanh(softplus(x)), by two quotients of exponentials.
    package static let mish: Float = 5e-7
    /// exp itself, relative.
    package static let exponential: Float = 4e-7
    /// Mean, variance, root and quotient of up to 100 values around 3 that reach 8.
    package static let layerNorm: Float = 2e-5
    /// Probabilities: one exponential and one quotient.
    package static let softmax: Float = 3e-7
    /// Attention: scores of up to 100 products, softmax, and a weighted mean of values up to 1.
    package static let attention: Float = 2e-6
    /// Attention with relative positions: two more sums.
    package static let relativeAttention: Float = 3e-6
    /// One step of a GRU cell: tanh and sigmoid of sums of two.
    package static let gruCell: Float = 5e-7
    /// One step of a GRU with its product.
    package static let gru: Float = 1e-6
}
