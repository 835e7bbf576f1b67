import Testing

@testable import Checkpoint

/// Which network and which release a file is.
struct VersionTests {
    /// A checkpoint with these tensors, all of zeros, and this configuration.
    private func checkpoint(
        _ shapes: [String: [Int]], head: Int? = nil, version: String? = nil
    ) throws -> Checkpoint {
        try StateDict(
            tensors: shapes.map { ($0.key, $0.value, [0]) }, version: version, head: head
        ).open()
    }

    private let v1 = [
        "enc_p.text_embedding.weight": [322, 192], "quantizer.vq.layers.0._codebook.embed": [1, 1],
    ]
    private let v2 = [
        "enc_p.text_embedding.weight": [732, 192], "quantizer.vq.layers.0._codebook.embed": [1, 1],
    ]

    @Test func symbolsDecideBetweenV1AndV2() throws {
        #expect(
            try checkpoint(v1).soVITSVersion == .init(symbolsVersion: .v1, modelVersion: .v1, isLoRA: false))
        #expect(
            try checkpoint(v2).soVITSVersion == .init(symbolsVersion: .v2, modelVersion: .v2, isLoRA: false))
        // Upstream's head says v1 or v2, the embedding knows better.
        #expect(try checkpoint(v2, head: 0).soVITSVersion.modelVersion == .v2)
        #expect(try checkpoint(v1, head: 1).soVITSVersion.modelVersion == .v1)
    }

    @Test(arguments: [
        (2, ModelVersion.v3, false), (3, .v3, true), (4, .v4, true), (5, .v2Pro, false),
        (6, .v2ProPlus, false),
    ])
    func headsDecideTheRest(head: Int, model: ModelVersion, isLoRA: Bool) throws {
        let expected = SoVITSVersion(symbolsVersion: .v2, modelVersion: model, isLoRA: isLoRA)
        #expect(try checkpoint(v2, head: head).soVITSVersion == expected)
        // With a part that the version has; a LoRA file has no text embedding.
        let part = model == .v3 || model == .v4 ? "cfm.x" : "sv_emb.weight"
        #expect(try checkpoint([part: [1]], head: head).soVITSVersion == expected)
    }

    @Test func tensorsCorrectTheGuessBySize() throws {
        let flow = v2.merging(["cfm.estimator.x": [1]]) { $1 }
        #expect(try checkpoint(flow, version: "v3").soVITSVersion.modelVersion == .v3)
        #expect(try checkpoint(flow, version: "v4").soVITSVersion.modelVersion == .v4)
        #expect(try checkpoint(flow).soVITSVersion.modelVersion == .v3)
        let pro = v2.merging(["sv_emb.weight": [1]]) { $1 }
        #expect(try checkpoint(pro, version: "v2ProPlus").soVITSVersion.modelVersion == .v2ProPlus)
        #expect(try checkpoint(pro).soVITSVersion.modelVersion == .v2Pro)
        let lora = flow.merging(["cfm.estimator.to_q.lora_A.default.weight": [1]]) { $1 }
        #expect(try checkpoint(lora).soVITSVersion.isLoRA)
    }

    /// A head or a size that the tensors contradict.
    @Test func tensorsCorrectAWrongName() throws {
        let plain = v2.merging(["dec.conv_pre.weight": [512, 1]]) { $1 }
        let pro = plain.merging(["sv_emb.weight": [1]]) { $1 }
        let plus = pro.merging(["dec.conv_pre.weight": [768, 1]]) { $1 }
        let flow = v2.merging(["cfm.estimator.x": [1]]) { $1 }
        // As a trainer of another program saves them, without a head and far below 700 MiB.
        #expect(try checkpoint(pro).soVITSVersion.modelVersion == .v2Pro)
        #expect(try checkpoint(plus).soVITSVersion.modelVersion == .v2ProPlus)
        for head in [0, 1, 2, 5, 6] {
            #expect(try checkpoint(plain, head: head).soVITSVersion.modelVersion == .v2)
            #expect(
                try checkpoint(plus, head: head).soVITSVersion.modelVersion
                    == (head == 5 ? .v2Pro : .v2ProPlus))
            #expect(
                try checkpoint(flow, head: head, version: "v4").soVITSVersion.modelVersion
                    == (head == 2 ? .v3 : .v4))
        }
    }

    @Test func kinds() throws {
        #expect(try checkpoint(v2).kind == .soVITS)
        #expect(try checkpoint(["cfm.x": [1]]).kind == .soVITS)
        #expect(try checkpoint(["model.h.layers.0.linear1.weight": [1]]).kind == .textToSemantic)
        #expect(
            try checkpoint(["model.ar_text_embedding.word_embeddings.weight": [1]]).kind == .textToSemantic)
        #expect(try checkpoint(["feature_extractor.conv_layers.0.conv.weight": [1]]).kind == .huBERT)
        #expect(try checkpoint(["hubert.encoder.pos_conv_embed.conv.weight_g": [1]]).kind == .huBERT)
        #expect(try checkpoint(["bert.embeddings.word_embeddings.weight": [1]]).kind == .bert)
        #expect(try checkpoint(["conv_pre.weight": [1]]).kind == .other)
        #expect(
            try checkpoint(["conv_pre.bias": [1], "ups.0.weight": [1], "resblocks.0.convs1.0.bias": [1]]).kind
                == .vocoder)
        #expect(
            try checkpoint(["conv_pre_mag.bias": [1], "conv_pre_pha.bias": [1]]).kind == .bandwidthExtension)
        #expect(
            try checkpoint(["fuse34.local_att.0.bias": [1], "layer3_ds.weight": [1]]).kind
                == .speakerVerification)
    }

    @Test func theWrongKindIsNamed() throws {
        let checkpoint = try checkpoint(["model.h.layers.0.linear1.weight": [1]])
        try checkpoint.require(.textToSemantic)
        let error = #expect(throws: CheckpointError.self) { try checkpoint.require(.soVITS) }
        #expect(error == .wrongKind(path: checkpoint.path, expected: .soVITS, found: .textToSemantic))
        #expect(
            try #require(error).description
                == "\(checkpoint.path): this is a GPT (text-to-semantic) model, expected a SoVITS model")
    }
}
