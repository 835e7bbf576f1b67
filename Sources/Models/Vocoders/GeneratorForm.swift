/// The dimensions of a generator.
struct GeneratorForm: Sendable {
    /// What comes before the convolutions.
    enum BlockActivation: Sendable {
        /// HiFi-GAN's.
        case leakyReLU
        /// BigVGAN's, anti-aliased.
        case snake
    }
    /// Channels of the input and behind the first convolution; every stage halves the latter.
    let inputs: Int, channels: Int
    /// Rates of the stages, and the kernels of their transposed convolutions.
    let rates: [Int], kernels: [Int]
    /// Kernels of a stage's residual blocks, and their dilations.
    let blockKernels: [Int], blockDilations: [[Int]]
    /// Whether a block has a plain convolution behind each dilated one (`ResBlock1`).
    let isPaired: Bool
    var activation = BlockActivation.leakyReLU
    /// Whether samples are cut at ±1 instead of going through a tanh.
    var isClamped = false
    /// Width of the speaker vector; nil for a generator without the layer `cond`.
    var speakerChannels: Int?
}
