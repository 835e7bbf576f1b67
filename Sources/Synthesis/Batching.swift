/// Which sentences are decoded together (upstream: `TTS.to_batch`).
enum Batching {
    /// Indices of sentences, batch by batch.
    ///
    /// With buckets, sentences are sorted by length, and a batch shrinks until its middle length is at least
    /// `threshold` of its mean length, or it holds one sentence.
    static func batches(lengths: [Int], size: Int, threshold: Float, buckets: Bool) -> [[Int]] {
        let size = max(size, 1)
        guard buckets else {
            return stride(from: 0, to: lengths.count, by: size).map {
                Array($0..<min($0 + size, lengths.count))
            }
        }
        let sorted = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        var result: [[Int]] = []
        var start = 0
        while start < sorted.count {
            var end = min(start + size, sorted.count)
            while end - start > 1 {
                let batch = sorted[start..<end].map { Float(lengths[$0]) }
                let mean = batch.reduce(0, +) / Float(batch.count)
                if batch[(end - start) / 2] / (mean + 1e-8) >= threshold { break }
                end -= 1
            }
            result.append(Array(sorted[start..<end]))
            start = end
        }
        return result
    }
}
