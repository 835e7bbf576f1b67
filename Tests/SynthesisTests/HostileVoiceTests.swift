import Audio
import Checkpoint
import Models
import Tensor
import TestSupport
import Testing

@testable import Synthesis

/// Voices whose files contradict themselves or each other: an error, or speech. A crash would end the test
/// run.
@Suite struct HostileVoiceTests {
    private static func isAboutTheFile(_ error: any Error) -> Bool {
        error is CheckpointError || error is ModelError || error is SynthesisError
    }

    /// Every value of a SoVITS configuration replaced by strange ones, from a clip to samples.
    @Test func configurationOfSoVITS() throws {
        let voice = try RecordedVoice("v2")
        let clip = RecordedVoice.clip("hostile.wav", SyntheticClips.seconds(0.3, name: "hostile"))
        var spoken = 0
        try HostileConfig.forEach(SyntheticNetwork.soVITS("v2"), expecting: Self.isAboutTheFile) { network in
            let soVITS = try network.loaded { try SoVITS(path: $0) }
            let models = ModelSet(
                textToSemantic: voice.models.textToSemantic.model, acoustic: soVITS, textToSemanticPath: "A",
                acousticPath: "B")
            let features = try ReferenceCache().features(
                path: clip, models: models, base: voice.base, needsPrompt: false)
            let setting = AcousticSetting(features.conditioning, overlapAdd: SOLA.join) {
                SeededNoise(seed: 1).latent(call: 0, $0)
            }
            let samples = try soVITS.synthesize(
                [AcousticInput(tokens: [1, 2], phonemes: [3])], setting, checkpoint: {})
            #expect(samples.map(\.count) == [4 * soVITS.samplesPerFrame])
            spoken += 1
        }
        // Values that inference does not read, such as the dropout, may be anything.
        #expect(spoken > 50)
    }

    /// A hop of one sample would make gigabytes of spectrogram of a ten-second clip.
    @Test(arguments: [1, 127, 2049]) func hopsThatDoNotFit(_ hop: Int) throws {
        var network = SyntheticNetwork.soVITS("v2")
        network.config = network.config.replacing("\"hop_length\":640", with: "\"hop_length\":\(hop)")
        #expect(throws: ModelError.self) { try network.loaded { try SoVITS(path: $0) } }
    }

    /// A HuBERT of another width than the quantizer's.
    @Test func huBERTThatDoesNotFit() throws {
        let voice = try RecordedVoice("v2")
        var network = SyntheticNetwork.huBERT()
        for index in network.tensors.indices {
            network.tensors[index].shape = network.tensors[index].shape.map {
                $0 == 32 ? 64 : $0 == 8 ? 16 : $0
            }
        }
        let base = BaseModels(
            huBERT: try network.loaded { try HuBERT(folder: $0) }, text: voice.base.text)
        let error = #expect(throws: SynthesisError.self) {
            try SynchronousRunner.run(
                voice.request("c"), models: voice.models, base: base, noise: SeededNoise(seed: 1))
        }
        #expect(error?.code == .weights)
    }

    /// A vocabulary without the token that stands for silence cannot be cut where it is quiet.
    @Test func vocabularyWithoutSilence() throws {
        let voice = try RecordedVoice("v2")
        func small(_ network: SyntheticNetwork) -> SyntheticNetwork {
            var network = network
            for index in network.tensors.indices {
                network.tensors[index].shape = network.tensors[index].shape.map {
                    $0 == 1025 ? 101 : $0 == 1024 ? 100 : $0
                }
            }
            network.config = network.config.replacing("1025", with: "101").replacing("1024", with: "100")
            return network
        }
        let models = ModelSet(
            textToSemantic: try small(.textToSemantic("v2")).loaded { try Text2Semantic(path: $0) },
            acoustic: try small(.soVITS("v2")).loaded { try SoVITS(path: $0) }, textToSemanticPath: "A",
            acousticPath: "B")
        for fixed in [true, false] {
            var request = voice.request("c")
            request.delivery = .chunks(fixedLength: fixed, minimumTokens: 8, overlapTokens: 2)
            let run = {
                try SynchronousRunner.run(
                    request, models: models, base: voice.base, noise: SeededNoise(seed: 1))
            }
            if fixed {
                #expect(try run().count > 1)
            } else {
                let error = #expect(throws: SynthesisError.self) { _ = try run() }
                #expect(error?.code == .weights)
            }
        }
    }
}
