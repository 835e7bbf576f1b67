import Synchronization
import Tensor

/// Predicts the phonemes of words from their letters: g2p_en's encoder and decoder, a GRU each.
///
/// The encoder's input is a word's letters and an end token; from its last state the decoder emits phonemes until its
/// end token. Single precision; a phoneme is the argmax of the logits, the first of equal ones as in numpy. Words are
/// processed in batches, and no result depends on the other words of its batch.
package final class SpellingNetwork: Sendable {
    /// Rows of a gate, sizes of the letter and phoneme embedding tables.
    private static let hidden = 256
    private static let letters = 29
    private static let phones = 74
    private static let maximumPhones = 20
    /// Numbers in the phonemes' and letters' tables.
    private static let start = 2
    private static let end = 3
    private static let unknownLetter = 1
    private static let endOfWord = 2
    /// Words per thread and batch: enough for the GEMM's row blocks, few enough for the L2 cache.
    private static let wordsTogether = 96

    /// The parameters of one GRU as stored in the pack.
    private struct UnitNumbers: Sendable {
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

        var unit: GRU {
            GRU(
                inputs: Tensor(inputs.values, [inputs.count / (3 * hidden), 3 * hidden]),
                recurrent: Tensor(recurrent.values, [hidden, 3 * hidden]),
                bias: Tensor(bias.values, [3 * hidden]))
        }
    }

    /// Weights packed for GEMM.
    private struct Weights: Sendable {
        let encoder: GRU
        let decoder: GRU
        let output: PackedMatrix
        let outputBias: Tensor
    }

    private let encoder: UnitNumbers
    private let decoder: UnitNumbers
    /// Output weights, a row of 256 per phoneme, and their biases.
    private let output: PackFloats
    private let outputBias: PackFloats
    /// Number in the pack's phoneme names of each of the network's phonemes.
    private let names: PackArray<UInt8>
    /// Packed on first use: 1.7 MB that other languages do not need.
    private let packed = Mutex<Weights?>(nil)

    init(_ reader: inout PackReader) throws(TextError) {
        encoder = try UnitNumbers(&reader, inputs: Self.letters)
        decoder = try UnitNumbers(&reader, inputs: Self.phones)
        output = try reader.floats(count: Self.phones * Self.hidden)
        // Padded to a multiple of 16.
        outputBias = try reader.floats(count: (Self.phones + 15) / 16 * 16)
        names = try reader.array(UInt8.self, count: Self.phones)
    }

    /// The phonemes of lower-case words; at most 20 each, none if the first output is the end token.
    func guesses(of words: [ArraySlice<UInt8>]) -> [[UInt8]] {
        guard !words.isEmpty else { return [] }
        let weights = weights()
        // Words of about one length end together, which keeps blocks of rows full.
        let order = words.indices.sorted { words[$0].count > words[$1].count }
        let pool = ThreadPool.shared
        let result = Mutex([[UInt8]](repeating: [], count: words.count))
        // One batch per parallel region, so that other work gets the threads in between.
        for first in stride(from: 0, to: order.count, by: Self.wordsTogether * pool.width) {
            let round = order[first..<min(first + Self.wordsTogether * pool.width, order.count)]
            pool.parallelFor(round.count, grain: Self.wordsTogether) { range in
                for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.wordsTogether) {
                    let end = min(start + Self.wordsTogether, range.upperBound)
                    let chosen = Array(round[(first + start)..<(first + end)])
                    let states = encoded(chosen.map { words[$0] }, by: weights.encoder)
                    let guesses = decoded(states, by: weights)
                    result.withLock { for (word, guess) in zip(chosen, guesses) { $0[word] = guess } }
                }
            }
        }
        return result.withLock { $0 }
    }

    private func weights() -> Weights {
        packed.withLock { packed in
            if let packed { return packed }
            let weights = Weights(
                encoder: encoder.unit, decoder: decoder.unit,
                output: PackedMatrix(Tensor(output.values, [Self.phones, Self.hidden])),
                outputBias: Tensor(Array(outputBias.values.prefix(Self.phones)), [Self.phones]))
            packed = weights
            return weights
        }
    }

    /// The encoder's last states, a row per word.
    /// - Parameter words: the longest first.
    private func encoded(_ words: [ArraySlice<UInt8>], by unit: GRU) -> Tensor {
        var state = Tensor([words.count, unit.size])
        var ended: [Tensor] = []
        var count = words.count
        var place = 0
        while count > 0 {
            unit.advance(&state, inputs: words[..<count].map { Self.letter($0, place) })
            let going = words[..<count].firstIndex { place >= $0.count } ?? count
            if going < count {
                ended.append(state.rows(going..<count))
                state = state.rows(0..<going)
                count = going
            }
            place += 1
        }
        return Tensor.concatenatingRows(ended.reversed())
    }

    /// The decoder's phonemes after each state.
    private func decoded(_ states: Tensor, by weights: Weights) -> [[UInt8]] {
        var result = [[UInt8]](repeating: [], count: states.shape[0])
        var rows = Array(result.indices)
        var phones = [Int](repeating: Self.start, count: rows.count)
        var state = states
        for _ in 0..<Self.maximumPhones where !rows.isEmpty {
            weights.decoder.advance(&state, inputs: phones)
            phones = Self.firstLargest(state.linearOnThisThread(weights.output, bias: weights.outputBias))
            let going = phones.indices.filter { phones[$0] != Self.end }
            for place in going { result[rows[place]].append(names[phones[place]]) }
            guard going.count < rows.count else { continue }
            state = EmbeddingTable(state).rows(at: going)
            phones = going.map { phones[$0] }
            rows = going.map { rows[$0] }
        }
        return result
    }

    /// The argmax of each row, the first of equal ones.
    private static func firstLargest(_ scores: Tensor) -> [Int] {
        let (rows, columns) = scores.dims2("SpellingNetwork")
        return scores.withElements { elements in
            (0..<rows).map { row in
                let row = elements[(row * columns)..<((row + 1) * columns)]
                var best = (place: 0, score: -Float.infinity)
                for (place, score) in row.enumerated() where score > best.score { best = (place, score) }
                return best.place
            }
        }
    }

    /// The network's index of a word's letter; after the last, the end token.
    private static func letter(_ word: ArraySlice<UInt8>, _ place: Int) -> Int {
        guard place < word.count else { return endOfWord }
        let letter = word[word.startIndex + place]
        return letter >= 0x61 && letter <= 0x7A ? Int(letter) - 0x61 + 3 : unknownLetter
    }
}
