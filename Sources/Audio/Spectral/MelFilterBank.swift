#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Triangular filters over the bins of a transform; each keeps only its non-zero stretch.
package struct MelFilterBank: Sendable, Equatable {
    /// One filter: weights of the bins from `firstBin` on.
    package struct Filter: Sendable, Equatable {
        /// The first bin with a weight.
        package let firstBin: Int
        /// Weights of the bins from ``firstBin`` on; empty for a filter that no bin falls into.
        package let weights: [Float]
    }

    /// The filters, lowest first.
    package let filters: [Filter]
    /// Bins that the filters extend over.
    package let bins: Int

    private init(rows: [[Float]], bins: Int) {
        self.bins = bins
        filters = rows.map { row in
            guard let first = row.firstIndex(where: { $0 != 0 }), let last = row.lastIndex(where: { $0 != 0 })
            else { return Filter(firstBin: 0, weights: []) }
            return Filter(firstBin: first, weights: Array(row[first...last]))
        }
    }

    /// `librosa.filters.mel(sr=, n_fft=, n_mels=, fmin=0, fmax=None)`: Slaney's mel scale, linear below 1 kHz,
    /// triangles of unit area. Computed in double precision and rounded to single where NumPy does.
    ///
    /// - Returns: `count` filters over `fftSize / 2 + 1` bins.
    package static func slaney(sampleRateHz: Int, fftSize: Int, count: Int) -> MelFilterBank {
        let top = slaneyMel(Double(sampleRateHz) / 2)
        let corners = (0..<count + 2).map { index in
            slaneyFrequency(index == count + 1 ? top : Double(index) * (top / Double(count + 1)))
        }
        let binWidth = 1 / (Double(fftSize) * (1 / Double(sampleRateHz)))
        let rows = (0..<count).map { filter -> [Float] in
            let (left, centre, right) = (corners[filter], corners[filter + 1], corners[filter + 2])
            let area = 2 / (right - left)
            return (0...fftSize / 2).map { bin in
                let frequency = Double(bin) * binWidth
                let rising = (frequency - left) / (centre - left)
                let falling = (right - frequency) / (right - centre)
                return Float(Double(Float(max(0, min(rising, falling)))) * area)
            }
        }
        return MelFilterBank(rows: rows, bins: fftSize / 2 + 1)
    }

    /// Kaldi's filters, `1127·ln(1 + f/700)`, from `lowHz` to half the rate, triangles of unit height, in single
    /// precision step by step.
    ///
    /// - Returns: `count` filters over `fftSize / 2` bins; the one at half the rate has no weight.
    package static func kaldi(
        sampleRateHz: Int, fftSize: Int, count: Int, lowHz: Double
    ) -> MelFilterBank {
        func mel(_ frequency: Double) -> Double { 1127 * log(1 + frequency / 700) }
        let low = mel(lowHz)
        let step = Float((mel(Double(sampleRateHz) / 2) - low) / Double(count + 1))
        let binWidth = Float(Double(sampleRateHz) / Double(fftSize))
        let bins = (0..<fftSize / 2).map { bin -> Float in
            let ratio = 1 + binWidth * Float(bin) / 700
            return 1127 * Float(log(Double(ratio)))
        }
        let rows = (0..<count).map { filter -> [Float] in
            let corner = { (index: Int) in Float(low) + Float(index) * step }
            let (left, centre, right) = (corner(filter), corner(filter + 1), corner(filter + 2))
            return bins.map { max(0, min(($0 - left) / (centre - left), (right - $0) / (right - centre))) }
        }
        return MelFilterBank(rows: rows, bins: fftSize / 2)
    }

    /// The bands of a spectrogram, `[filters, T]`. Sums in double precision.
    ///
    /// - Precondition: the spectrogram has ``bins`` rows.
    package func callAsFunction(_ spectrogram: Spectrogram) -> Spectrogram {
        precondition(
            spectrogram.frequencyBins == bins,
            "MelFilterBank: \(spectrogram.frequencyBins) bins, expected \(bins)")
        let frames = spectrogram.frames
        var values = [Float]()
        values.reserveCapacity(filters.count * frames)
        var sums = [Double](repeating: 0, count: frames)
        for filter in filters {
            for frame in sums.indices { sums[frame] = 0 }
            for (offset, weight) in filter.weights.enumerated() {
                let row = (filter.firstBin + offset) * frames
                for frame in 0..<frames {
                    sums[frame] += Double(weight) * Double(spectrogram.values[row + frame])
                }
            }
            values += sums.lazy.map { Float($0) }
        }
        return Spectrogram(frequencyBins: filters.count, frames: frames, values: values)
    }

    /// All weights, row-major `[filters, bins]`.
    package var dense: [Float] {
        filters.flatMap { filter in
            [Float](repeating: 0, count: filter.firstBin) + filter.weights
                + [Float](repeating: 0, count: bins - filter.firstBin - filter.weights.count)
        }
    }

    // Slaney's scale: 200/3 Hz per mel up to 1 kHz, from there 27 mels per factor of 6.4.
    private static let linearStep = 200.0 / 3
    private static let logStart = 1000.0
    private static let logStep = log(6.4) / 27

    private static func slaneyMel(_ frequency: Double) -> Double {
        frequency < logStart
            ? frequency / linearStep : logStart / linearStep + log(frequency / logStart) / logStep
    }

    private static func slaneyFrequency(_ mel: Double) -> Double {
        let start = logStart / linearStep
        return mel < start ? linearStep * mel : logStart * exp(logStep * (mel - start))
    }
}
