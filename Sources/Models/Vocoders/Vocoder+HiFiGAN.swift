import Checkpoint

extension Vocoder {
    /// The vocoder of v4: log mel spectrogram at 100 frames per second → 48 kHz.
    ///
    /// PyTorch: upstream's `Generator` without a speaker (Kong et al., HiFi-GAN, 2020); file `gsv-v4-pretrained/vocoder.pth`.
    /// The file has no configuration: what its tensors do not tell are upstream's constants.
    ///
    /// Reads the vocoder at `path`; a converted form beside it is preferred.
    ///
    /// - Throws: `CheckpointError`, `ModelError`.
    package static func hiFiGAN(path: String) throws -> Vocoder {
        try hiFiGAN(try Checkpoint.open(ConvertedFile.find(for: path, kind: .vocoder) ?? path))
    }

    /// Reads an open checkpoint; `recorder` records what the layers prepack.
    static func hiFiGAN(_ checkpoint: Checkpoint, recorder: PrepackRecorder? = nil) throws -> Vocoder {
        try checkpoint.require(.vocoder)
        let weights = WeightScope(checkpoint, recorder: recorder)
        let input = weights["conv_pre"].convolutionShape ?? [512, 100, 7]
        var kernels: [Int] = []
        while let shape = weights["ups"][kernels.count].convolutionShape, kernels.count < 16 {
            kernels.append(shape[2])
        }
        var blocks = 0
        while weights["resblocks"][blocks]["convs1"][0].convolutionShape != nil, blocks < 256 { blocks += 1 }
        guard !kernels.isEmpty, blocks % kernels.count == 0, blocks > 0,
            kernels.allSatisfy({ $0 % 2 == 0 && $0 <= 64 }), input[0] >> kernels.count > 0
        else {
            throw ModelError(
                path: checkpoint.path, key: "ups",
                reason: "has kernels \(kernels) and \(blocks) residual blocks, which is no HiFi-GAN vocoder")
        }
        let kinds = blocks / kernels.count
        var blockKernels: [Int] = []
        var dilations: [[Int]] = []
        for kind in 0..<kinds {
            let convolutions = weights["resblocks"][kind]["convs1"]
            blockKernels.append(convolutions[0].convolutionShape?[2] ?? 3)
            var count = 0
            while convolutions[count].convolutionShape != nil, count < 16 { count += 1 }
            // Upstream: 1, 3, 5.
            dilations.append((0..<count).map { 2 * $0 + 1 })
        }
        return try Vocoder(
            weights,
            GeneratorForm(
                inputs: input[1], channels: input[0], rates: kernels.map { $0 / 2 }, kernels: kernels,
                blockKernels: blockKernels, blockDilations: dilations, isPaired: true))
    }
}

extension WeightScope {
    /// The shape of a convolution's weight, which may be stored normalised.
    var convolutionShape: [Int]? {
        ["weight", "weight_v", "parametrizations.weight.original1"].lazy.compactMap { axes(of: $0, 3) }.first
    }
}
