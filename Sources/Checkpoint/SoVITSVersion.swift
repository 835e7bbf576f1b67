import Files

/// A release of the GPT-SoVITS networks.
package enum ModelVersion: String, Sendable, CaseIterable {
    /// 322 symbols, 50 hop spectrogram decoder.
    case v1
    /// 732 symbols, otherwise as v1.
    case v2
    /// Flow matching, 24 kHz BigVGAN.
    case v3
    /// Flow matching, 48 kHz vocoder.
    case v4
    /// As v2, with a speaker verification vector.
    case v2Pro
    /// As v2Pro, with a larger decoder.
    case v2ProPlus
}

/// The version of a SoVITS file, determined as upstream does, and by its tensors.
package struct SoVITSVersion: Sendable, Equatable {
    /// The symbol table of the text front end: `.v1` (322 symbols) or `.v2` (732).
    package let symbolsVersion: ModelVersion
    /// The network.
    package let modelVersion: ModelVersion
    /// Whether the file only changes a base model of `modelVersion`.
    package let isLoRA: Bool

    /// A version of these parts.
    package init(symbolsVersion: ModelVersion, modelVersion: ModelVersion, isLoRA: Bool) {
        self.symbolsVersion = symbolsVersion
        self.modelVersion = modelVersion
        self.isLoRA = isLoRA
    }

    /// Where upstream has the model that LoRA files of this version change, in its `pretrained_models`; nil for versions
    /// without LoRA.
    package var baseFile: String? {
        switch modelVersion {
        case .v3: "s2Gv3.pth"
        case .v4: "gsv-v4-pretrained/s2Gv4.pth"
        case .v1, .v2, .v2Pro, .v2ProPlus: nil
        }
    }

    /// The meaning of the numbers 0 to 6 in a file's first two bytes.
    static let versionPrefixes: [(version: ModelVersion, isLoRA: Bool)] = [
        (.v1, false), (.v2, false), (.v3, false), (.v3, true), (.v4, true), (.v2Pro, false),
        (.v2ProPlus, false),
    ]

    /// Upstream's base models by the MD5 of their first 8,192 bytes.
    static let bases: [String: ModelVersion] = [
        "dc3c97e17592963677a4a1681f30c653": .v2,  // of v1; the embedding's rows correct it
        "43797be674a37c1c83ee81081941ed0f": .v3,
        "6642b37f3dbb1f76882b69937c95a5f3": .v2,
        "4f26b9476d0c5033e04162c486074374": .v4,
        "c7e9fce2223f3db685cdfa1e6368728a": .v2Pro,
        "66b313e39455b57ab1b0bc0b239c9d0a": .v2ProPlus,
    ]
}

extension Checkpoint {
    /// Which release a SoVITS file belongs to.
    ///
    /// In upstream's order: a known base model by the MD5 of its prefix; the version number in place of `PK`; else the
    /// file's size (700 MiB and more is v3). The text embedding decides the symbols, and between v1 and v2. A name is
    /// only believed where the tensors agree: upstream's guess by size takes a fine-tuned v2Pro for v2, a file that
    /// another program saved has no head, and a converted one another size.
    package var soVITSVersion: SoVITSVersion {
        if let version = origin?.version { return version }
        let named = namedVersion
        let rows = tensors["enc_p.text_embedding.weight"]?.shape.first
        let symbols: ModelVersion = rows == 322 ? .v1 : .v2
        /// The version that the file is named by, else the one in its configuration.
        func version(of possible: [ModelVersion]) -> ModelVersion? {
            if let version = named?.version, possible.contains(version) { return version }
            return writtenVersion(possible)
        }
        let model: ModelVersion
        switch family {
        case .flowMatching: model = version(of: [.v3, .v4]) ?? .v3
        case .speakerVerification: model = version(of: [.v2Pro, .v2ProPlus]) ?? versionByWidth
        case .plain: model = symbols
        case nil:
            let found = named?.version ?? versionBySize
            model = [.v1, .v2].contains(found) ? symbols : found
        }
        return SoVITSVersion(
            symbolsVersion: symbols, modelVersion: model,
            isLoRA: named?.isLoRA == true || tensors.keys.contains { $0.contains(".lora_A.") })
    }

    /// Versions that tensors tell apart.
    private enum Family {
        /// v1 and v2, by their symbols.
        case plain
        /// v2Pro and v2ProPlus: a layer for the speaker-verification embedding.
        case speakerVerification
        /// v3 and v4, which have the same tensors.
        case flowMatching
    }

    /// What the tensors are, where the file has enough of them to tell.
    private var family: Family? {
        if tensors.keys.contains(where: { $0.hasPrefix("cfm.") }) { return .flowMatching }
        if tensors["sv_emb.weight"] != nil { return .speakerVerification }
        return tensors.keys.contains { $0.hasPrefix("dec.") } ? .plain : nil
    }

    /// The version by prefix: of a known base model, or as upstream writes it; nil for other files.
    private var namedVersion: (version: ModelVersion, isLoRA: Bool)? {
        if let base = SoVITSVersion.bases[prefixMD5] { return (base, false) }
        return prefixVersion.map { SoVITSVersion.versionPrefixes[$0] }
    }

    /// Upstream's guess for a file without either.
    private var versionBySize: ModelVersion {
        format != .safetensors && file.byteCount >= 700 << 20 ? .v3 : .v2
    }

    /// The version in the configuration, if it is one of these.
    private func writtenVersion(_ possible: [ModelVersion]) -> ModelVersion? {
        for written in [config["model"]?["version"], config["version"]] {
            if let version = written?.string.flatMap({ ModelVersion(rawValue: $0) }),
                possible.contains(version)
            {
                return version
            }
        }
        return nil
    }

    /// v2ProPlus has a generator of 768 channels, v2Pro of 512.
    private var versionByWidth: ModelVersion {
        let width = tensors["dec.conv_pre.weight"]?.shape.first ?? 0
        return width >= 768 ? .v2ProPlus : .v2Pro
    }
}
