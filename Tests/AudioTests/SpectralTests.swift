import Tensor
import TestSupport
import Testing

@testable import Audio

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct FourierTests {
    /// The definition, term by term.
    private func slow(_ x: [Double]) -> (re: [Double], im: [Double]) {
        let bins = 0...x.count / 2
        let angle = { (k: Int, n: Int) in -2 * Double.pi * Double(k * n % x.count) / Double(x.count) }
        return (
            bins.map { k in x.indices.reduce(0) { $0 + x[$1] * cos(angle(k, $1)) } },
            bins.map { k in x.indices.reduce(0) { $0 + x[$1] * sin(angle(k, $1)) } }
        )
    }

    @Test(arguments: Array(1...64) + [77, 100, 121, 169, 250, 512, 640, 1_024, 1_280])
    func equalsTheDefinition(_ length: Int) {
        var random = SplitMix64(seed: UInt64(length))
        let frame = random.noise(length).map { Double($0) }
        let (found, expected) = (RealTransform(length: length)(frame), slow(frame))
        #expect(found.re.count == length / 2 + 1)
        let worst = zip(found.re + found.im, expected.re + expected.im).reduce(0) {
            max($0, abs($1.0 - $1.1))
        }
        #expect(worst < Limit.transform(length: length))
    }

    /// Parseval: the energy of the spectrum, both halves, is the energy of the frame times its length.
    @Test(arguments: [2, 6, 512, 1_024, 1_280, 2_048])
    func keepsTheEnergy(_ length: Int) {
        var random = SplitMix64(seed: 7)
        let frame = random.noise(length).map { Double($0) }
        let (re, im) = RealTransform(length: length)(frame)
        let energy = zip(re, im).map { $0 * $0 + $1 * $1 }
        let both = 2 * energy.reduce(0, +) - energy[0] - energy[length / 2]
        let expected = Double(length) * frame.reduce(0) { $0 + $1 * $1 }
        #expect(abs(both - expected) < Limit.energy * expected)
    }

    /// The four lanes do not mix: each frame's spectrum is the one it has alone.
    @Test func lanesAreIndependent() {
        let transform = RealTransform(length: 40)
        var random = SplitMix64(seed: 3)
        let frames = (0..<4).map { _ in random.noise(40).map { Double($0) } }
        var spectra = transform.makeSpectra()
        for (lane, frame) in frames.enumerated() {
            for (index, sample) in frame.enumerated() { spectra.set(sample, at: index, lane: lane) }
        }
        transform.transform(&spectra)
        for (lane, frame) in frames.enumerated() {
            let alone = transform(frame)
            #expect(spectra.re.map { $0[lane] } == alone.re)
            #expect(spectra.im.map { $0[lane] } == alone.im)
        }
    }
}

@Suite struct SpectrogramTests {
    @Test func windowsAgree() throws {
        let golden = try Fixtures.arrays("kernels")
        #expect(try maximumError(Window.hann(2_048), golden["hann2048"].floats) <= Limit.rounding)
        #expect(try maximumError(Window.hann(1_280), golden["hann1280"].floats) <= Limit.rounding)
        #expect(try maximumError(Window.povey(400), golden["povey400"].floats) <= Limit.rounding)
        #expect(Window.hann(1) == [1])
        #expect(Window.hann(0).isEmpty)
        let symmetric = Window.hann(2_048, periodic: false)
        #expect(try maximumError(symmetric, golden["hann2048"].floats) > Limit.rounding)
    }

    @Test func referenceSpectrogramAgrees() throws {
        let golden = try Fixtures.arrays("stereo44k")
        let clip = try Fixtures.clip("stereo44k")
        let found = try ReferenceAudio.spectrogram32k(clip)
        let spec = try golden["spec"]
        #expect(spec.shape == [1, found.spectrogram.frequencyBins, found.spectrogram.frames])
        #expect(try maximumError(found.samples, golden["mono32k"].floats) <= Limit.rounding)
        #expect(errorOfPeak(found.spectrogram.values, spec.floats) <= Limit.magnitude)
        // Taking one channel for the mean would be noticed.
        let left = try AudioClip(channels: [clip.channels[0]], sampleRateHz: clip.sampleRateHz)
        let wrong = try ReferenceAudio.spectrogram32k(left).spectrogram
        #expect(errorOfPeak(wrong.values, spec.floats) > 1_000 * Limit.magnitude)
    }

    /// A clip whose peak is above 1 is scaled before the analysis.
    @Test func loudClipsAreScaled() throws {
        let golden = try Fixtures.arrays("loud24k")
        let clip = try Fixtures.clip("loud24k")
        let found = try ReferenceAudio.spectrogram32k(clip)
        #expect(try maximumError(found.samples, golden["mono32k_scaled"].floats) <= Limit.rounding)
        #expect(try errorOfPeak(found.spectrogram.values, golden["spec"].floats) <= Limit.magnitude)
        let unscaled = ReferenceAudio.waveform(clip, sampleRateHz: 32_000)
        #expect(try maximumError(unscaled, golden["mono32k_scaled"].floats) > 0.1)
    }

    @Test func peakRule() {
        #expect(ReferenceAudio.limitPeak([0.5, -1]) == [0.5, -1])
        #expect(ReferenceAudio.limitPeak([0.75, -1.5]) == [0.5, -1])
        #expect(ReferenceAudio.limitPeak([4, -8]) == [2, -4])  // divided by two at most
        #expect(ReferenceAudio.limitPeak([]).isEmpty)
    }

    /// Every length around the shortest possible: the number of frames, or an error with the number needed.
    @Test func shortSignals() throws {
        let analyzer = SpectrogramAnalyzer(fftSize: 32, hopSamples: 8, windowSamples: 24)
        #expect(analyzer.minimumSamples == 13)
        for count in 0...64 {
            let signal = (0..<count).map { Float($0) }
            if count < 13 {
                #expect(
                    throws: AudioError.tooShort(stage: "the spectrogram", samples: count, needed: 13)
                ) { try analyzer(signal) }
            } else {
                let found = try analyzer(signal)
                #expect(found.frames == (count + 24 - 32) / 8 + 1)
                #expect(found.values.allSatisfy { $0.isFinite })
            }
        }
    }

    /// A short window sits in the middle of the frame: silence but for one sample outside of it stays silent.
    @Test func shortWindowsAreCentred() throws {
        let analyzer = SpectrogramAnalyzer(fftSize: 32, hopSamples: 32, windowSamples: 8)
        var signal = [Float](repeating: 0, count: 32)
        signal[4] = 1
        #expect(try analyzer(signal).values.allSatisfy { $0 == Float(1e-8).squareRoot() })
        (signal[4], signal[16]) = (0, 1)
        #expect(try analyzer(signal).values.allSatisfy { abs($0 - 1) < Limit.unitMagnitude })
    }
}

@Suite struct MelTests {
    /// Compares with a matrix stored as the positions and values of its non-zero entries.
    private func expectEqual(_ bank: MelFilterBank, _ name: String, limit: Float) throws {
        let golden = try Fixtures.arrays("kernels")
        var dense = [Float](repeating: 0, count: bank.filters.count * bank.bins)
        for (index, value) in try zip(golden["\(name)_index"].integers, golden["\(name)_value"].floats) {
            dense[index] = value
        }
        #expect(maximumError(bank.dense, dense) <= limit)
    }

    @Test func filtersAgree() throws {
        let (v3, v4) = (
            MelFilterBank.slaney(sampleRateHz: 24_000, fftSize: 1024, count: 100),
            MelFilterBank.slaney(sampleRateHz: 32_000, fftSize: 1280, count: 100)
        )
        try expectEqual(v3, "mel_v3", limit: Limit.exact)
        try expectEqual(v4, "mel_v4", limit: Limit.exact)
        // One unit in the last place of a logarithm is 7e-6 of a filter's slope.
        let kaldi = MelFilterBank.kaldi(sampleRateHz: 16_000, fftSize: 512, count: 80, lowHz: 20)
        try expectEqual(kaldi, "kaldi", limit: 1e-5)
    }

    @Test func melsAgree() throws {
        let golden = try Fixtures.arrays("stereo44k")
        let clip = try Fixtures.clip("stereo44k")
        let wave = ReferenceAudio.waveform(clip, sampleRateHz: 24_000)
        #expect(try maximumError(wave, golden["v3_24k"].floats) <= Limit.rounding)
        for (name, mel) in [("v3_mel", LogMel.v3), ("v4_mel", LogMel.v4)] {
            let found = try mel(ReferenceAudio.waveform(clip, sampleRateHz: mel.sampleRateHz))
            let expected = try golden[name]
            #expect(expected.shape == [1, found.frequencyBins, found.frames])
            #expect(maximumError(found.values, expected.floats) <= Limit.logarithm)
            let normalized = try ReferenceAudio.normalizedMel(clip, mel)
            #expect(try maximumError(normalized.values, golden[name + "_norm"].floats) <= Limit.normalized)
            #expect(maximumError(LogMel.denormalize(normalized).values, found.values) <= Limit.inverse)
            // Half a frame's hop of delay would be noticed.
            let shifted = try mel(
                Array(ReferenceAudio.waveform(clip, sampleRateHz: mel.sampleRateHz).dropFirst(8)))
            #expect(
                maximumError(Array(shifted.values[..<40]), Array(expected.floats[..<40])) > Limit.logarithm)
        }
    }

    /// The mel path takes the clip at its own level, unlike the spectrogram.
    @Test func loudMelAgrees() throws {
        let found = try LogMel.v4(ReferenceAudio.waveform(Fixtures.clip("loud24k"), sampleRateHz: 32_000))
        #expect(
            try maximumError(found.values, Fixtures.arrays("loud24k")["v4_mel"].floats) <= Limit.logarithm)
    }

    @Test func speakerFeaturesAgree() throws {
        let golden = try Fixtures.arrays("stereo44k")
        let samples = try ReferenceAudio.spectrogram32k(Fixtures.clip("stereo44k")).samples
        let sv16k = SincResampler(from: 32_000, to: 16_000)(samples)
        #expect(try maximumError(sv16k, golden["sv16k"].floats) <= Limit.rounding)
        let found = try ReferenceAudio.speakerFeatures(samples)
        let expected = try golden["fbank"]
        #expect(expected.shape == [found.frames, found.bands])
        #expect(maximumError(found.values, expected.floats) <= Limit.logarithm)
        #expect(throws: AudioError.tooShort(stage: "the filter bank", samples: 399, needed: 400)) {
            try KaldiFilterBank.speakerVerification([Float](repeating: 0, count: 399))
        }
    }

    /// Silence has no energy in any band: the floor is the logarithm of the machine epsilon.
    @Test func silenceIsFloored() throws {
        let found = try KaldiFilterBank.speakerVerification([Float](repeating: 0.25, count: 400))
        #expect(found.values == [Float](repeating: logf(Float.ulpOfOne), count: 80))
    }
}
