#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The logarithmic mel spectrogram that the v3 and v4 voices are conditioned on: a magnitude spectrogram with a
/// window as long as the frame, Slaney's mel filters, `ln(max(·, 10⁻⁵))`.
///
/// Equals `mel_spectrogram_torch(…, fmin=0, fmax=None, center=False)`.
package struct LogMel: Sendable {
    /// Rate of the signal, in Hz.
    package let sampleRateHz: Int

    private let analyzer: SpectrogramAnalyzer
    private let filters: MelFilterBank

    /// The v3 voices' mel: 24 kHz, 1024-sample frames every 256 samples, 100 bands.
    package static let v3 = LogMel(sampleRateHz: 24_000, fftSize: 1024, hopSamples: 256, bands: 100)
    /// The v4 voices' mel: 32 kHz, 1280-sample frames every 320 samples, 100 bands.
    package static let v4 = LogMel(sampleRateHz: 32_000, fftSize: 1280, hopSamples: 320, bands: 100)

    /// Precomputes filters, window and transform.
    package init(sampleRateHz: Int, fftSize: Int, hopSamples: Int, bands: Int) {
        self.sampleRateHz = sampleRateHz
        analyzer = SpectrogramAnalyzer(fftSize: fftSize, hopSamples: hopSamples, windowSamples: fftSize)
        filters = .slaney(sampleRateHz: sampleRateHz, fftSize: fftSize, count: bands)
    }

    /// The log mel spectrogram `[bands, T]` of a mono signal at ``sampleRateHz``.
    ///
    /// - Throws: ``AudioError/tooShort(stage:samples:needed:)``.
    package func callAsFunction(_ samples: [Float]) throws(AudioError) -> Spectrogram {
        filters(try analyzer(samples)).map { logf(max($0, 1e-5)) }
    }

    /// Maps log mel values from −12…2 to −1…1, the range the flow-matching model works in.
    package static func normalize(_ mel: Spectrogram) -> Spectrogram {
        mel.map { ($0 + 12) / 14 * 2 - 1 }
    }

    /// The inverse of ``normalize(_:)``, for what the model returns.
    package static func denormalize(_ mel: Spectrogram) -> Spectrogram {
        mel.map { ($0 + 1) / 2 * 14 - 12 }
    }
}
