import Foundation
import TensorKernelTable
import TestSupport
import Testing

@testable import Tensor

@Suite struct GRUTests {
    /// The reference in double precision: one sequence's next state.
    private static func step(x: ArraySlice<Float>, h: [Float], recurrent: [Float], bias: [Float]) -> [Float] {
        let H = h.count
        let x = Array(x).map(Double.init)
        let g = (0..<3 * H).map { gate in
            (0..<H).reduce(Double(bias[gate])) { $0 + Double(recurrent[$1 * 3 * H + gate]) * Double(h[$1]) }
        }
        func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        return (0..<H).map { i in
            let z = sigmoid(x[H + i] + g[H + i])
            let n = tanh(x[2 * H + i] + sigmoid(x[i] + g[i]) * g[2 * H + i])
            return Float((1 - z) * n + z * Double(h[i]))
        }
    }

    @Test(arguments: KernelTests.names)
    func kernelMatchesReference(_ name: String) {
        var numbers = SplitMix64(seed: 21)
        for H in [16, 48] {
            let x = numbers.floats(3 * H).map { 6 * $0 }
            let h = numbers.floats(H)
            let gates = numbers.floats(3 * H).map { 4 * $0 }
            // With weights of zero the products are the bias.
            let expected = Self.step(
                x: x[...], h: h, recurrent: [Float](repeating: 0, count: 3 * H * H), bias: gates)
            let memory = TestMemory()
            defer { memory.free() }
            let out = memory.undefined(H + 1)
            KernelTests.table(name).gruCell(
                GRUCellArguments(
                    x: memory.copy(x), gates: memory.copy(gates), h: memory.copy(h), out: out, size: H))
            #expect(out[H].isNaN)
            #expect(largestError(values(out, H), expected).error < Tolerances.gruCell)
        }
    }

    /// Sequences of different inputs advance as each does alone, to the last bit, and as the reference does.
    @Test func stepsMatchReference() {
        var numbers = SplitMix64(seed: 22)
        let (H, known, T) = (32, 5, 15)
        let table = numbers.floats(known * 3 * H)
        let recurrent = numbers.floats(H * 3 * H).map { $0 / 4 }
        let bias = numbers.floats(3 * H)
        let unit = GRU(
            inputs: Tensor(table, [known, 3 * H]), recurrent: Tensor(recurrent, [H, 3 * H]),
            bias: Tensor(bias, [3 * H]))
        var states = Tensor(numbers.floats(T * H), [T, H])
        var alone = (0..<T).map { states.rows($0..<$0 + 1) }
        for step in 0..<4 {
            let inputs = (0..<T).map { ($0 + step) % known }
            let before = states
            unit.advance(&states, inputs: inputs)
            for row in 0..<T {
                let x = table[(inputs[row] * 3 * H)..<((inputs[row] + 1) * 3 * H)]
                let expected = Self.step(
                    x: x, h: before.rows(row..<row + 1).values, recurrent: recurrent, bias: bias)
                #expect(largestError(states.rows(row..<row + 1).values, expected).error < Tolerances.gru)
                unit.advance(&alone[row], inputs: [inputs[row]])
                #expect(alone[row].values == states.rows(row..<row + 1).values)
            }
        }
    }
}
