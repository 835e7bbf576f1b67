/// Which network a file holds, determined by its tensors' names.
package enum CheckpointKind: String, Sendable, CaseIterable {
    /// The autoregressive text-to-semantic model (`GPT_weights*/*.ckpt`).
    case textToSemantic
    /// The synthesizer (`SoVITS_weights*/*.pth`), a LoRA for one included.
    case soVITS
    /// The speech encoder (`chinese-hubert-base`).
    case huBERT
    /// The text encoder (`chinese-roberta-wwm-ext-large`).
    case bert
    /// The network that chooses readings of Chinese characters (`g2pW.onnx`).
    case polyphones
    /// ERes2NetV2, the network of the speaker embedding (`sv/pretrained_eres2netv2w24s4ep4.ckpt`).
    case speakerVerification
    /// The vocoder of v3 or v4 (BigVGAN, HiFi-GAN).
    case vocoder
    /// AP-BWE, which extends 24 kHz to 48 kHz (`24kto48k/g_24kto48k.zip`).
    case bandwidthExtension
    /// Anything else.
    case other

    /// The kind with its article, for messages.
    package var title: String {
        switch self {
        case .textToSemantic: "a GPT (text-to-semantic) model"
        case .soVITS: "a SoVITS model"
        case .huBERT: "a HuBERT model"
        case .bert: "a BERT model"
        case .polyphones: "a g2pW model"
        case .speakerVerification: "a speaker-verification model (ERes2NetV2)"
        case .vocoder: "a vocoder"
        case .bandwidthExtension: "a bandwidth-extension model (AP-BWE)"
        case .other: "another kind of file"
        }
    }
}

extension Checkpoint {
    /// Which network the file holds.
    package var kind: CheckpointKind {
        func has(_ name: String) -> Bool { tensors[name] != nil }
        func hasAny(_ prefix: String) -> Bool { tensors.keys.contains { $0.hasPrefix(prefix) } }
        if has("model.ar_text_embedding.word_embeddings.weight") || hasAny("model.h.layers.") {
            return .textToSemantic
        }
        for prefix in ["", "hubert.", "model."]
        where has(prefix + "feature_extractor.conv_layers.0.conv.weight")
            || hasAny(prefix + "encoder.pos_conv_embed.")
        {
            return .huBERT
        }
        if has("bert.embeddings.word_embeddings.weight"), has("classifier.weight"),
            hasAny("pos_classifier.") || hasAny("char_descriptor.") || hasAny("descriptor_bias.")
        {
            return .polyphones
        }
        for prefix in ["", "bert."] where has(prefix + "embeddings.word_embeddings.weight") { return .bert }
        if has("layer1.0.conv1.weight"), has("fuse34.local_att.0.weight") { return .speakerVerification }
        // A LoRA file has the flow-matching transformer's additions and the parts that are trained beside it.
        let parts = ["enc_p.", "cfm.", "quantizer.vq.", "ref_enc.", "ssl_proj."]
        if parts.filter(hasAny).count >= 2 || hasAny("cfm.") { return .soVITS }
        if hasAny("fuse34.") && hasAny("layer3_ds.") { return .speakerVerification }
        if hasAny("conv_pre_mag.") && hasAny("conv_pre_pha.") { return .bandwidthExtension }
        if hasAny("conv_pre.") && hasAny("ups.") && hasAny("resblocks.") { return .vocoder }
        return .other
    }
}
