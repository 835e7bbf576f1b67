/// Synchronised overlap-add: joins fragments that overlap, each at the shift where it matches its predecessor best.
///
/// Equals upstream's `TTS.sola_algorithm`.
public enum SOLA {
    /// Shifts that are tried: 0…320 samples.
    public static let searchSamples = 320

    /// Joins the fragments.
    ///
    /// The last `overlapSamples` of a fragment are compared with the beginning of the next at each shift; what lies
    /// before the best one is dropped and the overlap is blended with the two halves of a Hann window. The result
    /// is therefore up to 320 samples per seam shorter than the fragments less their overlaps.
    ///
    /// - Parameters:
    ///   - fragments: mono samples in order.
    ///   - overlapSamples: samples that neighbours share; with zero the fragments are set end to end.
    /// - Throws: ``AudioError/fragmentTooShort(index:samples:needed:)`` when a fragment does not hold the overlap.
    public static func join(_ fragments: [[Float]], overlapSamples: Int) throws(AudioError) -> [Float] {
        guard overlapSamples > 0, fragments.count > 1 else { return fragments.flatMap { $0 } }
        let window = Window.hann(2 * overlapSamples)
        var joined = [Float]()
        joined.reserveCapacity(fragments.reduce(0) { $0 + $1.count })
        // Length of the latest fragment as it stands, after its own beginning was cut.
        var latest = 0
        for (index, fragment) in fragments.enumerated() {
            guard fragment.count >= overlapSamples, index == 0 || latest >= overlapSamples else {
                let short = fragment.count < overlapSamples
                throw .fragmentTooShort(
                    index: short ? index : index - 1, samples: short ? fragment.count : latest,
                    needed: overlapSamples)
            }
            guard index > 0 else {
                joined = fragment
                latest = fragment.count
                continue
            }
            let tail = joined.suffix(overlapSamples)
            let shift = bestShift(of: fragment, against: tail)
            joined.removeLast(overlapSamples)
            for (offset, old) in tail.enumerated() {
                joined.append(
                    window[offset] * fragment[shift + offset] + window[overlapSamples + offset] * old)
            }
            joined += fragment[(shift + overlapSamples)...]
            latest = fragment.count - shift
        }
        return joined
    }

    /// The shift in 0…320 at which `next` correlates best with `tail`, the first one among equals.
    ///
    /// The measure is `Σ tail·next / √(Σ next² + 10⁻⁸)`; the tail's own energy is the same for all shifts.
    ///
    /// - Precondition: `next` is at least as long as `tail`.
    public static func bestShift(of next: [Float], against tail: ArraySlice<Float>) -> Int {
        precondition(
            next.count >= tail.count, "SOLA: a fragment of \(next.count) samples for \(tail.count) of overlap"
        )
        let tail = Array(tail)
        var best = (shift: 0, measure: -Float.infinity)
        for shift in 0...min(searchSamples, next.count - tail.count) {
            var (product, energy) = (0.0, 0.0)
            for index in tail.indices {
                let sample = Double(next[shift + index])
                product += sample * Double(tail[index])
                energy += sample * sample
            }
            let measure = Float(product) / (Float(energy) + 1e-8).squareRoot()
            if measure > best.measure { best = (shift, measure) }
        }
        return best.shift
    }
}
