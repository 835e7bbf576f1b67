/// Synchronised overlap-add: joins fragments that overlap, each at the shift where it matches its predecessor best.
///
/// Equals upstream's `TTS.sola_algorithm`.
package enum SOLA {
    /// Range of the shifts that are searched: 0…320 samples.
    package static let searchSamples = 320

    /// Joins the fragments.
    ///
    /// The last `overlapSamples` of a fragment are compared with the beginning of the next at each shift; samples
    /// before the best one are dropped and the overlap is blended with the two halves of a Hann window. The result
    /// is therefore up to 320 samples per seam shorter than the fragments less their overlaps.
    ///
    /// - Parameters:
    ///   - fragments: mono samples in order.
    ///   - overlapSamples: samples that neighbours share; zero concatenates the fragments.
    /// - Throws: ``AudioError/fragmentTooShort(index:samples:needed:)`` when a fragment does not hold the overlap.
    package static func join(_ fragments: [[Float]], overlapSamples: Int) throws(AudioError) -> [Float] {
        guard overlapSamples > 0, fragments.count > 1 else { return fragments.flatMap { $0 } }
        // A shift never removes any of the last `overlapSamples`, so a fragment that holds the overlap as it comes
        // still holds the next one after it was joined.
        for (index, fragment) in fragments.enumerated() where fragment.count < overlapSamples {
            throw .fragmentTooShort(index: index, samples: fragment.count, needed: overlapSamples)
        }
        let window = Window.hann(2 * overlapSamples)
        var joined = fragments[0]
        joined.reserveCapacity(fragments.reduce(0) { $0 + $1.count })
        for fragment in fragments.dropFirst() {
            let tail = Array(joined.suffix(overlapSamples))
            let shift = bestShift(of: fragment, against: tail)
            joined.removeLast(overlapSamples)
            for (offset, old) in tail.enumerated() {
                joined.append(
                    window[offset] * fragment[shift + offset] + window[overlapSamples + offset] * old)
            }
            joined += fragment[(shift + overlapSamples)...]
        }
        return joined
    }

    /// The shift in 0…320 at which `next` correlates best with `tail`, the first one among equals.
    ///
    /// The measure is `Σ tail·next / √(Σ next² + 10⁻⁸)`; the tail's own energy is the same for all shifts.
    ///
    /// - Precondition: `next` is at least as long as `tail`.
    package static func bestShift(of next: [Float], against tail: [Float]) -> Int {
        precondition(
            next.count >= tail.count, "SOLA: a fragment of \(next.count) samples for \(tail.count) of overlap"
        )
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
