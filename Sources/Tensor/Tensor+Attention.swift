import TensorKernelTable

/// Which keys a query may see.
package enum AttentionMask: Sendable {
    /// All of them.
    case none
    /// Text rows (the first `prefix`) see the text only; later rows see the text and what precedes them: the
    /// prefix mask of the text-to-semantic model.
    case prefixCausal(prefix: Int)
}

/// Learned embeddings of the distances −window … +window, shared by all heads (Shaw et al. 2018), as the
/// text encoder of VITS uses them: `keys` and `values` are `[2·window + 1, D]`.
package struct RelativePositions: Sendable {
    /// Embeddings added to the keys and to the values.
    package let keys: Tensor, values: Tensor

    /// Pairs the two tables.
    package init(keys: Tensor, values: Tensor) {
        precondition(keys.shape == values.shape, "RelativePositions: \(keys.shape) and \(values.shape)")
        self.keys = keys
        self.values = values
    }
}

extension Tensor {
    /// Multi-head attention: queries self `[T, C]`, keys and values `[S, C]`, heads side by side in the columns
    /// → `[T, C]`. Scores are q·k·scale (PyTorch: `F.scaled_dot_product_attention`).
    ///
    /// Each (head, block of query rows) is one unit of work whose scores live in scratch memory; the full score
    /// matrix never exists. Both products are those of the GEMM back end.
    package func attending(
        keys: Tensor, values: Tensor, heads: Int, scale: Float, mask: AttentionMask = .none,
        relative: RelativePositions? = nil
    ) -> Tensor {
        let (T, C) = dims2("attention.queries")
        let (S, _) = keys.dims2("attention.keys", columns: C)
        precondition(values.shape == keys.shape, "attention: keys \(keys.shape), values \(values.shape)")
        precondition(C % heads == 0, "attention: \(C) columns for \(heads) heads")
        if relative != nil {
            precondition(T == S, "attention: relative positions need T = S, found \(T), \(S)")
        }
        let result = Tensor(uninitialized: [T, C])
        let D = C / heads
        let blocks = (T + attentionRows - 1) / attentionRows
        let backend = GEMM.backend(for: .attention)
        ThreadPool.shared.parallelFor(heads * blocks) { range in
            let scratch = backend.attentionHead(steps: S, size: D)
            // Pointers to its scores are used after its last call.
            defer { withExtendedLifetime(scratch) {} }
            var packed = -1
            for unit in range {
                let head = unit / blocks
                let first = unit % blocks * attentionRows
                let m = min(attentionRows, T - first)
                if packed != head {
                    scratch.take(keys: keys.pointer + head * D, values: values.pointer + head * D, stride: C)
                    packed = head
                }
                let q = pointer + first * C + head * D
                let scores = scratch.scores.pointer
                scratch.score(q, stride: C, rows: m, scale: scale)
                if let relative {
                    relative.addToScores(scores, q, stride: C, first: first, rows: m, S: S, scale: scale)
                }
                for r in 0..<m {
                    let visible =
                        switch mask {
                        case .none: S
                        case .prefixCausal(let prefix): max(prefix, min(first + r + 1, S))
                        }
                    Kernels.table.softmaxRows(
                        SoftmaxArguments(x: scores + r * S, rowStride: S, rows: 1, columns: visible))
                    if visible < S { (scores + r * S + visible).update(repeating: 0, count: S - visible) }
                }
                let out = result.storage.pointer + first * C + head * D
                scratch.weigh(rows: m, into: out, stride: C)
                if let relative {
                    relative.addToOutput(out, scores, stride: C, first: first, rows: m, S: S)
                }
            }
        }
        return result
    }
}

extension RelativePositions {
    /// scores[r, s] += scale · q[r] · keys[s − (first + r) + window] inside the window.
    func addToScores(
        _ scores: UnsafeMutablePointer<Float>, _ q: UnsafePointer<Float>, stride: Int, first: Int, rows: Int,
        S: Int, scale: Float
    ) {
        let (n, D) = keys.dims2("RelativePositions")
        let window = n / 2
        for r in 0..<rows {
            let t = first + r
            for s in max(0, t - window)...min(S - 1, t + window) {
                let e = keys.pointer + (s - t + window) * D
                var dot: Float = 0
                for i in 0..<D { dot += q[r * stride + i] * e[i] }
                scores[r * S + s] += scale * dot
            }
        }
    }

    /// out[r] += Σₛ weights[r, s] · values[s − (first + r) + window] inside the window.
    func addToOutput(
        _ out: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>, stride: Int, first: Int,
        rows: Int, S: Int
    ) {
        let (n, D) = values.dims2("RelativePositions")
        let window = n / 2
        for r in 0..<rows {
            let t = first + r
            for s in max(0, t - window)...min(S - 1, t + window) {
                let e = values.pointer + (s - t + window) * D
                let w = weights[r * S + s]
                for i in 0..<D { out[r * stride + i] += w * e[i] }
            }
        }
    }
}
