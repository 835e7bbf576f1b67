import Checkpoint
import Foundation
import Tensor
import TestSupport
import Testing

@testable import Models

/// Models read from converted files compute the same bytes as from the checkpoints themselves.
@Suite struct ConvertedWeightsTests {
    /// Converts a network's file in place.
    private static func convert(
        _ path: String, _ network: SyntheticNetwork, _ precision: WeightPrecision? = nil
    ) throws {
        let file = network.isFolder ? path + "/model.safetensors" : path
        try Converter(try Checkpoint.open(file), precision: precision).write(to: file)
    }

    private static func both<Result>(
        _ network: SyntheticNetwork, precision: ElementType = .float16, _ run: (String) throws -> Result
    ) throws -> (raw: Result, converted: Result) {
        (
            try network.loaded(precision: precision, run),
            try network.loaded(precision: precision) { path in
                try convert(path, network)
                return try run(path)
            }
        )
    }

    private static let input = Text2Semantic.Input(
        phones: [5, 6, 7, 8], bert: Tensor(SyntheticNumbers.uniform("converted", 4 * 32), [4, 32]),
        prompt: [1, 2, 3])
    private static let continuation = [4, 9, 16, 25, 36]

    @Test(arguments: [ElementType.float16, .float32])
    func textToSemantic(_ precision: ElementType) throws {
        let (raw, converted) = try Self.both(SyntheticNetwork.textToSemantic("v2"), precision: precision) {
            path in
            let model = try Text2Semantic(path: path)
            let spoken = try model.decode(
                DecodeRequest.batch(
                    [Self.input], SamplingOptions(topK: 1), earlyStop: 20, noise: CountingNoise()))
            return (
                model.layers[0].up.isMapped, spoken,
                try model.logits(Self.input, continuation: Self.continuation).values
            )
        }
        #expect(!raw.0 && converted.0)
        #expect(raw.1 == converted.1)
        #expect(raw.2 == converted.2)
    }

    /// Signed bytes give what their widened values give, and not far from the original.
    @Test func textToSemanticInBytes() throws {
        let network = SyntheticNetwork.textToSemantic("v2")
        func scores(_ prepare: (String) throws -> Void) throws -> [Float] {
            try network.loaded { path in
                try prepare(path)
                return try Text2Semantic(path: path).logits(Self.input, continuation: Self.continuation)
                    .values
            }
        }
        let raw = try scores { _ in }
        let bytes = try scores { try Self.convert($0, network, .int8) }
        let widened = try scores { path in
            try Self.convert(path, network, .int8)
            try Self.convert(path, network, .f32)
        }
        let (rounding, peak) = largestError(bytes, widened)
        // Scales are applied to sums here, to weights there; and keys and values are kept in half precision here.
        #expect(rounding <= 1e-3 * peak)
        let (error, _) = largestError(bytes, raw)
        #expect(error > 0 && error < 0.1 * peak)
    }

    @Test func huBERT() throws {
        let samples = SyntheticNumbers.uniform("converted/samples", 3200)
        let (raw, converted) = try Self.both(SyntheticNetwork.huBERT()) { path in
            let model = try HuBERT(folder: path)
            let first = model(samples).values
            // Released pages come back.
            #expect(model(samples).values == first)
            return first
        }
        #expect(raw == converted)
    }

    @Test func bert() throws {
        let (raw, converted) = try Self.both(SyntheticNetwork.bert()) { path in
            let model = try BERT(folder: path)
            let first = model([1, 2, 3, 4]).values
            // Released pages come back.
            #expect(model([1, 2, 3, 4]).values == first)
            return first
        }
        #expect(raw == converted)
    }

    @Test func soVITS() throws {
        let (raw, converted) = try Self.both(SyntheticNetwork.soVITS("v2")) { path in
            let model = try SoVITS(path: path)
            let speaker = model.speakerVector(Tensor(repeating: 0.1, [8, 1025]))
            return model.decode(
                codes: [1, 2], phones: [1], speaker: speaker,
                noise: Tensor(repeating: 0, [4, model.latentChannels])
            ).values
        }
        #expect(raw == converted)
    }

    /// Converts with what layers prepare; returns how many do.
    private static func prepare(_ path: String, _ network: SyntheticNetwork) throws -> Int {
        let file = network.isFolder ? path + "/model.safetensors" : path
        let source = try Checkpoint.open(file)
        let tensors = try Preparation.tensors(of: source, folder: path)
        try Converter(source, prepared: tensors).write(to: file)
        return tensors.count
    }

    /// A sample that a model computes before and after its convolutions were stored as they are computed with.
    private static func preparedResults<Model>(
        _ network: SyntheticNetwork, _ open: (String) throws -> Model, _ sample: (Model) -> [Float]
    ) throws -> (raw: [Float], prepared: [Float], count: Int, usesThem: Bool) {
        try network.loaded { path in
            let raw = sample(try open(path))
            let count = try prepare(path, network)
            let results = sample(try open(path))
            // Other numbers in their place are heard: they are what is read, not the weights.
            let file = network.isFolder ? path + "/model.safetensors" : path
            let source = try Checkpoint.open(file)
            let wrong = try Preparation.tensors(of: source, folder: path).map {
                PreparedTensor(
                    layer: $0.layer, form: $0.form, shape: $0.shape, values: $0.values.map { $0 * 1.5 })
            }
            try Converter(source, prepared: wrong).write(to: file)
            let others = sample(try open(path))
            // A form that this build does not know is passed over.
            let unknown = wrong.map {
                PreparedTensor(layer: $0.layer, form: "another", shape: $0.shape, values: $0.values)
            }
            try Converter(source, prepared: unknown).write(to: file)
            #expect(sample(try open(path)) == raw)
            return (raw, results, count, others != raw)
        }
    }

    @Test(arguments: ["v1", "v2"])
    func preparedSoVITS(_ version: String) throws {
        let found = try Self.preparedResults(SyntheticNetwork.soVITS(version)) {
            try SoVITS(path: $0)
        } _: { model in
            let speaker = model.speakerVector(Tensor(repeating: 0.1, [8, 1025]))
            let first = model.decode(
                codes: [1, 2], phones: [1], speaker: speaker,
                noise: Tensor(repeating: 0, [4, model.latentChannels])
            ).values
            model.releasePages()
            let second = model.decode(
                codes: [1, 2], phones: [1], speaker: speaker,
                noise: Tensor(repeating: 0, [4, model.latentChannels])
            ).values
            #expect(first == second)
            return first
        }
        #expect(found.count > 0 && found.prepared == found.raw && found.usesThem)
    }

    @Test func preparedHuBERT() throws {
        let samples = SyntheticNumbers.uniform("prepared/samples", 3200)
        let found = try Self.preparedResults(SyntheticNetwork.huBERT()) {
            try HuBERT(folder: $0)
        } _: {
            $0(samples).values
        }
        #expect(found.count > 0 && found.prepared == found.raw && found.usesThem)
    }

    @Test func comparisonOfScores() {
        var same = LogitDivergence()
        let scores = Tensor([1, 2, 3, 0.5, 0, -1], [2, 3])
        same.add(scores, scores, tokens: [2, 0])
        #expect(same.agreement == 1 && same.meanDifference == 0 && same.meanDivergence == 0)
        var other = LogitDivergence()
        // p = (1/2, 1/2), q = (1/4, 3/4)
        other.add(Tensor([0, 0], [1, 2]), Tensor([0, Float(3.0.logarithm)], [1, 2]), tokens: [0])
        #expect(other.steps == 1 && other.sentences == 1 && other.agreement == 0)
        #expect(abs(other.meanDifference - 2.0.logarithm) < 1e-6)
        #expect(abs(other.meanDivergence - (0.5 * 2.0.logarithm + 0.5 * (2.0 / 3).logarithm)) < 1e-6)
    }
}

extension Double {
    fileprivate var logarithm: Double { Foundation.log(self) }
}
