extension SyntheticNetwork {
    /// SoVITS v3 or v4: a transformer of two blocks with two heads, 100 mel bands.
    package static func flowMatching(_ version: String) -> SyntheticNetwork {
        var builder = SoVITSTensors(
            depth: 4, phones: 732, bins: 704, paired: true, rates: [10, 8], kernels: [16, 16],
            blockKernels: [3, 7], blockDilations: [[1, 3, 5], [1, 2, 3]])
        builder.encoders()
        let (C, bands) = (width, 100)
        builder.layer("bridge.0", [C, C, 1])
        builder.layer("wns1.pre", [C, C, 1])
        builder.normedLayer("wns1.enc.cond_layer", [2 * C * 2, C, 1])
        for index in 0..<2 {
            builder.normedLayer("wns1.enc.in_layers.\(index)", [2 * C, C, 5])
            builder.normedLayer("wns1.enc.res_skip_layers.\(index)", [index < 1 ? 2 * C : C, C, 1])
        }
        builder.layer("wns1.proj", [C, C, 1])
        builder.layer("linear_mel", [bands, C, 1])
        let flow = "cfm.estimator."
        for part in ["time_embed", "d_embed"] {
            builder.layer(flow + part + ".time_mlp.0", [C, 16])
            builder.layer(flow + part + ".time_mlp.2", [C, C])
        }
        let text = flow + "text_embed.text_blocks.0."
        builder.layer(text + "dwconv", [C, 1, 7])
        builder.layer(text + "norm", [C])
        builder.layer(text + "pwconv1", [2 * C, C])
        builder.tensors += [(text + "grn.gamma", [1, 1, 2 * C]), (text + "grn.beta", [1, 1, 2 * C])]
        builder.layer(text + "pwconv2", [C, 2 * C])
        builder.layer(flow + "input_embed.proj", [C, 2 * bands + C])
        for index in [0, 2] {
            builder.layer(flow + "input_embed.conv_pos_embed.conv1d.\(index)", [C, 4, 31])
        }
        builder.tensors.append((flow + "rotary_embed.inv_freq", [C / 4]))
        for index in 0..<2 {
            let block = flow + "transformer_blocks.\(index)."
            builder.layer(block + "attn_norm.linear", [6 * C, C])
            for part in ["to_q", "to_k", "to_v", "to_out.0"] {
                builder.layer(block + "attn." + part, [C, C])
            }
            builder.layer(block + "ff.ff.0.0", [2 * C, C])
            builder.layer(block + "ff.ff.2", [C, 2 * C])
        }
        builder.layer(flow + "norm_out.linear", [2 * C, C])
        builder.layer(flow + "proj_out", [bands, C])
        var network = SyntheticNetwork(
            tag: "flow-" + version, builder.tensors, config: builder.config, isFolder: false)
        network.version = version
        return network
    }

    /// The vocoder of v4 with two upsampling stages: 40 samples a frame.
    package static func hiFiGAN() -> SyntheticNetwork {
        var tensors: [(String, [Int])] = []
        func layer(_ name: String, _ shape: [Int], bias: Int) {
            tensors += [(name + ".weight", shape), (name + ".bias", [bias])]
        }
        layer("conv_pre", [32, 100, 7], bias: 32)
        for (stage, kernel) in [20, 8].enumerated() {
            let channels = 32 >> (stage + 1)
            layer("ups.\(stage)", [2 * channels, channels, kernel], bias: channels)
            for (kind, taps) in [3, 7].enumerated() {
                for part in ["convs1", "convs2"] {
                    for index in 0..<3 {
                        layer(
                            "resblocks.\(2 * stage + kind).\(part).\(index)", [channels, channels, taps],
                            bias: channels)
                    }
                }
            }
        }
        layer("conv_post", [1, 8, 7], bias: 1)
        return SyntheticNetwork(tag: "hifigan", tensors, config: "{}", isFolder: false)
    }
}
