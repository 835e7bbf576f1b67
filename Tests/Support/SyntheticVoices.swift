extension SyntheticNetwork {
    /// Width of everything: HuBERT, BERT, the text-to-semantic model, SoVITS's hidden layers and speaker
    /// vectors.
    package static let width = 32

    private static func linear(_ name: String, _ outputs: Int, _ inputs: Int) -> [(String, [Int])] {
        [(name + ".weight", [outputs, inputs]), (name + ".bias", [outputs])]
    }

    private static func norm(_ name: String) -> [(String, [Int])] {
        [(name + ".weight", [width]), (name + ".bias", [width])]
    }

    /// The text-to-semantic model of a version (`v1`, `v2`): 2 layers, 4 heads.
    package static func textToSemantic(_ version: String) -> SyntheticNetwork {
        let C = width
        let phones = version == "v1" ? 512 : 732
        var tensors: [(String, [Int])] = linear("model.bert_proj", C, C)
        tensors += [
            ("model.ar_text_embedding.word_embeddings.weight", [phones, C]),
            ("model.ar_text_position.alpha", [1]),
            ("model.ar_audio_embedding.word_embeddings.weight", [1025, C]),
            ("model.ar_audio_position.alpha", [1]),
            ("model.ar_predict_layer.weight", [1025, C]),
        ]
        for layer in 0..<2 {
            let name = "model.h.layers.\(layer)."
            tensors += [
                (name + "self_attn.in_proj_weight", [3 * C, C]), (name + "self_attn.in_proj_bias", [3 * C]),
            ]
            tensors += linear(name + "self_attn.out_proj", C, C)
            tensors += linear(name + "linear1", 4 * C, C) + linear(name + "linear2", C, 4 * C)
            tensors += norm(name + "norm1") + norm(name + "norm2")
        }
        let config = """
            {"data":{"max_sec":54},"model":{"vocab_size":1025,"phoneme_vocab_size":\(phones),"embedding_dim":\(C),\
            "hidden_dim":\(C),"head":4,"linear_units":\(4 * C),"n_layer":2,"dropout":0,"EOS":1024}}
            """
        return SyntheticNetwork(
            tag: "gpt-" + version, tensors, config: config, isFolder: false, end: version == "v1" ? 19 : 31)
    }

    /// HuBERT: seven convolutions of 16 channels, 2 layers, 4 heads.
    package static func huBERT() -> SyntheticNetwork {
        let C = width
        var tensors: [(String, [Int])] = []
        for (index, taps) in [10, 3, 3, 3, 3, 2, 2].enumerated() {
            tensors.append(
                ("feature_extractor.conv_layers.\(index).conv.weight", [16, index == 0 ? 1 : 16, taps]))
        }
        for part in ["weight", "bias"] {
            tensors.append(("feature_extractor.conv_layers.0.layer_norm." + part, [16]))
            tensors.append(("feature_projection.layer_norm." + part, [16]))
        }
        tensors += linear("feature_projection.projection", C, 16) + norm("encoder.layer_norm")
        tensors += [
            ("masked_spec_embed", [C]), ("encoder.pos_conv_embed.conv.bias", [C]),
            ("encoder.pos_conv_embed.conv.weight_g", [1, 1, 16]),
            ("encoder.pos_conv_embed.conv.weight_v", [C, C / 4, 16]),
        ]
        for layer in 0..<2 {
            let name = "encoder.layers.\(layer)."
            for part in ["q_proj", "k_proj", "v_proj", "out_proj"] {
                tensors += linear(name + "attention." + part, C, C)
            }
            tensors += norm(name + "layer_norm") + norm(name + "final_layer_norm")
            tensors += linear(name + "feed_forward.intermediate_dense", 64, C)
            tensors += linear(name + "feed_forward.output_dense", C, 64)
        }
        let config = """
            {"feat_extract_norm":"group","do_stable_layer_norm":false,"hidden_act":"gelu",\
            "feat_extract_activation":"gelu","conv_kernel":[10,3,3,3,3,2,2],"conv_stride":[5,2,2,2,2,2,2],\
            "layer_norm_eps":1e-05,"num_attention_heads":4,"num_conv_pos_embedding_groups":4,"num_hidden_layers":2}
            """
        return SyntheticNetwork(tag: "hubert", tensors, config: config, isFolder: true)
    }

    /// The entries of `vocab.txt`.
    package static let vocabulary: [String] =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        + "abcdefghijklmnopqrstuvwxyz0123456789，。？！、,.?!…—".map(String.init)
        + "今天气真不错我们一起去公园散步吧你好世界语音合成技术可以把文字变声夜来风雨花落知多少".map(String.init)

    /// BERT: 4 layers, 4 heads, at most 64 tokens.
    package static func bert() -> SyntheticNetwork {
        let C = width
        var tensors: [(String, [Int])] = [
            ("bert.embeddings.word_embeddings.weight", [vocabulary.count, C]),
            ("bert.embeddings.position_embeddings.weight", [64, C]),
            ("bert.embeddings.token_type_embeddings.weight", [2, C]),
            ("cls.predictions.bias", [vocabulary.count]), ("bert.pooler.dense.weight", [C, C]),
        ]
        tensors += norm("bert.embeddings.LayerNorm")
        for layer in 0..<4 {
            let name = "bert.encoder.layer.\(layer)."
            for part in ["self.query", "self.key", "self.value", "output.dense"] {
                tensors += linear(name + "attention." + part, C, C)
            }
            tensors += norm(name + "attention.output.LayerNorm") + norm(name + "output.LayerNorm")
            tensors += linear(name + "intermediate.dense", 64, C) + linear(name + "output.dense", C, 64)
        }
        let config = """
            {"hidden_act":"gelu","layer_norm_eps":1e-12,"num_attention_heads":4,"num_hidden_layers":4}
            """
        var network = SyntheticNetwork(tag: "bert", tensors, config: config, isFolder: true)
        network.files = ["vocab.txt": vocabulary.joined(separator: "\n") + "\n"]
        return network
    }
}
