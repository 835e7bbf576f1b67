import Tensor
import TestSupport
import Testing

@testable import Models

@Suite struct SoVITSTests {
    @Test(arguments: ["v1", "v2"]) func codesAreUpstreams(_ version: String) throws {
        #expect(try SoVITSFixture(version).quantizer().failures == [])
    }

    @Test(arguments: ["v1", "v2"]) func speakerVectorsAreUpstreams(_ version: String) throws {
        #expect(try SoVITSFixture(version).referenceEncoder().failures == [])
    }

    @Test(arguments: ["v1", "v2"]) func everyTapOfASynthesisIsUpstreams(_ version: String) throws {
        #expect(try SoVITSFixture(version).decode().failures == [])
    }

    @Test(arguments: ["v1", "v2"]) func speedsAndSeveralReferencesAreUpstreams(_ version: String) throws {
        let fixture = try SoVITSFixture(version)
        #expect(try fixture.decode("s080", speed: 0.8, clips: 0..<1).failures == [])
        #expect(try fixture.decode("s130", speed: 1.3, clips: 0..<1).failures == [])
        #expect(try fixture.decode("multi", speed: 1, clips: 0..<3).failures == [])
    }

    @Test(arguments: ["v1", "v2"]) func chunksAreUpstreams(_ version: String) throws {
        #expect(try SoVITSFixture(version).chunks().failures == [])
    }

    /// The limits bite: two rows swapped in any tensor are noticed by the stage that reads it.
    @Test(arguments: ["v1", "v2"]) func everyTensorMatters(_ version: String) throws {
        let plain = try SoVITSFixture(version)
        let used: [String: (Int, Int)] = [
            "enc_p.text_embedding.weight": (plain.phones[0], plain.phones[1]),
            "quantizer.vq.layers.0._codebook.embed": (plain.codes[0], plain.codes[1]),
        ]
        // v1 differs from v2 in its generator and the bins of the reference encoder alone.
        let keys = SyntheticNetwork.soVITS(version).keys.filter {
            version == "v2" || $0.hasPrefix("dec.") || $0.hasPrefix("ref_enc.")
        }
        let unnoticed = try keys.filter { key in
            let fixture = try SoVITSFixture(version, damage: WeightDamage(key, rows: used[key]))
            if key.hasPrefix("ref_enc.") { return try fixture.referenceEncoder().failures.isEmpty }
            if key.hasPrefix("ssl_proj.") { return try fixture.quantizer().failures.isEmpty }
            return try fixture.decode().failures.isEmpty
        }
        #expect(unnoticed == keys.filter(SyntheticNetwork.isWithoutEffect))
    }

    /// The shorter comparisons, of sound alone, bite as well.
    @Test(arguments: ["v1", "v2"]) func soundNoticesASwappedRow(_ version: String) throws {
        for key in ["enc_p.encoder2.ffn_layers.0.conv_2.weight", "flow.flows.2.enc.in_layers.1.weight_v"] {
            let fixture = try SoVITSFixture(version, damage: WeightDamage(key))
            #expect(
                try fixture.decode("s080", speed: 0.8, clips: 0..<1).failures.contains { $0.contains("wav") })
            #expect(
                try fixture.decode("multi", speed: 1, clips: 0..<3).failures.contains { $0.contains("wav") })
            #expect(try fixture.chunks().failures.contains { $0.contains("wav") })
        }
        let codes = try SoVITSFixture(version, damage: WeightDamage("ssl_proj.weight")).quantizer().failures
        #expect(codes.contains { $0.hasPrefix("vq.codes") })
    }

    /// Of three clips, each one counts, and their order does not.
    @Test func theMeanSpeakerIsTheMean() throws {
        let fixture = try SoVITSFixture("v2")
        let each = (0..<3).map { fixture.speaker($0..<$0 + 1).values }
        let mean = each[0].indices.map { (each[0][$0] + each[1][$0] + each[2][$0]) / 3 }
        let (error, peak) = largestError(fixture.speaker(0..<3).values, mean)
        #expect(error <= Tolerances.hidden().limit(peak))
        #expect(each[0] != each[1] && each[1] != each[2])
    }

    @Test(arguments: [(1.0, 32), (0.8, 41), (1.3, 25), (1.2, 27), (0.6, 54), (1.65, 20)])
    func framesAtASpeed(_ speed: Double, _ frames: Int) throws {
        let fixture = try SoVITSFixture("v2")
        #expect(fixture.model.frameCount(tokens: 16, speed: speed) == frames)
        let wav = fixture.model.decode(
            codes: fixture.codes, phones: fixture.phones, speaker: fixture.speaker(0..<1), speed: speed,
            noise: fixture.noise("length", frames: frames))
        #expect(wav.count == frames * 80)
    }
}
