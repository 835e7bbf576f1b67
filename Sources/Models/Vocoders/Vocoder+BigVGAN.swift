import Checkpoint

extension Vocoder {
    /// The vocoder of v3: log mel spectrogram at 93.75 frames per second → 24 kHz.
    ///
    /// PyTorch: NVIDIA's `BigVGAN` v2 (Lee et al. 2023); folder `models--nvidia--bigvgan_v2_24khz_100band_256x` with
    /// `config.json` and `bigvgan_generator.pt`, whose tensors lie under `generator`.
    ///
    /// Reads the vocoder in a folder; a converted form beside the checkpoint is preferred.
    ///
    /// - Throws: `CheckpointError`, `ModelError`.
    package static func bigVGAN(folder: String) throws -> Vocoder {
        let original = folder + "/bigvgan_generator.pt"
        let path = ConvertedFile.find(for: original, kind: .vocoder) ?? original
        return try bigVGAN(try Checkpoint.open(path), try ConfigFile(folder: folder))
    }

    /// The filters of the last activation, as the checkpoint in `folder` has them: those of all are the same.
    package static func bigVGANFilters(folder: String) throws -> (up: [Float], down: [Float]) {
        let weights = WeightScope(try Checkpoint.open(folder + "/bigvgan_generator.pt"))["activation_post"]
        let shape = weights["upsample"].axes(of: "filter", 3) ?? [1, 1, 12]
        return (
            try weights["upsample"].floats("filter", shape),
            try weights["downsample"]["lowpass"].floats("filter", shape)
        )
    }

    /// Reads an open checkpoint; `recorder` records what the layers prepack.
    static func bigVGAN(
        _ checkpoint: Checkpoint, _ config: ConfigFile, recorder: PrepackRecorder? = nil
    ) throws -> Vocoder {
        try checkpoint.require(.vocoder)
        let weights = WeightScope(checkpoint, recorder: recorder)
        let rates = try config.ints("upsample_rates", in: 1...64)
        let kernels = try config.ints("upsample_kernel_sizes", in: 1...128)
        let channels = try config.int("upsample_initial_channel", in: 2...8192)
        let blockKernels = try config.ints("resblock_kernel_sizes", in: 1...63)
        let dilations = try config.lists("resblock_dilation_sizes", in: 1...64)
        guard rates.count == kernels.count, (1...12).contains(rates.count), channels >> rates.count > 0,
            zip(rates, kernels).allSatisfy({ $1 >= $0 && ($1 - $0) % 2 == 0 }), !blockKernels.isEmpty,
            blockKernels.count == dilations.count, blockKernels.allSatisfy({ $0 % 2 == 1 }),
            dilations.allSatisfy({ !$0.isEmpty })
        else {
            throw ModelError(
                path: config.path, key: "upsample_rates",
                reason:
                    "rates \(rates), kernels \(kernels) and \(blockKernels) of \(channels) channels do not fit"
            )
        }
        guard try ["snake", "snakebeta"].contains(config.string("activation")) else {
            throw ModelError(
                path: config.path, key: "activation", reason: "only snake and snakebeta are supported")
        }
        try config.require("snake_logscale", true)
        return try Vocoder(
            weights,
            GeneratorForm(
                inputs: try config.int("num_mels", in: 1...1024), channels: channels, rates: rates,
                kernels: kernels, blockKernels: blockKernels, blockDilations: dilations,
                isPaired: try config.string("resblock") == "1", activation: .snake,
                isClamped: try !config.flag("use_tanh_at_final", or: true)))
    }
}
