import Tensor
import TestSupport
import Testing

@testable import Models

/// The generator over pieces of a sequence.
@Suite(.serialized) struct GeneratorTests {
    private func latent(_ frames: Int, _ C: Int) -> Tensor {
        Tensor(SyntheticNumbers.normal("generator/latent", frames * C), [frames, C])
    }

    /// How the sequence is cut does not change a bit of the result.
    @Test(arguments: ["v1", "v2"]) func piecesDoNotShow(_ version: String) throws {
        let stages = try SoVITSFixture(version)
        let speaker = stages.speaker(0..<1)
        for frames in [1, 3, 57] {
            let z = latent(frames, stages.model.latentChannels)
            let whole = stages.model.generator(z, speaker: speaker, pieceValues: .max).values
            #expect(whole.count == frames * stages.model.samplesPerFrame)
            for piece in [1, 500, 1600, 9000] {
                let pieces = stages.model.generator(z, speaker: speaker, pieceValues: piece).values
                #expect(pieces == whole, "\(frames) frames in pieces of \(piece)")
            }
            let trace = ActivationTrace.recording()
            #expect(stages.model.generator(z, speaker: speaker, trace: trace).values == whole)
            #expect(
                trace.latest("ups.1")?.shape[0] == frames * stages.model.samplesPerFrame
                    / (version == "v1" ? 2 : 1))
        }
    }

    /// Memory grows by the samples alone. In processes of their own, where no other test uses the pool.
    @Test func memoryDoesNotGrow() async {
        await #expect(processExitsWith: .success) { try GeneratorTests.checkGrowth("v1") }
        await #expect(processExitsWith: .success) { try GeneratorTests.checkGrowth("v2") }
    }

    private static func checkGrowth(_ version: String) throws {
        let stages = try SoVITSFixture(version)
        let speaker = stages.speaker(0..<1)
        func peak(_ frames: Int) -> Int {
            let z = Tensor(repeating: 0.5, [frames, stages.model.latentChannels])
            let pool = StoragePool.shared
            pool.restartPeak()
            let before = pool.usedBytes
            let samples = stages.model.generator(z, speaker: speaker, pieceValues: 4096)
            return withExtendedLifetime(samples) { pool.peakBytes - before }
        }
        // 5000 frames are 10 times 500; a block of storage is at most a quarter too large.
        let (short, long) = (peak(500), peak(5000))
        let samples = 4500 * stages.model.samplesPerFrame * 4
        precondition(
            long - short < samples * 5 / 4, "\(short) and \(long) bytes for \(samples) bytes of samples")
    }
}
