extension SyntheticNetwork {
    /// SoVITS of a version: v1 with residual blocks of kind "2" and three upsampling stages, v2 with kind "1"
    /// and two.
    package static func soVITS(_ version: String) -> SyntheticNetwork {
        let isFirst = version == "v1"
        var builder = SoVITSTensors(
            depth: isFirst ? 2 : 4, phones: isFirst ? 322 : 732, bins: isFirst ? 1025 : 704,
            paired: !isFirst, rates: isFirst ? [8, 4, 2] : [10, 8],
            kernels: isFirst ? [16, 8, 4] : [16, 16],
            blockKernels: isFirst ? [3, 5] : [3, 7],
            blockDilations: isFirst ? [[1, 2], [2, 3]] : [[1, 3, 5], [1, 2, 3]])
        builder.build()
        var network = SyntheticNetwork(
            tag: "sovits-" + version, builder.tensors, config: builder.config, isFolder: false)
        network.version = version
        return network
    }
}

/// Collects the tensors of a SoVITS file.
struct SoVITSTensors {
    let depth: Int, phones: Int, bins: Int
    let paired: Bool
    let rates: [Int], kernels: [Int], blockKernels: [Int], blockDilations: [[Int]]
    var tensors: [(String, [Int])] = []
    let C = SyntheticNetwork.width, inter = 16

    var config: String {
        """
        {"train":{"segment_size":20480},"data":{"sampling_rate":32000,"filter_length":2048,"hop_length":640,\
        "win_length":2048,"n_speakers":300},"model":{"inter_channels":16,"hidden_channels":32,"filter_channels":64,\
        "n_heads":2,"n_layers":\(depth),"kernel_size":3,"p_dropout":0.1,"resblock":"\(paired ? 1 : 2)",\
        "resblock_kernel_sizes":\(blockKernels),"resblock_dilation_sizes":\(blockDilations),\
        "upsample_rates":\(rates),"upsample_initial_channel":32,"upsample_kernel_sizes":\(kernels),\
        "gin_channels":32,"semantic_frame_rate":"25hz"}}
        """
    }

    mutating func build() {
        encoders()
        tensors.append(("enc_q.pre.weight", [C, 1025, 1]))
        for index in 0..<4 { coupling("flow.flows.\(2 * index).") }
        generator()
    }

    /// What all versions have: codebook, text encoder and reference encoder.
    mutating func encoders() {
        layer("ssl_proj", [C, C, 2])
        let book = "quantizer.vq.layers.0._codebook."
        tensors += [
            (book + "embed", [1024, C]), (book + "embed_avg", [1024, C]), (book + "inited", [1]),
            (book + "cluster_size", [1024]),
        ]
        textEncoder()
        referenceEncoder()
    }

    mutating func layer(_ name: String, _ shape: [Int], bias: Int? = nil) {
        tensors += [(name + ".weight", shape), (name + ".bias", [bias ?? shape[0]])]
    }

    mutating func normedLayer(_ name: String, _ shape: [Int], bias: Int? = nil) {
        tensors += [(name + ".weight_g", [shape[0], 1, 1]), (name + ".weight_v", shape)]
        tensors.append((name + ".bias", [bias ?? shape[0]]))
    }

    private mutating func textEncoder() {
        layer("enc_p.ssl_proj", [C, C, 1])
        encoder("enc_p.encoder_ssl.", depth / 2)
        encoder("enc_p.encoder_text.", depth)
        encoder("enc_p.encoder2.", depth / 2)
        tensors.append(("enc_p.text_embedding.weight", [phones, C]))
        for part in ["c_pre", "text_pre", "c_post"] { layer("enc_p.mrte." + part, [C, C, 1]) }
        for part in ["q", "k", "v", "o"] { layer("enc_p.mrte.cross_attention.conv_" + part, [C, C, 1]) }
        layer("enc_p.proj", [2 * inter, C, 1])
    }

    private mutating func encoder(_ name: String, _ depth: Int) {
        for index in 0..<depth {
            let attention = name + "attn_layers.\(index)."
            for part in ["q", "k", "v", "o"] { layer(attention + "conv_" + part, [C, C, 1]) }
            for part in ["k", "v"] { tensors.append((attention + "emb_rel_" + part, [1, 9, C / 2])) }
            for norm in 1...2 {
                tensors.append((name + "norm_layers_\(norm).\(index).gamma", [C]))
                tensors.append((name + "norm_layers_\(norm).\(index).beta", [C]))
            }
            layer(name + "ffn_layers.\(index).conv_1", [64, C, 3])
            layer(name + "ffn_layers.\(index).conv_2", [C, 64, 3])
        }
    }

    private mutating func referenceEncoder() {
        layer("ref_enc.spectral.0.fc", [C, bins])
        layer("ref_enc.spectral.3.fc", [C, C])
        for index in 0..<2 { layer("ref_enc.temporal.\(index).conv1.conv", [2 * C, C, 5]) }
        for part in ["w_qs", "w_ks", "w_vs", "fc"] { layer("ref_enc.slf_attn." + part, [C, C]) }
        layer("ref_enc.fc.fc", [C, C])
    }

    private mutating func coupling(_ name: String) {
        layer(name + "pre", [C, inter / 2, 1])
        layer(name + "post", [inter / 2, C, 1])
        normedLayer(name + "enc.cond_layer", [2 * C * 4, C, 1])
        for index in 0..<4 {
            normedLayer(name + "enc.in_layers.\(index)", [2 * C, C, 5])
            normedLayer(name + "enc.res_skip_layers.\(index)", [index < 3 ? 2 * C : C, C, 1])
        }
    }

    private mutating func generator() {
        layer("dec.conv_pre", [32, inter, 7])
        layer("dec.cond", [32, C, 1])
        for (stage, kernel) in kernels.enumerated() {
            let channels = 32 >> (stage + 1)
            normedLayer("dec.ups.\(stage)", [2 * channels, channels, kernel], bias: channels)
            for (kind, taps) in blockKernels.enumerated() {
                let name = "dec.resblocks.\(stage * blockKernels.count + kind)."
                for index in blockDilations[kind].indices {
                    for part in paired ? ["convs1", "convs2"] : ["convs"] {
                        normedLayer(name + "\(part).\(index)", [channels, channels, taps])
                    }
                }
            }
        }
        tensors.append(("dec.conv_post.weight", [1, 32 >> kernels.count, 7]))
    }
}
