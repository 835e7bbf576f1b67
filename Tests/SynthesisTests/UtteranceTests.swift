import Models
import TestSupport
import Testing

@testable import Synthesis

/// Whole utterances, as upstream's `TTS.run` made them.
@Suite struct UtteranceTests {
    /// A recorded way of speaking.
    enum Mode: String, CaseIterable, CustomTestStringConvertible {
        case parallel, sampled, naive, speed, aux, unprompted, fragments, quiet, fixed
        case fixedSpeed = "fixed_speed"

        var testDescription: String { rawValue }

        func request(_ voice: RecordedVoice) -> SynthesisRequest {
            var request = voice.request()
            switch self {
            case .parallel: request.batchSize = 2
            case .sampled: (request.batchSize, request.topK, request.splitBucket) = (3, 15, false)
            case .naive: (request.batchSize, request.parallelInference) = (2, false)
            case .speed: (request.batchSize, request.speedFactor) = (2, 1.25)
            case .aux: (request.batchSize, request.auxiliaryReferencePaths) = (3, [voice.second])
            case .unprompted: (request.promptText, request.repetitionPenalty) = ("", 1.1)
            case .fragments: (request.batchSize, request.delivery) = (2, .fragments)
            case .quiet, .fixed, .fixedSpeed:
                let text = [Mode.quiet: "a|b", .fixed: "a"][self] ?? "b"
                request = voice.request(text)
                (request.topK, request.parallelInference) = (15, false)
                if self == .fixedSpeed { request.speedFactor = 0.8 }
                request.delivery = .chunks(
                    fixedLength: self != .quiet, minimumTokens: self == .quiet ? 6 : 8, overlapTokens: 2)
            }
            return request
        }
    }

    private static func compare(_ voice: RecordedVoice, _ mode: Mode) throws -> [String] {
        let version = voice.models.version
        var comparison = Comparison(try Golden(models: "run-" + version), mode.rawValue + ".")
        let fragments = try voice.speak(
            mode.request(voice), noise: StreamedNoise("run-\(version)/\(mode.rawValue)"))
        try comparison.check("lengths", fragments.map(\.count))
        try comparison.check("audio", fragments.flatMap { $0 }.map(Int.init), Tolerances.samples)
        comparison.close()
        return comparison.failures
    }

    @Test(arguments: ["v1", "v2"]) func theReferencesTokensAreUpstreams(_ version: String) throws {
        let voice = try RecordedVoice(version)
        let features = try ReferenceCache().features(
            path: voice.reference, models: voice.models, base: voice.base, needsPrompt: true)
        var comparison = Comparison(try Golden(models: "run-" + version), "prompt")
        try comparison.check("", features.promptTokens)
        #expect(comparison.failures == [])
    }

    @Test(arguments: ["v1", "v2"]) func everyModeIsUpstreams(_ version: String) throws {
        let voice = try RecordedVoice(version)
        for mode in Mode.allCases { #expect(try Self.compare(voice, mode) == []) }
    }

    /// The limits bite: one swap in any of the four networks is heard in every mode that uses it.
    @Test(arguments: [
        ("hubert", "encoder.layers.0.feed_forward.output_dense.weight"),
        ("bert", "bert.encoder.layer.1.attention.output.dense.weight"),
        ("gpt-v2", "model.h.layers.0.linear2.weight"), ("sovits-v2", "ref_enc.fc.fc.weight"),
        ("sovits-v2", "enc_p.encoder2.ffn_layers.0.conv_2.weight"),
    ])
    func aSwappedRowIsHeard(_ network: String, _ tensor: String) throws {
        let voice = try RecordedVoice("v2", damage: [network: WeightDamage(tensor)])
        let deaf: Set<Mode> = network == "hubert" ? [.unprompted] : []
        let unheard = try Mode.allCases.filter { try Self.compare(voice, $0).isEmpty }
        #expect(Set(unheard) == deaf)
    }

    /// One option changed is heard, too: no option is ignored.
    @Test func everyOptionIsHeard() throws {
        let voice = try RecordedVoice("v2")
        func audio(_ mode: Mode, _ change: (inout SynthesisRequest) -> Void = { _ in }) throws -> [[Int16]] {
            var request = mode.request(voice)
            change(&request)
            return try voice.speak(request, noise: StreamedNoise("run-v2/\(mode.rawValue)"))
        }
        let whole = try audio(.sampled)
        #expect(try audio(.sampled) == whole)
        let changes: [(inout SynthesisRequest) -> Void] = [
            { $0.topK = 3 }, { $0.topP = 0.5 }, { $0.temperature = 0.6 }, { $0.repetitionPenalty = 2 },
            { $0.batchSize = 1 }, { $0.speedFactor = 1.1 }, { $0.fragmentInterval = 0.02 },
            { $0.auxiliaryReferencePaths = [voice.second] }, { $0.promptText = "" },
            { $0.referencePath = RecordedVoice.clip("other.wav", SyntheticClips.seconds(4, name: "other")) },
            { $0.text = RecordedSentences.spelled("b|a") },
        ]
        for (index, change) in changes.enumerated() {
            #expect(try audio(.sampled, change) != whole, "change \(index)")
        }
        // An auxiliary clip that is not there is skipped, as upstream does.
        #expect(try audio(.sampled) { $0.auxiliaryReferencePaths = ["/nowhere.wav"] } == whole)
        #expect(try audio(.parallel) != audio(.parallel) { $0.splitBucket = false })
        let parts = try audio(.fixed)
        #expect(
            try audio(.fixed) { $0.delivery = .chunks(fixedLength: true, minimumTokens: 9, overlapTokens: 2) }
                != parts)
        #expect(
            try audio(.fixed) { $0.delivery = .chunks(fixedLength: true, minimumTokens: 8, overlapTokens: 3) }
                != parts)
        #expect(
            try audio(.fixed) {
                $0.delivery = .chunks(fixedLength: false, minimumTokens: 8, overlapTokens: 2)
            }
                != parts)
    }
}
