import TestSupport
import Testing

/// The generator is a contract with the program that recorded the results.
@Suite struct SyntheticTests {
    @Test func numbersAreThoseOfTheRecordings() {
        let stream = "a/b"
        #expect(SyntheticNumbers.uniform(stream, 3) == [-0.32372367, -0.8167803, -0.25744724])
        #expect(SyntheticNumbers.normal(stream, 2) == [-1.3979512, 1.3414868])
        #expect(SyntheticNumbers.positive(stream, 3) == [0.510899, 0.10084408, 0.5905059])
        #expect(SyntheticNumbers.integers(stream, 4, below: 1000) == [280, 650, 6, 450])
    }
}
