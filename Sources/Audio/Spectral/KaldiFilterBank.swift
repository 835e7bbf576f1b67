#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Log filter-bank features for the speaker verification network, row-major `[T, bands]`.
package struct FilterBankFeatures: Sendable, Equatable {
    /// T, the rows.
    package let frames: Int
    /// Bands per frame, the columns.
    package let bands: Int
    /// `frames · bands` values, frame by frame.
    package let values: [Float]
}

/// Kaldi's filter bank without dither: 25 ms frames every 10 ms that lie within the signal, mean removed, pre-emphasis 0.97,
/// Povey window, power spectrum of 512 points, mel filters from 20 Hz, `ln(max(·, ε))`.
///
/// Equals `Kaldi.fbank(x, num_mel_bins=80, sample_frequency=16000, dither=0)`.
package struct KaldiFilterBank: Sendable {
    /// The speaker verification network's 80 bands at 16 kHz.
    package static let speakerVerification = KaldiFilterBank(sampleRateHz: 16_000, bands: 80)

    private let frameSamples: Int
    private let shiftSamples: Int
    private let transform: RealTransform
    private let filters: MelFilterBank
    private let window: [Float]

    private static let preEmphasis: Float = 0.97
    private static let lowHz = 20.0

    /// Precomputes filters, window and transform.
    ///
    /// - Precondition: the rate is at least 1 kHz.
    package init(sampleRateHz: Int, bands: Int) {
        precondition(sampleRateHz >= 1_000, "KaldiFilterBank: a rate of \(sampleRateHz) Hz is too low")
        frameSamples = sampleRateHz * 25 / 1000
        shiftSamples = sampleRateHz * 10 / 1000
        var fftSize = 1
        while fftSize < frameSamples { fftSize *= 2 }
        transform = RealTransform(length: fftSize)
        filters = .kaldi(sampleRateHz: sampleRateHz, fftSize: fftSize, count: bands, lowHz: Self.lowHz)
        window = Window.povey(frameSamples)
    }

    /// The features `[T, bands]` of a mono signal.
    ///
    /// - Throws: ``AudioError/tooShort(stage:samples:needed:)`` when not one frame fits.
    package func callAsFunction(_ samples: [Float]) throws(AudioError) -> FilterBankFeatures {
        guard samples.count >= frameSamples else {
            throw .tooShort(stage: "the filter bank", samples: samples.count, needed: frameSamples)
        }
        let frames = (samples.count - frameSamples) / shiftSamples + 1
        var values = [Float](repeating: 0, count: frames * filters.filters.count)
        var spectra = transform.makeSpectra()
        var power = [Double](repeating: 0, count: transform.bins)

        for first in stride(from: 0, to: frames, by: Lanes.scalarCount) {
            let lanes = min(Lanes.scalarCount, frames - first)
            // The transform overwrites its input, so the zeros past the frame are set again.
            for lane in 0..<lanes {
                let start = (first + lane) * shiftSamples
                let frame = prepare(samples[start..<start + frameSamples])
                for index in 0..<transform.length {
                    spectra.set(index < frameSamples ? Double(frame[index]) : 0, at: index, lane: lane)
                }
            }
            transform.transform(&spectra)
            for lane in 0..<lanes {
                for bin in power.indices {
                    let (re, im) = (spectra.re[bin][lane], spectra.im[bin][lane])
                    power[bin] = re * re + im * im
                }
                fill(&values, row: first + lane, power: power)
            }
        }
        return FilterBankFeatures(frames: frames, bands: filters.filters.count, values: values)
    }

    /// Removes the mean, emphasises high frequencies (the first sample against itself) and applies the window.
    private func prepare(_ samples: ArraySlice<Float>) -> [Float] {
        let mean = Float(samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count))
        var previous = (samples.first ?? 0) - mean
        var frame = [Float]()
        frame.reserveCapacity(samples.count)
        for (sample, weight) in zip(samples, window) {
            let centred = sample - mean
            frame.append((centred - Self.preEmphasis * previous) * weight)
            previous = centred
        }
        return frame
    }

    private func fill(_ values: inout [Float], row: Int, power: [Double]) {
        let bands = filters.filters.count
        for (band, filter) in filters.filters.enumerated() {
            var sum = 0.0
            for (offset, weight) in filter.weights.enumerated() {
                sum += Double(weight) * power[filter.firstBin + offset]
            }
            values[row * bands + band] = logf(max(Float(sum), Float.ulpOfOne))
        }
    }
}
