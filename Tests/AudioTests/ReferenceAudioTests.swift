import Audio
import Testing

@Suite struct ReferenceAudioTests {
    private func clip(samples: Int, rate: Int = 16_000) throws -> AudioClip {
        try AudioClip(channels: [[Float](repeating: 0.1, count: samples)], sampleRateHz: rate)
    }

    @Test func threeToTenSeconds() throws {
        #expect(try ReferenceAudio.semanticInput(clip(samples: 48_000)).count == 48_000 + 9_600)
        #expect(try ReferenceAudio.semanticInput(clip(samples: 160_000)).count == 160_000 + 9_600)
        for count in [47_999, 160_001] {
            #expect(
                throws: AudioError.referenceDuration(samplesAt16kHz: count, allowed: 48_000...160_000)
            ) { try ReferenceAudio.semanticInput(clip(samples: count)) }
        }
    }

    /// The rule counts 16 kHz samples, not the file's: 2.99999 s at 48 kHz round up to three seconds.
    @Test func theRuleCountsAfterResampling() throws {
        #expect(try ReferenceAudio.semanticInput(clip(samples: 143_998, rate: 48_000)).count == 57_600)
        #expect(
            throws: AudioError.referenceDuration(samplesAt16kHz: 47_999, allowed: 48_000...160_000)
        ) { try ReferenceAudio.semanticInput(clip(samples: 143_997, rate: 48_000)) }
    }

    @Test func silenceFollowsTheSpeech() throws {
        let input = try ReferenceAudio.semanticInput(clip(samples: 50_000), modelSampleRateHz: 48_000)
        #expect(input.count == 50_000 + 14_400)
        #expect(input[..<50_000].allSatisfy { $0 == 0.1 })
        #expect(input[50_000...].allSatisfy { $0 == 0 })
    }

    @Test func theMessageHasTheNumbers() {
        let error = AudioError.referenceDuration(samplesAt16kHz: 32_000, allowed: 48_000...160_000)
        #expect(
            error.description
                == "the reference audio lasts 2.0 s (32000 samples at 16 kHz): choose one of 3.0–10.0 s")
        #expect(error.code == "reference_duration_out_of_range")
    }
}
