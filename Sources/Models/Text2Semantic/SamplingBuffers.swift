import Tensor

/// Memory of `TokenSampler`, for all sequences of a batch in turn: sampling allocates nothing.
package struct SamplingBuffers {
    /// Tokens that can be drawn in this step; of each array, the first `count` elements count.
    package private(set) var count = 0
    /// Logits of the step, and what is made of them.
    package internal(set) var logits: [Float], probabilities: [Float]
    /// Token ids, by descending logit.
    private var order: [Int32]
    private var sorted: [Float], heap: [Float]

    /// Buffers for at most `vocabulary` tokens.
    package init(vocabulary: Int) {
        logits = [Float](repeating: 0, count: vocabulary)
        probabilities = logits
        sorted = logits
        heap = logits
        order = [Int32](repeating: 0, count: vocabulary)
    }

    /// Takes the logits of the first `vocabulary` tokens from a row of `[B, V]`.
    mutating func load(_ source: Tensor, row: Int, vocabulary: Int) {
        let (B, V) = source.dims2("SamplingBuffers")
        precondition(
            row < B && vocabulary <= V && vocabulary <= logits.count,
            "SamplingBuffers: row \(row), \(vocabulary) tokens of \(source.shape)")
        count = vocabulary
        source.withElements { elements in
            for i in 0..<vocabulary { logits[i] = elements[row * V + i] }
        }
    }

    /// Takes given logits.
    package mutating func load(_ values: [Float]) {
        precondition(values.count <= logits.count, "SamplingBuffers: \(values.count) tokens")
        count = values.count
        for i in 0..<count { logits[i] = values[i] }
    }

    /// Rule 2 of `TokenSampler`, on `probabilities` while they hold logits.
    mutating func dropImprobable(topP: Float) {
        for i in 0..<count { order[i] = Int32(i) }
        sortByDescendingLogit()
        for i in 0..<count { sorted[i] = probabilities[Int(order[i])] }
        softmax(&sorted, count: count)
        // PyTorch accumulates in double precision and compares in single.
        var total = 0.0
        for rank in 0..<count {
            total += Double(sorted[rank])
            if rank > 0, Float(total) > topP { probabilities[Int(order[rank])] = -.infinity }
        }
    }

    /// Heapsort of `order`, because the library's sort allocates. Equal logits are in the order of their ids.
    private mutating func sortByDescendingLogit() {
        guard count > 1 else { return }
        for start in stride(from: count / 2 - 1, through: 0, by: -1) { siftOrder(start, end: count) }
        for end in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(0, end)
            siftOrder(0, end: end)
        }
    }

    /// Whether token a comes before token b.
    private func precedes(_ a: Int32, _ b: Int32) -> Bool {
        let (x, y) = (probabilities[Int(a)], probabilities[Int(b)])
        return x == y ? a < b : x > y
    }

    private mutating func siftOrder(_ start: Int, end: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            guard child < end else { return }
            if child + 1 < end, precedes(order[child], order[child + 1]) { child += 1 }
            guard precedes(order[parent], order[child]) else { return }
            order.swapAt(parent, child)
            parent = child
        }
    }

    /// The k-th largest element of `probabilities`, by a heap of the k largest so far.
    mutating func largest(_ k: Int) -> Float {
        if k == 1 { return probabilities[..<count].max() ?? -.infinity }
        if k >= count { return probabilities[..<count].min() ?? -.infinity }
        for i in 0..<k { heap[i] = probabilities[i] }
        for i in stride(from: k / 2 - 1, through: 0, by: -1) { siftHeap(i, end: k) }
        for i in k..<count where probabilities[i] > heap[0] {
            heap[0] = probabilities[i]
            siftHeap(0, end: k)
        }
        return heap[0]
    }

    private mutating func siftHeap(_ start: Int, end: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            guard child < end else { return }
            if child + 1 < end, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
