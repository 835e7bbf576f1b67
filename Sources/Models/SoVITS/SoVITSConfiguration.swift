import Checkpoint

/// The dimensions of a SoVITS checkpoint that its tensors' shapes don't tell, from its `config`.
struct SoVITSConfiguration: Sendable {
    let interChannels: Int, hiddenChannels: Int, filterChannels: Int
    let heads: Int, depth: Int, kernel: Int
    let resblock: String
    let resblockKernels: [Int], resblockDilations: [[Int]]
    let upsampleRates: [Int], upsampleKernels: [Int], upsampleChannels: Int
    let speakerChannels: Int
    /// Semantic tokens at 25 Hz, each two frames of the 50 Hz latent (upstream sets this for every file).
    let framesPerToken = 2
    let sampleRateHz: Int, filterLength: Int, hopSamples: Int, windowSamples: Int

    init(_ checkpoint: Checkpoint) throws {
        let config = checkpoint.config
        func value(_ section: String, _ key: String, _ range: ClosedRange<Int>, or fallback: Int? = nil)
            throws
            -> Int
        {
            if config[section]?[key] == nil, let fallback { return fallback }
            guard let value = config[section]?[key]?.int, range.contains(value) else {
                throw ModelError(
                    path: checkpoint.path, key: "config.\(section).\(key)",
                    reason: "expected an integer in \(range)")
            }
            return value
        }
        func list(_ key: String, _ range: ClosedRange<Int>) throws -> [Int] {
            guard let values = config["model"]?[key]?.ints, values.allSatisfy(range.contains),
                (1...16).contains(values.count)
            else {
                throw ModelError(
                    path: checkpoint.path, key: "config.model.\(key)",
                    reason: "expected a list of integers in \(range)")
            }
            return values
        }
        interChannels = try value("model", "inter_channels", 2...8192)
        hiddenChannels = try value("model", "hidden_channels", 2...8192)
        filterChannels = try value("model", "filter_channels", 2...16_384)
        heads = try value("model", "n_heads", 1...256)
        depth = try value("model", "n_layers", 1...256)
        kernel = try value("model", "kernel_size", 1...63)
        speakerChannels = try value("model", "gin_channels", 1...8192)
        upsampleChannels = try value("model", "upsample_initial_channel", 2...8192)
        upsampleRates = try list("upsample_rates", 1...64)
        upsampleKernels = try list("upsample_kernel_sizes", 1...256)
        resblockKernels = try list("resblock_kernel_sizes", 1...63)
        let dilations = config["model"]?["resblock_dilation_sizes"]?.list?.compactMap(\.ints) ?? []
        resblockDilations = dilations
        resblock = config["model"]?["resblock"]?.string ?? "1"
        sampleRateHz = try value("data", "sampling_rate", 8000...192_000, or: 32_000)
        filterLength = try value("data", "filter_length", 16...65_536, or: 2048)
        hopSamples = try value("data", "hop_length", 1...65_536, or: 640)
        windowSamples = try value("data", "win_length", 16...65_536, or: 2048)
        let depthsAgree =
            dilations.count == resblockKernels.count && upsampleRates.count == upsampleKernels.count
            && dilations.allSatisfy { !$0.isEmpty && $0.count <= 16 && $0.allSatisfy((1...64).contains) }
            && zip(upsampleRates, upsampleKernels).allSatisfy { $0 <= $1 && ($1 - $0) % 2 == 0 }
            && upsampleChannels >> upsampleRates.count > 0 && interChannels % 2 == 0
            && hiddenChannels % heads == 0 && depth >= 2 && (resblock == "1" || resblock == "2")
            && resblockKernels.allSatisfy { $0 % 2 == 1 }
        // Products and windows of a damaged file must neither overflow nor reach outside a frame, and a hop of a
        // few samples would make gigabytes of spectrogram.
        let rate = upsampleRates.reduce(1) { $0 > 8192 ? $0 : $0 * $1 }
        let sizesAgree =
            rate <= 8192 && speakerChannels % 4 == 0 && windowSamples <= filterLength
            && (filterLength / 16...filterLength).contains(hopSamples)
        guard depthsAgree, sizesAgree else {
            throw ModelError(
                path: checkpoint.path, key: "config.model", reason: "the dimensions do not fit together")
        }
    }
}

extension SoVITSConfiguration {
    /// The generator `dec`.
    var generator: GeneratorForm {
        GeneratorForm(
            inputs: interChannels, channels: upsampleChannels, rates: upsampleRates, kernels: upsampleKernels,
            blockKernels: resblockKernels, blockDilations: resblockDilations, isPaired: resblock == "1",
            speakerChannels: speakerChannels)
    }
}
