/// From the vocoder's fragments to 16-bit samples: peak normalisation, pauses, order, conversion.
///
/// Equals upstream's `TTS.audio_postprocess` without super-sampling.
package enum Postprocess {
    /// Conversion of samples at or above +1.0, which 16 bits cannot represent.
    package enum FullScale: Sendable, Equatable {
        /// They wrap around to −32,768, as upstream's conversion does: a fragment whose positive peak was
        /// normalised clicks there. For comparing with upstream sample by sample.
        case wrap
        /// They become 32,767. For listening.
        case clamp
    }

    /// Longest pause between fragments, in seconds.
    package static let maximumPauseSeconds = 60.0

    /// Divides a fragment by its peak when that is above full scale.
    package static func normalizePeak(_ fragment: [Float]) -> [Float] {
        let peak = fragment.reduce(0) { max($0, abs($1)) }
        guard peak > 1 else { return fragment }
        return fragment.map { $0 / peak }
    }

    /// Normalises each fragment, appends the pause, restores the order of the sentences and converts.
    ///
    /// - Parameters:
    ///   - batches: fragments as they were synthesised, `[batch][item][sample]`.
    ///   - order: for each fragment the position of its sentence, of the same shape; nil keeps the order.
    ///   - pauseSeconds: silence after every fragment, the last one too.
    ///   - sampleRateHz: the rate the pause is counted at. Upstream counts it at the voice's own rate (32 kHz) even
    ///     where the vocoder's differs.
    ///   - fullScale: what to do at +1.0.
    /// - Throws: ``AudioError/invalidFragmentOrder(order:fragments:)`` or
    ///   ``AudioError/invalidPause(seconds:limitSeconds:)``.
    package static func assemble(
        _ batches: [[[Float]]], order: [[Int]]?, pauseSeconds: Double, sampleRateHz: Int, fullScale: FullScale
    ) throws(AudioError) -> [Int16] {
        toInt16(
            try join(batches, order: order, pauseSeconds: pauseSeconds, sampleRateHz: sampleRateHz),
            fullScale: fullScale)
    }

    /// The same before the conversion, for what is processed further.
    package static func join(
        _ batches: [[[Float]]], order: [[Int]]?, pauseSeconds: Double, sampleRateHz: Int
    ) throws(AudioError) -> [Float] {
        guard pauseSeconds >= 0, pauseSeconds <= maximumPauseSeconds else {
            throw .invalidPause(seconds: pauseSeconds, limitSeconds: maximumPauseSeconds)
        }
        let pause = Int(Double(max(0, sampleRateHz)) * pauseSeconds)
        let fragments = try order.map { (order) throws(AudioError) in try restore(batches, order: order) }
        var result = [Float]()
        for fragment in fragments ?? batches.flatMap({ $0 }) {
            result += normalizePeak(fragment)
            result += repeatElement(0, count: pause)
        }
        return result
    }

    /// Restores the order of the sentences of fragments that were batched by length.
    ///
    /// - Throws: ``AudioError/invalidFragmentOrder(order:fragments:)`` unless `order` has the shape of `batches` and
    ///   names every position once.
    package static func restore<Fragment>(
        _ batches: [[Fragment]], order: [[Int]]
    ) throws(AudioError) -> [Fragment] {
        let positions = order.flatMap { $0 }
        let fragments = batches.flatMap { $0 }
        var source = [Int?](repeating: nil, count: fragments.count)
        var isValid = order.map(\.count) == batches.map(\.count)
        for (index, position) in positions.enumerated() where isValid {
            isValid = source.indices.contains(position) && source[position] == nil
            if isValid { source[position] = index }
        }
        guard isValid else {
            throw .invalidFragmentOrder(order: positions, fragments: fragments.count)
        }
        return source.compactMap { $0 }.map { fragments[$0] }
    }

    /// Converts to 16 bits: times 32,768, the fraction cut off towards zero. NaN becomes 0.
    package static func toInt16(_ samples: [Float], fullScale: FullScale) -> [Int16] {
        switch fullScale {
        case .clamp:
            samples.map { sample in
                sample.isNaN ? 0 : Int16(max(-32_768, min(32_767, sample * 32_768)))
            }
        case .wrap:
            samples.map { sample in
                // The processor's conversion: what does not fit 32 bits becomes −2³¹, whose low half is zero.
                let scaled = sample * 32_768
                guard abs(scaled) < 2_147_483_648 else { return 0 }
                return Int16(truncatingIfNeeded: Int32(scaled))
            }
        }
    }
}
