/// The networks' inputs from a reference clip: HuBERT's signal, the reference encoder's spectrogram, the speaker
/// verification features and the v3/v4 mels.
package enum ReferenceAudio {
    /// Duration a reference may have, counted in samples at 16 kHz: 3–10 s, both ends allowed.
    package static let allowedSamplesAt16kHz = 48_000...160_000

    /// The signal HuBERT turns into prompt tokens: mono 16 kHz, followed by silence.
    ///
    /// - Parameters:
    ///   - clip: the reference.
    ///   - modelSampleRateHz: the voice's own rate. Upstream appends 0.3 s of zeros counted at this rate to the
    ///     16 kHz signal, so a 32 kHz voice gets 9,600 of them, which last 0.6 s.
    /// - Throws: ``AudioError/referenceDuration(samplesAt16kHz:allowed:)`` outside 3–10 s.
    package static func semanticInput(
        _ clip: AudioClip, modelSampleRateHz: Int = 32_000
    ) throws(AudioError) -> [Float] {
        let samples = try LibrosaResampler.to16kHz(clip)
        try checkDuration(samplesAt16kHz: samples.count)
        return samples + repeatElement(0, count: max(0, Int(Double(modelSampleRateHz) * 0.3)))
    }

    /// The 3–10 s rule, on the number of 16 kHz samples.
    ///
    /// - Throws: ``AudioError/referenceDuration(samplesAt16kHz:allowed:)``.
    package static func checkDuration(samplesAt16kHz count: Int) throws(AudioError) {
        guard allowedSamplesAt16kHz.contains(count) else {
            throw .referenceDuration(samplesAt16kHz: count, allowed: allowedSamplesAt16kHz)
        }
    }

    /// The clip as mono at another rate, by torchaudio's resampler. Levels do not change.
    package static func waveform(_ clip: AudioClip, sampleRateHz: Int) -> [Float] {
        SincResampler(from: clip.sampleRateHz, to: sampleRateHz)(clip.mono())
    }

    /// Upstream's level rule: samples are divided by a peak above full scale, by two at most.
    package static func limitPeak(_ samples: [Float]) -> [Float] {
        let peak = samples.reduce(0) { max($0, abs($1)) }
        guard peak > 1 else { return samples }
        let divisor = min(2, peak)
        return samples.map { $0 / divisor }
    }

    /// The reference encoder's input.
    package struct Analysis: Sendable, Equatable {
        /// `[1025, T]`, one frame per 20 ms.
        package let spectrogram: Spectrogram
        /// The 32 kHz signal that was analysed, its peak limited; ``speakerFeatures(_:sampleRateHz:)`` takes it.
        package let samples: [Float]
    }

    /// The spectrogram of a reference clip as 32 kHz voices take it: mean of the channels, torchaudio's
    /// resampler, ``limitPeak(_:)``, 2048-sample frames every 640 samples.
    ///
    /// - Throws: ``AudioError/tooShort(stage:samples:needed:)`` for a clip shorter than one frame.
    package static func spectrogram32k(_ clip: AudioClip) throws(AudioError) -> Analysis {
        try spectrogram(clip, sampleRateHz: 32_000, analyzer: analyzer32k)
    }

    /// The same for a voice whose checkpoint states another rate, frame size or hop.
    package static func spectrogram(
        _ clip: AudioClip, sampleRateHz: Int, analyzer: SpectrogramAnalyzer
    ) throws(AudioError) -> Analysis {
        let samples = limitPeak(waveform(clip, sampleRateHz: sampleRateHz))
        return Analysis(spectrogram: try analyzer(samples), samples: samples)
    }

    private static let analyzer32k = SpectrogramAnalyzer(fftSize: 2048, hopSamples: 640, windowSamples: 2048)

    /// Speaker verification features `[T, 80]` of ``Analysis/samples``: 16 kHz by torchaudio's resampler, then
    /// Kaldi's filter bank. The v2Pro voices need them.
    ///
    /// - Throws: ``AudioError/tooShort(stage:samples:needed:)``.
    package static func speakerFeatures(
        _ samples: [Float], sampleRateHz: Int = 32_000
    ) throws(AudioError) -> FilterBankFeatures {
        try KaldiFilterBank.speakerVerification(SincResampler(from: sampleRateHz, to: 16_000)(samples))
    }

    /// The normalised log mel of a reference clip, `[100, T]`, by `mel` ``LogMel/v3`` or ``LogMel/v4``.
    /// The peak is not limited here.
    ///
    /// - Throws: ``AudioError/tooShort(stage:samples:needed:)``.
    package static func normalizedMel(_ clip: AudioClip, _ mel: LogMel) throws(AudioError) -> Spectrogram {
        LogMel.normalize(try mel(waveform(clip, sampleRateHz: mel.sampleRateHz)))
    }
}
