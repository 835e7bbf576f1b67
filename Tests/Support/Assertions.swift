/// The largest elementwise difference and the largest magnitude of the expectation.
public func largestError(_ found: [Float], _ expected: [Float]) -> (error: Float, peak: Float) {
    guard found.count == expected.count else { return (.infinity, 0) }
    var error: Float = 0
    var peak: Float = 0
    for (a, b) in zip(found, expected) {
        let d = abs(a - b)
        error = d.isNaN ? .infinity : max(error, d)
        peak = max(peak, abs(b))
    }
    return (error, peak)
}

/// Reproducible numbers for tests: a linear congruential generator, uniform in −1 ..< 1.
public struct TestNumbers {
    private var state: UInt64

    /// A generator started at `seed`.
    public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// The next number.
    public mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
    }

    /// A whole number from 0 to `limit` − 1.
    public mutating func below(_ limit: Int) -> Int { min(Int((next() + 1) / 2 * Float(limit)), limit - 1) }

    /// `count` numbers.
    public mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}
