import Checkpoint
import Tensor
import TensorKernelTable

/// HiFi-GAN's generator: latent or mel spectrogram `[T, C]` and, where it is conditioned, a speaker `[1, G]` → samples
/// `[T · Π rates, 1]` (Kong et al. 2020). With anti-aliased Snake activations it is BigVGAN's (Lee et al. 2023).
///
/// PyTorch: upstream's `Generator` (SoVITS's `dec`, v4's vocoder), and `BigVGAN`.
struct Generator: Sendable {
    private let form: GeneratorForm
    private let input: Conv1d
    /// nil for a generator without speaker conditioning.
    private let condition: Linear?
    /// Channels behind the first convolution.
    private let channels: Int
    private let stages: [Stage]
    /// Before the last layer; nil where it applies a leaky ReLU to its input.
    private let outputActivation: AliasFreeSnake?
    private let output: Conv1d

    private struct Stage {
        let upsample: ConvTranspose1d
        let blocks: [ResidualBlock]
    }

    /// - Throws: `CheckpointError` naming the tensor that is missing or of another shape.
    init(_ weights: WeightScope, _ form: GeneratorForm) throws(CheckpointError) {
        let C = form.channels
        channels = C
        self.form = form
        input = try Conv1d(
            weights["conv_pre"], inputs: form.inputs, outputs: C, kernelSize: 7,
            ConvolutionOptions(padding: 3))
        condition = try form.speakerChannels.map { width throws(CheckpointError) in
            try Linear(weights["cond"], inputs: width, outputs: C, pointwise: true)
        }
        let kinds = form.blockKernels.count
        let isSnake = form.activation == .snake
        var stages: [Stage] = []
        for (index, (rate, kernel)) in zip(form.rates, form.kernels).enumerated() {
            let channels = C >> (index + 1)
            var blocks: [ResidualBlock] = []
            for kind in 0..<kinds {
                blocks.append(
                    try ResidualBlock(
                        weights["resblocks"][index * kinds + kind], channels: channels,
                        kernel: form.blockKernels[kind], dilations: form.blockDilations[kind],
                        paired: form.isPaired, form.activation))
            }
            let scope = weights["ups"][index]
            stages.append(
                Stage(
                    upsample: try ConvTranspose1d(
                        isSnake ? scope[0] : scope, inputs: C >> index, outputs: channels, kernelSize: kernel,
                        stride: rate, padding: (kernel - rate) / 2,
                        inputActivation: isSnake ? .identity : .leakyReLU(slope: 0.1)),
                    blocks: blocks))
        }
        self.stages = stages
        let last = C >> form.rates.count
        outputActivation = isSnake ? try AliasFreeSnake(weights["activation_post"], channels: last) : nil
        output = try Conv1d(
            weights["conv_post"], inputs: last, outputs: 1, kernelSize: 7,
            bias: weights["conv_post"].has("bias"),
            ConvolutionOptions(
                padding: 3, inputActivation: isSnake ? .identity : .leakyReLU(slope: 0.01),
                activation: form.isClamped ? .identity : .tanh))
    }

    /// Samples that a row of the input becomes.
    var samplesPerFrame: Int { form.rates.reduce(1, *) }

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
        let activated = outputActivation.map { _ in RowWindow(columns: last.columns, total: last.total) }
        var snake = outputActivation.map { SnakeStream($0, from: last, to: activated ?? last) }
        // Recorded before its tanh, the last layer's result goes through it afterwards.
        var final = output.options
        if trace.isRecording { final.activation = .identity }
        var post = ConvolutionStream(output.packed, final, from: activated ?? last, to: samples)

        /// Makes what stage `index` can make, piece by piece, and of each piece what the stages behind it can.
        func advance(_ index: Int) {
            guard index < streams.count else {
                snake?.advance()
                if let activated { trace("activation_post", activated.rows(0..<activated.total)) }
                return post.advance()
            }
            while streams[index].advance(traced(index, trace)) { advance(index + 1) }
        }
        while pre.made < frames.total {
            pre.advance(count: max(1, piece / channels))
            advance(0)
        }
        var result = samples.whole()
        trace("conv_post", result)
        if form.isClamped {
            result.clamp(-1, 1)
        } else if trace.isRecording {
            result = result.activated(.tanh)
        }
        return result
    }

    /// What is recorded of stage `index`, which is then computed whole: the upsampled rows and, of a vocoder's first stage, its
    /// first block.
    private func traced(_ index: Int, _ trace: ActivationTrace) -> ((Tensor) -> Void)? {
        guard trace.isRecording else { return nil }
        return { rows in
            trace(form.activation == .snake ? "ups.\(index).0" : "ups.\(index)", rows)
            guard index == 0, form.speakerChannels == nil, let block = stages[index].blocks.first else {
                return
            }
            if let snake = block.activations.first { trace("resblocks.0.activations.0", snake(rows)) }
            trace("resblocks.0", block(rows))
        }
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
        mutating func advance(_ trace: ((Tensor) -> Void)?) -> Bool {
            guard upsampling.advance(count: pieceRows) else { return false }
            trace?(upsampling.output.rows(0..<upsampling.output.total))
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
