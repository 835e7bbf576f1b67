import Checkpoint
import Tensor
import TensorKernelTable

/// HiFi-GAN's generator: latent `[T, C]` and, where it is conditioned, a speaker `[1, G]` → samples
/// `[T · Π rates, 1]` (Kong et al. 2020).
///
/// PyTorch: upstream's `Generator`, prefix `dec`. A generator without the layer `cond` is a plain vocoder.
struct Generator: Sendable {
    private let input: Conv1d
    /// nil for a generator without speaker conditioning.
    private let condition: Linear?
    /// Channels behind the first convolution.
    private let channels: Int
    private let stages: [Stage]
    private let output: Conv1d

    private struct Stage {
        let upsample: ConvTranspose1d
        let blocks: [ResidualBlock]
    }

    /// - Parameter speakerChannels: width of the speaker vector; nil for a generator without the layer `cond`.
    init(_ weights: WeightScope, _ config: SoVITSConfiguration, speakerChannels: Int?) throws(CheckpointError)
    {
        let C = config.upsampleChannels
        channels = C
        input = try Conv1d(
            weights["conv_pre"], inputs: config.interChannels, outputs: C, kernelSize: 7,
            ConvolutionOptions(padding: 3))
        condition = try speakerChannels.map { width throws(CheckpointError) in
            try Linear(weights["cond"], inputs: width, outputs: C, pointwise: true)
        }
        let kinds = config.resblockKernels.count
        var stages: [Stage] = []
        for (index, (rate, kernel)) in zip(config.upsampleRates, config.upsampleKernels).enumerated() {
            let channels = C >> (index + 1)
            var blocks: [ResidualBlock] = []
            for kind in 0..<kinds {
                blocks.append(
                    try ResidualBlock(
                        weights["resblocks"][index * kinds + kind], channels: channels,
                        kernel: config.resblockKernels[kind], dilations: config.resblockDilations[kind],
                        paired: config.resblock == "1"))
            }
            stages.append(
                Stage(
                    upsample: try ConvTranspose1d(
                        weights["ups"][index], inputs: C >> index, outputs: channels, kernelSize: kernel,
                        stride: rate,
                        padding: (kernel - rate) / 2,
                        inputActivation: .leakyReLU(slope: 0.1)),
                    blocks: blocks))
        }
        self.stages = stages
        output = try Conv1d(
            weights["conv_post"], inputs: C >> config.upsampleRates.count, outputs: 1, kernelSize: 7,
            bias: weights["conv_post"].has("bias"),
            ConvolutionOptions(padding: 3, inputActivation: .leakyReLU(slope: 0.01), activation: .tanh))
    }

    /// Whether weights are read where their file is mapped.
    var isMapped: Bool { stages.contains { $0.upsample.packed.isMapped } }

    /// Values of one tensor that the first stage makes at a time; later ones make fewer, down to a quarter. What a
    /// stage's layers keep of them stays in the caches, and is most of the memory that a synthesis takes: 2,048 rows
    /// are enough to read weights seldom, and a narrow voice has them in less memory.
    static func pieceValues(channels: Int) -> Int { 1024 * min(channels, 512) }

    /// Memory does not grow with the length of the latent, the samples excepted. `pieceValues` does not change the
    /// result.
    func callAsFunction(
        _ latent: Tensor, speaker: Tensor? = nil, pieceValues: Int? = nil, trace: ActivationTrace = .none
    ) -> Tensor {
        precondition(
            (speaker == nil) == (condition == nil),
            "Generator: speaker \(speaker == nil ? "missing" : "given"), \(condition == nil ? "not " : "")conditioned"
        )
        trace("conv_pre", input(latent))
        var first = input.packed
        if let condition, let speaker {
            let row = condition(speaker)
            trace("cond", row)
            first = first.addingBias(row)
        }
        // Recorded stages are computed whole.
        let piece = trace.isRecording ? Int.max : pieceValues ?? Self.pieceValues(channels: channels)
        let frames = RowWindow(latent)
        let before = RowWindow(columns: channels, total: frames.total)
        var pre = ConvolutionStream(first, input.options, from: frames, to: before)
        var streams: [StageStream] = []
        for stage in stages {
            // The first stages have the most weights, and read all of them for every piece.
            let values = piece == .max ? piece : max(piece >> streams.count, piece / 4)
            streams.append(StageStream(stage, from: streams.last?.output ?? before, pieceValues: values))
        }
        let last = streams.last?.output ?? before
        let samples = RowWindow(columns: 1, total: last.total)
        // Recorded before its tanh, the last layer's result goes through it afterwards.
        var final = output.options
        if trace.isRecording { final.activation = .identity }
        var post = ConvolutionStream(output.packed, final, from: last, to: samples)

        /// Makes what stage `index` can make, piece by piece, and of each piece what the stages behind it can.
        func advance(_ index: Int) {
            guard index < streams.count else { return post.advance() }
            while streams[index].advance(trace: trace["ups.\(index)"]) { advance(index + 1) }
        }
        while pre.made < frames.total {
            pre.advance(count: max(1, piece / channels))
            advance(0)
        }
        guard trace.isRecording else { return samples.whole() }
        trace("conv_post", samples.whole())
        return samples.whole().activated(.tanh)
    }

    /// A stage over a sequence that comes in parts.
    private struct StageStream {
        let output: RowWindow
        private var upsampling: UpsamplingStream
        private var blocks: [ResidualBlock.Stream]
        private let pieceRows: Int

        init(_ stage: Stage, from input: RowWindow, pieceValues: Int) {
            upsampling = UpsamplingStream(
                stage.upsample.packed, inputActivation: stage.upsample.inputActivation,
                from: input)
            let upsampled = upsampling.output
            output = RowWindow(columns: upsampled.columns, total: upsampled.total)
            pieceRows = max(1, pieceValues / upsampled.columns)
            blocks = []
            let count = stage.blocks.count
            for (index, block) in stage.blocks.enumerated() {
                let isLast = index == count - 1
                let destination: ConvolutionStream.Destination =
                    count == 1
                    ? .store
                    : index == 0 ? .begin : .add(scale: isLast ? 1 / Float(count) : 1, publishes: isLast)
                blocks.append(ResidualBlock.Stream(block, from: upsampled, to: output, destination))
            }
        }

        /// Makes another piece; tells whether there was input for one.
        mutating func advance(trace: ActivationTrace) -> Bool {
            guard upsampling.advance(count: pieceRows) else { return false }
            trace("", upsampling.output.rows(0..<upsampling.output.total))
            // The blocks' results are added in one order, wherever their rows end.
            var limit = Int.max
            for index in blocks.indices {
                blocks[index].advance(limit: limit)
                limit = blocks[index].made
            }
            return true
        }
    }
}

/// Dilated convolutions with residuals: `[T, C]` → `[T, C]`.
///
/// PyTorch: upstream's `ResBlock1` (pairs: a dilated and a plain convolution) and `ResBlock2` (single ones). The
/// leaky ReLU of slope 0.1 before each is part of the convolution's input pass.
struct ResidualBlock: Sendable {
    private let first: [Conv1d]
    private let second: [Conv1d]

    init(_ weights: WeightScope, channels C: Int, kernel: Int, dilations: [Int], paired: Bool)
        throws(CheckpointError)
    {
        func layer(_ scope: WeightScope, dilation: Int) throws(CheckpointError) -> Conv1d {
            try Conv1d(
                scope, inputs: C, outputs: C, kernelSize: kernel, spectral: true,
                ConvolutionOptions(
                    dilation: dilation, padding: (kernel * dilation - dilation) / 2,
                    inputActivation: .leakyReLU(slope: 0.1)))
        }
        var first: [Conv1d] = []
        var second: [Conv1d] = []
        for (index, dilation) in dilations.enumerated() {
            first.append(try layer(weights[paired ? "convs1" : "convs"][index], dilation: dilation))
            if paired { second.append(try layer(weights["convs2"][index], dilation: 1)) }
        }
        self.first = first
        self.second = second
    }

    /// A block over a sequence that comes in parts.
    struct Stream {
        private var layers: [ConvolutionStream] = []

        init(
            _ block: ResidualBlock, from input: RowWindow, to output: RowWindow,
            _ destination: ConvolutionStream.Destination
        ) {
            func window() -> RowWindow { RowWindow(columns: input.columns, total: input.total) }
            var x = input
            for (index, first) in block.first.enumerated() {
                let isLast = index == block.first.count - 1
                let y = isLast ? output : window()
                let place = isLast ? destination : .store
                if block.second.isEmpty {
                    layers.append(
                        ConvolutionStream(first.packed, first.options, from: x, to: y, residual: x, place))
                } else {
                    let between = window()
                    let second = block.second[index]
                    layers.append(ConvolutionStream(first.packed, first.options, from: x, to: between))
                    layers.append(
                        ConvolutionStream(
                            second.packed, second.options, from: between, to: y, residual: x, place))
                }
                x = y
            }
        }

        /// Rows of the block's result made so far.
        var made: Int { layers.last?.made ?? 0 }

        /// Makes the rows that can be made, none of the result from `limit` on.
        mutating func advance(limit: Int) {
            for index in layers.indices {
                layers[index].advance(limit: index == layers.count - 1 ? limit : .max)
            }
        }
    }
}
