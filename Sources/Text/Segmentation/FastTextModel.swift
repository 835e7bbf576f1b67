/// A supervised fastText model in its own file format, `.bin` (dense) or `.ftz` (quantised), memory-mapped.
///
/// ```
/// magic i32 = 793712314, version i32 = 12
/// dim ws epoch minCount neg wordNgrams loss model bucket minn maxn lrUpdateRate  i32 each, t f64
/// size nwords nlabels  i32, ntokens i64, number of kept buckets i64 (−1: all)
/// size entries: NUL-terminated bytes, count i64, type i8 (0 word, 1 label); words come first
/// kept buckets: bucket i32, row i32
/// quantised u8, the input matrix; quantised u8, the output matrix
/// ```
/// Source: Bojanowski et al. 2017 (subword vectors), Joulin et al. 2016 (`FastText.zip`), and fastText 0.9.2's
/// `FastText::loadModel`. Every count is checked against the file's end.
package struct FastTextModel: Sendable {
    private static let magic: Int32 = 793_712_314
    private static let version: Int32 = 12
    private static let hierarchicalSoftmax: Int32 = 1
    private static let supervised: Int32 = 3
    /// No vector is longer in practice; a larger number is damage.
    private static let maximumDimension = 4096

    /// The vocabulary.
    let dictionary: FastTextDictionary
    /// A row per word and per bucket of character n-grams.
    let input: FastTextMatrix
    /// The classifier over the labels.
    let tree: HuffmanTree

    /// Reads a model.
    /// - Throws: `packDamaged` for what is no such model, or one trained with another loss.
    init(_ reader: inout PackReader) throws(TextError) {
        let head = try reader.array(Int32.self, count: 14)
        guard head[0] == Self.magic, head[1] == Self.version else {
            throw reader.damaged("it does not begin as a fastText model of version 12 does")
        }
        guard head[8] == Self.hierarchicalSoftmax, head[9] == Self.supervised else {
            throw reader.damaged("it was not trained as a classifier with hierarchical softmax")
        }
        let dimension = Int(head[2])
        guard dimension > 0, dimension <= Self.maximumDimension else {
            throw reader.damaged("vectors of \(dimension) numbers")
        }
        let settings = FastTextDictionary.Settings(
            wordGrams: Int(head[7]), buckets: Int(head[10]), shortestGram: Int(head[11]),
            longestGram: Int(head[12]))
        _ = try reader.doubles(count: 1)
        dictionary = try FastTextDictionary(&reader, settings: settings)

        let isQuantised = try reader.array(UInt8.self, count: 1)[0] != 0
        input = try FastTextMatrix(&reader, isQuantised: isQuantised)
        guard input.columns == dimension, input.rows >= dictionary.rows else {
            throw reader.damaged(
                "\(input.rows) vectors of \(input.columns) numbers where \(dictionary.rows) of \(dimension) "
                    + "should be")
        }
        let isOutputQuantised = try reader.array(UInt8.self, count: 1)[0] != 0
        let output = try FastTextMatrix(&reader, isQuantised: isQuantised && isOutputQuantised)
        guard output.columns == dimension, output.rows >= dictionary.labels.count else {
            throw reader.damaged("\(output.rows) output vectors for \(dictionary.labels.count) labels")
        }
        tree = HuffmanTree(counts: dictionary.labelCounts, output: output)
    }

    /// The most probable labels of a line, best first.
    /// - Parameters:
    ///   - line: UTF-8 without line break.
    ///   - limit: most labels wanted.
    ///   - threshold: labels less probable than this are left out.
    func labels(of line: [UInt8], limit: Int, threshold: Float) -> [HuffmanTree.Candidate] {
        var hidden = [Float](repeating: 0, count: input.columns)
        var count = 0
        dictionary.forEachRow(of: line) { row in
            input.add(row, to: &hidden)
            count += 1
        }
        guard count > 0 else { return [] }
        let factor = Float(1.0 / Double(count))
        for index in hidden.indices { hidden[index] *= factor }
        return tree.best(for: hidden, limit: limit, threshold: threshold)
    }
}
