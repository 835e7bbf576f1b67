import Checkpoint
import Files
package import Tensor
import TensorKernelTable

/// HuBERT, the self-supervised speech encoder whose features the semantic tokens quantize (Hsu et al. 2021).
///
/// 16 kHz samples → seven strided convolutions (50 frames per second) → projection → positional convolution →
/// post-norm transformer. `[N]` → `[T, 768]`.
///
/// PyTorch: transformers' `HubertModel` with `feat_extract_norm = "group"` and `do_stable_layer_norm = false`,
/// the layout of `chinese-hubert-base`. Keys begin at the root (`feature_extractor.…`, `encoder.…`).
package struct HuBERT: Sendable {
    private let convolutions: [Conv1d]
    private let groupGain: Tensor, groupBias: Tensor
    private let featureNorm: LayerNorm
    private let projection: Linear
    private let position: Conv1d
    private let encoderNorm: LayerNorm
    private let layers: [TransformerLayer]
    /// The weights' file, if they are used in place, memory-mapped.
    private let mapped: MappedFile?

    /// Number of features per frame.
    package let featureCount: Int

    /// Reads `config.json` and `pytorch_model.bin` (or `model.safetensors`) in `folder`.
    package init(folder: String) throws {
        let config = try ConfigFile(folder: folder)
        try self.init(try Checkpoint.open(try HuggingFaceFolder.weightsPath(in: folder)), config)
    }

    /// Reads an open checkpoint; `recorder` records what the layers prepack.
    init(_ checkpoint: Checkpoint, _ config: ConfigFile, recorder: PrepackRecorder? = nil) throws {
        try config.require("feat_extract_norm", "group")
        try config.require("do_stable_layer_norm", false)
        try config.require("hidden_act", "gelu")
        try config.require("feat_extract_activation", "gelu")
        let kernels = try config.ints("conv_kernel", in: 1...64)
        let strides = try config.ints("conv_stride", in: 1...64)
        let epsilon = try config.float("layer_norm_eps")
        let heads = try config.int("num_attention_heads", in: 1...256)
        let groups = try config.int("num_conv_pos_embedding_groups", in: 1...1024)
        let depth = try config.int("num_hidden_layers", in: 1...256)
        guard kernels.count == strides.count, !kernels.isEmpty else {
            throw ModelError(
                path: config.path, key: "conv_stride", reason: "needs as many entries as conv_kernel")
        }
        try Self.checkReceptiveField(kernels, strides, config)
        let weights = WeightScope(checkpoint, recorder: recorder)

        let front = weights["feature_extractor"]["conv_layers"]
        var inputs = 1
        var convolutions: [Conv1d] = []
        for (index, (kernel, stride)) in zip(kernels, strides).enumerated() {
            let scope = front[index]["conv"]
            let outputs = scope.axes(of: "weight", 3)?[0] ?? 512
            convolutions.append(
                try Conv1d(
                    scope, inputs: inputs, outputs: outputs, kernelSize: kernel, bias: false,
                    ConvolutionOptions(stride: stride, activation: index == 0 ? .identity : .gelu)))
            inputs = outputs
        }
        self.convolutions = convolutions
        let first = convolutions[0].packed.outputChannels
        groupGain = Tensor(try front[0]["layer_norm"].tensor("weight", [first]))
        groupBias = Tensor(try front[0]["layer_norm"].tensor("bias", [first]))
        featureNorm = try LayerNorm(weights["feature_projection"]["layer_norm"], inputs, epsilon: epsilon)
        let projectionScope = weights["feature_projection"]["projection"]
        let C = projectionScope.axes(of: "weight", 2)?[0] ?? 768
        featureCount = C
        projection = try Linear(projectionScope, inputs: inputs, outputs: C)
        guard C % heads == 0, C % groups == 0 else {
            throw ModelError(
                path: config.path, key: "num_attention_heads", reason: "\(C) features do not divide")
        }
        let positionScope = weights["encoder"]["pos_conv_embed"]["conv"]
        let kernelSize =
            (positionScope.axes(of: "weight_v", 3)
            ?? positionScope.axes(of: "parametrizations.weight.original1", 3))?[2] ?? 128
        position = try Conv1d(
            positionScope, inputs: C, outputs: C, kernelSize: kernelSize, groups: groups,
            ConvolutionOptions(padding: kernelSize / 2, activation: .gelu))
        encoderNorm = try LayerNorm(weights["encoder"]["layer_norm"], C, epsilon: epsilon)
        layers = try (0..<depth).map { index in
            let scope = weights["encoder"]["layers"][index]
            let attention = scope["attention"]
            let F = scope["feed_forward"]["intermediate_dense"].axes(of: "weight", 2)?[0] ?? 4 * C
            return TransformerLayer(
                query: try Linear(attention["q_proj"], inputs: C, outputs: C),
                key: try Linear(attention["k_proj"], inputs: C, outputs: C),
                value: try Linear(attention["v_proj"], inputs: C, outputs: C),
                output: try Linear(attention["out_proj"], inputs: C, outputs: C),
                norm1: try LayerNorm(scope["layer_norm"], C, epsilon: epsilon),
                up: try Linear(scope["feed_forward"]["intermediate_dense"], inputs: C, outputs: F),
                down: try Linear(scope["feed_forward"]["output_dense"], inputs: F, outputs: C),
                norm2: try LayerNorm(scope["final_layer_norm"], C, epsilon: epsilon), heads: heads)
        }
        weights.markUsed("masked_spec_embed")  // for training only
        try weights.assertAllUsed()
        // Convolutions are packed copies; weights used in place are paged in again on access.
        checkpoint.file.releasePages()
        mapped = layers.contains { $0.up.weight.isMapped } ? checkpoint.file : nil
    }

    /// The shortest reference, 3 s at 16 kHz, must give a frame.
    private static func checkReceptiveField(_ kernels: [Int], _ strides: [Int], _ config: ConfigFile) throws {
        var samples = 1
        for (kernel, stride) in zip(kernels, strides).reversed() {
            samples = (samples - 1) * stride + kernel
            guard samples <= 48_000 else {
                throw ModelError(
                    path: config.path, key: "conv_stride",
                    reason: "a frame takes more than 48000 samples (3 s)")
            }
        }
    }

    /// Samples needed for one frame of output.
    package var receptiveSamples: Int {
        convolutions.reversed().reduce(1) { ($0 - 1) * $1.options.stride + $1.packed.taps }
    }

    /// 16 kHz samples → features `[T, C]`, one row per 20 ms.
    package func callAsFunction(_ samples: [Float], trace: ActivationTrace = .none) -> Tensor {
        precondition(samples.count >= receptiveSamples, "HuBERT: \(samples.count) samples are too few")
        var x = extracted(Tensor(samples, [samples.count, 1]), trace: trace)
        trace("feature_extractor", x)
        x = projection(featureNorm(x))
        trace("feature_projection", x)
        // An even kernel with symmetric padding gives one row too many; the last one is dropped.
        let positions = position(x).rows(0..<x.shape[0])
        trace("encoder.pos_conv_embed", positions)
        x = encoderNorm(x, residual: positions)
        trace("encoder.layer_norm", x)
        for (index, layer) in layers.enumerated() {
            x = layer(x)
            mapped?.releasePages()
            trace("encoder.layers.\(index)", x)
        }
        return x
    }

    /// Rows of the first convolution's result per block. The activations of a block stay in the caches, and the weights
    /// of all layers, read once per block, are far less memory traffic than they.
    static let pieceRows = 2048

    /// The convolutions, block by block: the first one's output is 6.5 MB per second of speech. `pieceRows` does not
    /// change the result.
    func extracted(_ samples: Tensor, pieceRows: Int = HuBERT.pieceRows, trace: ActivationTrace = .none)
        -> Tensor
    {
        var options = convolutions[0].options
        options.activation = .gelu
        let first = convolutions[0].packed.columnNormed(
            over: samples, options, gain: groupGain, bias: groupBias, epsilon: 1e-5)
        if trace.isRecording { trace("feature_extractor.conv_layers.0", samples.convolved(first, options)) }
        var last = RowWindow(samples)
        var streams: [ConvolutionStream] = []
        func append(_ convolution: PackedConvolution, _ options: ConvolutionOptions) {
            let rows = options.outputRows(last.total, taps: convolution.taps)
            let window = RowWindow(columns: convolution.outputChannels, total: rows)
            streams.append(ConvolutionStream(convolution, options, from: last, to: window))
            last = window
        }
        append(first, options)
        for convolution in convolutions.dropFirst() { append(convolution.packed, convolution.options) }
        while !last.isComplete {
            streams[0].advance(count: pieceRows)
            for index in streams.indices.dropFirst() { streams[index].advance() }
        }
        return last.whole()
    }
}
