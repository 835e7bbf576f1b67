package import Models

/// Sampling noise in the order in which upstream draws it: one array `[B, V]` per step, whose rows are the sequences that
/// are still decoded, in the order of their numbers.
package final class OrderedNoise: SamplingNoise {
    private let values: (_ draw: Int, _ count: Int) -> [Float]
    private var nextDraw = 0
    private var last = (step: -1, sequence: -1)
    private var row = 0
    private var drawn: ArraySlice<Float> = []

    /// - Parameter values: from the index of a draw and a number of elements to at least that many exponentially
    ///   distributed numbers, the first ones of the draw.
    package init(_ values: @escaping (_ draw: Int, _ count: Int) -> [Float]) { self.values = values }

    /// See `SamplingNoise`.
    package func begin(step: Int, sequence: Int, vocabulary: Int) {
        if step == last.step, sequence > last.sequence {
            row += 1
        } else {
            row = 0
            nextDraw += 1
        }
        last = (step, sequence)
        let count = (row + 1) * vocabulary
        let array = values(nextDraw - 1, count)
        precondition(array.count >= count, "draw \(nextDraw - 1): \(array.count) numbers, \(count) needed")
        drawn = array[row * vocabulary..<count]
    }

    /// See `SamplingNoise`.
    package func exponential(token: Int) -> Float { drawn[drawn.startIndex + token] }
}
