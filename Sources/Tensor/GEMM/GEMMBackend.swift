import TensorKernelTable

/// What computes the dense products of several rows: linear layers and attention. The packed kernels are one back end,
/// OpenBLAS is another (see the decision record 0010).
///
/// Contract: a result does not depend on the number of threads. With the packed kernels a row's result does not depend on
/// the other rows either; whether it does with OpenBLAS, `OpenBLASGEMM.rowsAreIndependent` says.
protocol GEMMBackend: Sendable {
    /// A product that the members of a parallel region compute together.
    func linear(_ arguments: LinearArguments) -> any LinearProduct
    /// The products of one head's attention, for one thread.
    func attentionHead(steps: Int, size: Int) -> any AttentionProducts
}

/// act(x · Wᵀ + b) for x: `[T, K]`, W: `[N, K]`, b: `[N]`.
struct LinearArguments {
    let x: Tensor, weights: PackedMatrix, bias: Tensor?, activation: Activation

    var rows: Int { x.shape[0] }
    var inputs: Int { weights.inputs }
    var outputs: Int { weights.outputs }
}

/// One product of a linear layer.
protocol LinearProduct {
    /// `[T, N]`, complete when every member has run.
    var result: Tensor { get }
    /// The share of one worker.
    func run(_ member: ThreadPool.Member)
}

extension LinearProduct {
    /// Applies an activation to rows of the finished sums, in place.
    func activate(_ activation: Activation, _ member: ThreadPool.Member) {
        let columns = result.shape[1]
        let rows = member.share(of: result.shape[0])
        guard !rows.isEmpty else { return }
        Kernels.table.biasActivation(
            BiasActivationArguments(
                x: result.storage.pointer + rows.lowerBound * columns, rows: rows.count, columns: columns,
                activation: activation))
    }
}

/// The two products of attention for one head at a time: q · kᵀ and weights · v.
protocol AttentionProducts: AnyObject {
    /// `[attentionRows, steps]`.
    var scores: Storage { get }
    /// Takes a head's keys and values, `[steps, size]` each, whose rows are `stride` apart. They are read until the next call.
    func take(keys: UnsafePointer<Float>, values: UnsafePointer<Float>, stride: Int)
    /// scores = scale · q · keysᵀ for at most `attentionRows` rows of q, `stride` apart.
    func score(_ q: UnsafePointer<Float>, stride: Int, rows: Int, scale: Float)
    /// out = scores · values, in rows `stride` apart.
    func weigh(rows: Int, into out: UnsafeMutablePointer<Float>, stride: Int)
}

/// Rows of queries that attention takes at once: whole blocks of every kernel, whatever the number of threads.
let attentionRows = 72

/// A kind of product for which a back end is chosen. Fewer rows than 32, signed bytes and convolutions are always
/// computed by the packed kernels: OpenBLAS has no such kernels, or would only copy.
package enum GEMMClass: String, CaseIterable, Sendable {
    /// Linear layers with weights in half precision, from 32, 128 and 512 rows on.
    case half32 = "f16-32"
    case half128 = "f16-128"
    case half512 = "f16-512"
    /// The same in single precision.
    case single32 = "f32-32"
    case single128 = "f32-128"
    case single512 = "f32-512"
    /// Both products of attention.
    case attention

    /// The class of a linear layer's product; nil for those that are always packed.
    static func linear(rows: Int, _ type: WeightType) -> GEMMClass? {
        guard rows >= 32 else { return nil }
        switch type {
        case .float16: return rows < 128 ? .half32 : rows < 512 ? .half128 : .half512
        case .float32: return rows < 128 ? .single32 : rows < 512 ? .single128 : .single512
        case .int8: return nil
        }
    }
}
