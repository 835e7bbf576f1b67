/// Counts of durations up to fixed bounds, in the form of a Prometheus histogram.
package struct Histogram: Sendable, Equatable {
    /// Upper bounds in seconds, ascending.
    package let bounds: [Double]
    private(set) var counts: [Int]
    /// All durations together, and how many there were.
    package private(set) var sum = 0.0, count = 0

    /// No durations.
    ///
    /// - Parameter bounds: upper bounds in seconds, ascending.
    package init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = bounds.map { _ in 0 }
    }

    /// Counts a duration.
    package mutating func observe(_ value: Double) {
        if let index = bounds.firstIndex(where: { value <= $0 }) { counts[index] += 1 }
        sum += value
        count += 1
    }

    /// Values up to each bound, all smaller ones included.
    package var cumulative: [Int] {
        var total = 0
        return counts.map { count in
            total += count
            return total
        }
    }
}
