import Checkpoint
import Foundation
import Tensor
import TestSupport
import Testing

@testable import Models

/// Models read from converted files compute the same bytes as from the checkpoints themselves.
@Suite struct ConvertedWeightsTests {
    /// Converts a network's file in place, with what its layers prepack; returns how many tensors that are.
    @discardableResult
    private static func convert(
        _ path: String, _ network: SyntheticNetwork, _ precision: WeightPrecision? = nil, forms: Bool = false
    ) throws -> Int {
        let file = network.isFolder ? path + "/model.safetensors" : path
        let source = try Checkpoint.open(file)
        let prepacked = try Prepacking.tensors(of: source, folder: path, precision: precision, forms: forms)
        try Converter(source, precision: precision, prepacked: prepacked).write(to: file)
        return prepacked.count
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
        #expect(rounding <= Limit.int8Evaluation * peak)
        let (error, _) = largestError(bytes, raw)
        #expect(error > 0 && error < Limit.int8Quantization * peak)
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

    /// A sample that a model computes before and after its convolutions were stored as the kernels read them.
    private static func prepackedResults<Model>(
        _ network: SyntheticNetwork, _ open: (String) throws -> Model, _ sample: (Model) -> [Float]
    ) throws -> (raw: [Float], prepacked: [Float], count: Int, usesThem: Bool) {
        try network.loaded { path in
            let raw = sample(try open(path))
            let count = try convert(path, network, forms: true)
            let results = sample(try open(path))
            // Other numbers in their place change the result: they are what is read, not the weights.
            let file = network.isFolder ? path + "/model.safetensors" : path
            let source = try Checkpoint.open(file)
            let forms = try Prepacking.tensors(of: source, folder: path)
            try Converter(source, prepacked: forms.map { $0.changed(factor: 1.5) }).write(to: file)
            let others = sample(try open(path))
            // A form that this build does not know is ignored.
            let unknown = forms.map { $0.changed(form: "another", factor: 1.5) }
            try Converter(source, prepacked: unknown).write(to: file)
            #expect(sample(try open(path)) == raw)
            return (raw, results, count, others != raw)
        }
    }

    @Test(arguments: ["v1", "v2"])
    func prepackedSoVITS(_ version: String) throws {
        let found = try Self.prepackedResults(SyntheticNetwork.soVITS(version)) {
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
        #expect(found.count > 0 && found.prepacked == found.raw && found.usesThem)
    }

    @Test func prepackedHuBERT() throws {
        let samples = SyntheticNumbers.uniform("prepared/samples", 3200)
        let found = try Self.prepackedResults(SyntheticNetwork.huBERT()) {
            try HuBERT(folder: $0)
        } _: {
            $0(samples).values
        }
        #expect(found.count > 0 && found.prepacked == found.raw && found.usesThem)
    }

    /// The matrices of the networks are stored instead of the row-major ones, and converting back gives the same bytes.
    @Test(arguments: ["gpt", "hubert", "bert", "sovits"], [ElementType.float16, .float32])
    func thereAndBack(_ name: String, _ precision: ElementType) throws {
        let network =
            switch name {
            case "gpt": SyntheticNetwork.textToSemantic("v2")
            case "hubert": SyntheticNetwork.huBERT()
            case "bert": SyntheticNetwork.bert()
            default: SyntheticNetwork.soVITS("v2")
            }
        try network.loaded(precision: precision) { path in
            let file = network.isFolder ? path + "/model.safetensors" : path
            let source = try Checkpoint.open(file)
            let packed = file + ".packed"
            let prepacked = try Prepacking.tensors(of: source, folder: path, forms: false)
            try Converter(source, prepacked: prepacked).write(to: packed)
            let converted = try Checkpoint.open(packed)
            let blocked = converted.tensors.values.filter { $0.blocks != nil }
            #expect(blocked.count == prepacked.count && !blocked.isEmpty)
            #expect(blocked.allSatisfy { $0.blocks?.elementType == precision })
            try Converter(converted).write(to: file + ".rows")
            let rows = try Checkpoint.open(file + ".rows")
            #expect(Set(rows.tensors.keys) == Set(source.tensors.keys))
            for (key, tensor) in rows.tensors {
                let original = try #require(source.tensors[key])
                #expect(tensor.blocks == nil && tensor.shape == original.shape, "\(key)")
                #expect(
                    tensor.contiguousBytes().map { Array($0) } == original.contiguousBytes().map { Array($0) }
                )
            }
            // Prepacking a converted file gives the same file.
            let again = try Prepacking.tensors(of: converted, folder: path, forms: false)
            try Converter(converted, prepacked: again).write(to: file + ".again")
            #expect(try Checkpoint.open(file + ".again").sha256() == converted.sha256())
        }
    }

    /// Which matrices become signed bytes, how far off they are, and that converting again keeps them.
    @Test func quantization() throws {
        let network = SyntheticNetwork.textToSemantic("v2")
        try network.loaded { path in
            let source = try Checkpoint.open(path)
            func converted(_ from: Checkpoint, _ precision: WeightPrecision?) throws -> Checkpoint {
                let file = path + UUID().uuidString
                let prepacked = try Prepacking.tensors(of: from, folder: path, precision: precision)
                try Converter(from, precision: precision, prepacked: prepacked).write(to: file)
                return try Checkpoint.open(file)
            }
            let bytes = try converted(source, .int8)
            let again = try converted(bytes, nil)
            let wide = try converted(bytes, .f32)
            #expect(Set(bytes.tensors.keys) == Set(source.tensors.keys))
            for (name, tensor) in bytes.tensors {
                let isStack = name.hasPrefix("model.h.layers.") && tensor.shape.count == 2
                #expect((tensor.blocks?.elementType == .int8) == isStack, "\(name)")
                let (found, wanted) = (try tensor.floats(), try #require(source.tensors[name]).floats())
                guard isStack else {
                    #expect(found == wanted)
                    continue
                }
                let scales = try #require(tensor.rowScales())
                let columns = tensor.shape[1]
                for (index, (a, b)) in zip(found, wanted).enumerated() {
                    #expect(
                        abs(a - b) <= scales[index / columns] * Limit.quantizationStep,
                        "\(name) \(index)")
                }
                #expect(found != wanted)
                #expect(
                    again.tensors[name]?.blockBytes().map { Array($0) }
                        == tensor.blockBytes().map { Array($0) })
                #expect(again.tensors[name]?.rowScales() == tensor.rowScales())
                #expect(try wide.tensors[name]?.floats() == found)
            }
        }
    }

    /// Values that an element type cannot hold are errors while layers prepack, as they are for other tensors.
    @Test func valuesThatDoNotFit() throws {
        let network = SyntheticNetwork.textToSemantic("v2")
        let key = "model.h.layers.0.linear1.weight"
        func failure(_ value: Float, _ precision: WeightPrecision) throws -> CheckpointError? {
            try network.loaded(precision: .float32) { path in
                let source = try Checkpoint.open(path)
                let file = path + ".changed"
                let entries = source.tensors.values.map {
                    SafetensorsEntry(name: $0.name, elementType: .float32, shape: $0.shape)
                }
                let metadata = ["gsv.config": network.config, "gsv.metadata": "{}"]
                try SafetensorsWriter.write(to: file, entries: entries, metadata: metadata) {
                    (entry, give) throws(CheckpointError) in
                    var values = try source.tensors[entry.name]?.floats() ?? []
                    if entry.name == key { values[3] = value }
                    let result = values.withUnsafeBytes { bytes in
                        Result { () throws(CheckpointError) in try give(bytes) }
                    }
                    try result.get()
                }
                do {
                    _ = try Prepacking.tensors(
                        of: try Checkpoint.open(file), folder: path, precision: precision)
                    return nil
                } catch let error as CheckpointError { return error }
            }
        }
        guard case .valuesDoNotFit(_, key, 1, 70_000, .float16)? = try failure(70_000, .f16) else {
            Issue.record("70,000 in half precision")
            return
        }
        for precision in [WeightPrecision.int8, .f16] {
            guard case .notFinite(_, key, 3, .infinity)? = try failure(.infinity, precision) else {
                Issue.record("an infinity in \(precision)")
                return
            }
        }
        #expect(try failure(70_000, .f32) == nil)
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
        #expect(abs(other.meanDifference - 2.0.logarithm) < Limit.divergence)
        #expect(
            abs(other.meanDivergence - (0.5 * 2.0.logarithm + 0.5 * (2.0 / 3).logarithm)) < Limit.divergence)
    }
}

extension Double {
    fileprivate var logarithm: Double { Foundation.log(self) }
}

extension PrepackedTensor {
    /// The same with all elements in single precision multiplied, and another form.
    fileprivate func changed(form: String? = nil, factor: Float) -> PrepackedTensor {
        guard case .beside(let ownForm) = placement else { return self }
        var values: [Float] = []
        do {
            try contents { bytes in values += bytes.bindMemory(to: Float.self).map { $0 * factor } }
        } catch {
            preconditionFailure("\(error)")
        }
        let changed = values
        return PrepackedTensor(
            layer: String(name.dropFirst("prepared.".count)), form: form ?? ownForm, shape: shape
        ) { (give) throws(CheckpointError) in
            let result = changed.withUnsafeBytes { bytes in
                Result { () throws(CheckpointError) in try give(bytes) }
            }
            try result.get()
        }
    }
}
