#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Guesses the phones of a word from its letters: g2p_en's encoder and decoder, a gated recurrent unit each.
///
///     r, z = σ(W_ir x + b_ir + W_hr h + b_hr), …      n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn))
///     h' = (1 − z) ∘ n + z ∘ h
///
/// Letters and phones are few, so W_i x + b_i is a table made by lexicon-compiler. The recurrent weights lie in the
/// pack column by column: a step adds h[k] times column k, sixteen rows at a time. Single precision; a phone is the
/// first largest of the output, as numpy's argmax.
package struct SpellingNetwork: Sendable {
    /// Rows of a gate, sizes of the letter and phone tables.
    private static let hidden = 256
    private static let letters = 29
    private static let phones = 74
    private static let maximumPhones = 20
    private static let blocks = hidden / 16
    /// Numbers in the phones' and letters' tables.
    private static let start = 2
    private static let end = 3
    private static let unknownLetter = 1
    private static let endOfWord = 2

    private let encoder: Gate
    private let decoder: Gate
    /// Output weights, a row of 256 per phone, and their biases.
    private let output: PackFloats
    private let outputBias: PackFloats
    /// Number in the pack's phone names of each of the network's phones.
    private let names: PackArray<UInt8>

    /// One gated recurrent unit.
    private struct Gate: Sendable {
        /// W_i x + b_i of every x, gates r z n after one another.
        let inputs: PackFloats
        /// W_h, column by column.
        let recurrent: PackFloats
        let bias: PackFloats

        init(_ reader: inout PackReader, inputs count: Int) throws(TextError) {
            inputs = try reader.floats(count: count * 3 * hidden)
            recurrent = try reader.floats(count: hidden * 3 * hidden)
            bias = try reader.floats(count: 3 * hidden)
        }

        /// One step: the next state after an input.
        func advance(_ state: inout [SIMD16<Float>], input: Int) {
            let blocks = SpellingNetwork.blocks
            var next = state
            for block in 0..<blocks {
                var r = SIMD16<Float>.zero
                var z = SIMD16<Float>.zero
                var n = SIMD16<Float>.zero
                for group in 0..<blocks {
                    let part = state[group]
                    for lane in 0..<16 {
                        let column = (group &* 16 &+ lane) &* 3 &* blocks &+ block
                        let h = SIMD16<Float>(repeating: part[lane])
                        r += h * recurrent[block: column]
                        z += h * recurrent[block: column &+ blocks]
                        n += h * recurrent[block: column &+ 2 &* blocks]
                    }
                }
                let x = input * 3 * blocks + block
                let old = state[block]
                let reset = sigmoid(inputs[block: x] + (r + bias[block: block]))
                let update = sigmoid(inputs[block: x + blocks] + (z + bias[block: block + blocks]))
                let fresh = (n + bias[block: block + 2 * blocks]) * reset + inputs[block: x + 2 * blocks]
                next[block] = (1 - update) * hyperbolicTangent(fresh) + update * old
            }
            state = next
        }

        private func sigmoid(_ x: SIMD16<Float>) -> SIMD16<Float> {
            var result = x
            for lane in 0..<16 { result[lane] = 1 / (1 + expf(-x[lane])) }
            return result
        }

        private func hyperbolicTangent(_ x: SIMD16<Float>) -> SIMD16<Float> {
            var result = x
            for lane in 0..<16 { result[lane] = tanhf(x[lane]) }
            return result
        }
    }

    init(_ reader: inout PackReader) throws(TextError) {
        encoder = try Gate(&reader, inputs: Self.letters)
        decoder = try Gate(&reader, inputs: Self.phones)
        output = try reader.floats(count: Self.phones * Self.hidden)
        // A whole number of sixteens.
        outputBias = try reader.floats(count: (Self.phones + 15) / 16 * 16)
        names = try reader.array(UInt8.self, count: Self.phones)
    }

    /// Appends the phones of a lower-case word; at most 20, none if the network ends at once.
    func append(_ word: ArraySlice<UInt8>, to result: inout [UInt8]) {
        var state = [SIMD16<Float>](repeating: .zero, count: Self.blocks)
        for letter in word {
            let isLetter = letter >= 0x61 && letter <= 0x7A
            encoder.advance(&state, input: isLetter ? Int(letter) - 0x61 + 3 : Self.unknownLetter)
        }
        encoder.advance(&state, input: Self.endOfWord)
        var phone = Self.start
        for _ in 0..<Self.maximumPhones {
            decoder.advance(&state, input: phone)
            phone = bestPhone(state)
            if phone == Self.end { return }
            result.append(names[phone])
        }
    }

    private func bestPhone(_ state: [SIMD16<Float>]) -> Int {
        var best = (phone: 0, score: -Float.infinity)
        for phone in 0..<Self.phones {
            var sum = SIMD16<Float>.zero
            for block in 0..<Self.blocks { sum += state[block] * output[block: phone * Self.blocks + block] }
            let score = sum.sum() + outputBias[block: phone / 16][phone % 16]
            if score > best.score { best = (phone, score) }
        }
        return best.phone
    }
}
