/// The largest elementwise difference and the largest magnitude of the expectation.
package func largestError(_ found: [Float], _ expected: [Float]) -> (error: Float, peak: Float) {
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
