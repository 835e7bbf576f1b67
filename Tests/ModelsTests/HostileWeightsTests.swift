import Checkpoint
import Tensor
import TestSupport
import Testing

@testable import Models

/// Files whose shapes or configuration contradict each other: an error that names the file, or a model that
/// works. A crash would end the test run.
@Suite struct HostileWeightsTests {
    private static func isAboutTheFile(_ error: any Error) -> Bool {
        error is CheckpointError || error is ModelError
    }

    /// Shapes that a tensor should not have.
    private static func wrongShapes(_ shape: [Int]) -> [[Int]] {
        var more = shape
        more[more.count - 1] += 1
        var none = shape
        none[0] = 0
        return [[], [0], none, more, shape + [1], Array(shape.reversed()), [1] + shape].filter { $0 != shape }
    }

    /// Loads the network with every tensor in every wrong shape. Returns what loaded nevertheless.
    private static func survivors(_ network: SyntheticNetwork, _ load: (String) throws -> Void) -> [String] {
        var survivors: [String] = []
        var seen: Set<String> = []
        for index in network.tensors.indices {
            let name = network.tensors[index].name
            // One layer of each stack is enough.
            guard seen.insert(name.filter { !$0.isNumber }).inserted else { continue }
            for shape in wrongShapes(network.tensors[index].shape) {
                var changed = network
                changed.tensors[index].shape = shape
                do {
                    try changed.loaded(load)
                    survivors.append("\(name) \(shape)")
                } catch  where isAboutTheFile(error) {
                } catch {
                    survivors.append("\(name) \(shape): \(error)")
                }
            }
        }
        return survivors
    }

    private static func isUnread(_ survivor: String) -> Bool {
        let name = String(survivor.split(separator: " ")[0])
        return SyntheticNetwork.isWithoutEffect(name) && (!name.hasSuffix(".bias") || name.hasPrefix("cls."))
    }

    @Test func shapesOfTextToSemantic() {
        let survivors = Self.survivors(SyntheticNetwork.textToSemantic("v2")) { path in
            let model = try Text2Semantic(path: path)
            let input = Text2Semantic.Input(
                phones: [1, 2], bert: Tensor(repeating: 0, [2, model.bertFeatureCount]), prompt: [3])
            _ = try model.decode(
                DecodeRequest.batch([input], SamplingOptions(topK: 1), earlyStop: 1, noise: CountingNoise()))
        }
        // BERT may have any width here; that it fits is checked when the two meet.
        #expect(survivors == ["model.bert_proj.weight [32, 33]"])
    }

    @Test func shapesOfHuBERT() {
        let survivors = Self.survivors(SyntheticNetwork.huBERT()) { path in
            _ = try HuBERT(folder: path)([Float](repeating: 0.1, count: 800))
        }
        #expect(survivors.filter { !Self.isUnread($0) } == [])
    }

    @Test func shapesOfBERT() {
        let survivors = Self.survivors(SyntheticNetwork.bert()) { path in
            let model = try BERT(folder: path)
            _ = model([0])
        }
        #expect(survivors.filter { !Self.isUnread($0) } == [])
    }

    @Test func shapesOfSoVITS() {
        let survivors = Self.survivors(SyntheticNetwork.soVITS("v2")) { path in
            let model = try SoVITS(path: path)
            let speaker = model.speakerVector(Tensor(repeating: 0.1, [8, 1025]))
            _ = model.decode(
                codes: [1, 2], phones: [1], speaker: speaker,
                noise: Tensor(repeating: 0, [4, model.latentChannels]))
        }
        // The reference encoder may read any number of bins that there are.
        #expect(survivors.filter { !Self.isUnread($0) } == ["ref_enc.spectral.0.fc.weight [32, 705]"])
    }

    /// Every number, text and list of the configuration replaced by values that it should not have.
    @Test func configurationOfTextToSemantic() throws {
        try HostileConfig.forEach(SyntheticNetwork.textToSemantic("v2"), expecting: Self.isAboutTheFile) {
            network in
            let model = try network.loaded { try Text2Semantic(path: $0) }
            #expect(model.earlyStop > 0)
            let input = Text2Semantic.Input(
                phones: [1, 2], bert: Tensor(repeating: 0, [2, 32]), prompt: [3])
            _ = try model.decode(
                DecodeRequest.batch([input], SamplingOptions(topK: 1), earlyStop: 1, noise: CountingNoise()))
        }
    }

    @Test func configurationOfHuBERT() throws {
        try HostileConfig.forEach(SyntheticNetwork.huBERT(), expecting: Self.isAboutTheFile) { network in
            let model = try network.loaded { try HuBERT(folder: $0) }
            let count = model.receptiveSamples
            guard count < 100_000 else { return }
            _ = model([Float](repeating: 0.1, count: max(count, 48_000)))
        }
    }

    @Test func configurationOfBERT() throws {
        try HostileConfig.forEach(SyntheticNetwork.bert(), expecting: Self.isAboutTheFile) { network in
            _ = try network.loaded { try BERT(folder: $0) }([2, 3])
        }
    }
}
