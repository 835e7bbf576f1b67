import Synchronization
import TensorKernelTable

/// A BLAS library that passed the self-test: the products of every class agree with the reference, also when all threads
/// of the pool compute at once.
package struct CheckedLibrary: Sendable {
    /// Such as `OpenBLAS 0.3.21 Haswell`.
    package let name: String
    let backend: OpenBLASGEMM

    /// Whether a row's result does not depend on its place in a product, nor on the other rows.
    package var rowsAreIndependent: Bool { backend.rowsAreIndependent }

    /// OpenBLAS, opened and checked once.
    ///
    /// - Throws: `unavailable`, `wrongResult`.
    package static func openBLAS() throws(GEMMError) -> CheckedLibrary { try opened.get() }

    private static let opened = Result { () throws(GEMMError) in try CheckedLibrary(OpenBLASLibrary()) }

    /// A back end that needs no check, for tests.
    init(name: String, backend: OpenBLASGEMM) { (self.name, self.backend) = (name, backend) }

    /// - Throws: `wrongResult` for a library whose products differ from the reference.
    init(_ library: OpenBLASLibrary) throws(GEMMError) {
        name = library.name
        let candidate = OpenBLASGEMM(functions: library.functions, rowsAreIndependent: false)
        let failure = Mutex<GEMMError?>(nil)
        ThreadPool.shared.run { _ in
            for test in GEMMSelfTest.all {
                let difference = test.difference(candidate)
                // Not a number is no small difference either.
                if !(difference <= test.limit) {
                    failure.withLock {
                        $0 = .wrongResult(
                            library: library.name, product: test.product, difference: difference,
                            limit: test.limit)
                    }
                    return
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        backend = OpenBLASGEMM(
            functions: library.functions, rowsAreIndependent: GEMMSelfTest.rowsAreIndependent(candidate))
    }
}

/// One product, compared with a sum in double precision.
struct GEMMSelfTest: Sendable {
    /// The product as errors name it.
    let product: String
    /// Largest difference that rounding explains, with a margin of about ten: values lie between −1 and 1, and the error of
    /// a sum of K products grows with √K · 2⁻²⁴ times its spread, √K / 3.
    let limit: Float
    let difference: @Sendable (OpenBLASGEMM) -> Float

    /// Each class, with remainders of rows, columns and steps, and more inputs than a library sums at once.
    static let all: [GEMMSelfTest] = [
        linear(rows: 37, inputs: 600, outputs: 83), linear(rows: 150, inputs: 420, outputs: 130),
        linear(rows: 523, inputs: 96, outputs: 75), attention(rows: attentionRows, steps: 131, size: 48),
        attention(rows: 7, steps: 500, size: 64),
    ]

    private static func limit(_ K: Int) -> Float { Float(K) * 2e-7 + 1e-6 }

    private static func linear(rows: Int, inputs: Int, outputs: Int) -> GEMMSelfTest {
        GEMMSelfTest(product: "\(rows) x \(inputs) by \(outputs) x \(inputs)", limit: limit(inputs)) {
            backend in
            var numbers = SplitMix64(seed: 5)
            let x = Tensor((0..<rows * inputs).map { _ in numbers.float() }, [rows, inputs])
            let w = Tensor((0..<outputs * inputs).map { _ in numbers.float() }, [outputs, inputs])
            let bias = Tensor((0..<outputs).map { _ in numbers.float() }, [outputs])
            let found = backend.onThisThread(
                LinearArguments(x: x, weights: PackedMatrix(w), bias: bias, activation: .identity))
            return difference(rows: rows, columns: outputs, inputs) { r, j, k in
                Double(x.pointer[r * inputs + k]) * Double(w.pointer[j * inputs + k])
            } found: {
                Double(found.pointer[$0 * outputs + $1]) - Double(bias.pointer[$1])
            }
        }
    }

    private static func attention(rows: Int, steps: Int, size: Int) -> GEMMSelfTest {
        GEMMSelfTest(product: "attention of \(rows) x \(steps), \(size)", limit: limit(steps)) { backend in
            var numbers = SplitMix64(seed: 6)
            // The head is the middle one of three.
            let stride = 3 * size
            let count = max(rows, steps) * stride
            let (q, k, v) = (
                Tensor((0..<count).map { _ in numbers.float() }, [count]),
                Tensor((0..<count).map { _ in numbers.float() }, [count]),
                Tensor((0..<count).map { _ in numbers.float() }, [count])
            )
            let out = Storage(count: rows * stride)
            let head = backend.attentionHead(steps: steps, size: size)
            head.take(keys: k.pointer + size, values: v.pointer + size, stride: stride)
            head.score(q.pointer + size, stride: stride, rows: rows, scale: 0.5)
            let scores = difference(rows: rows, columns: steps, size) { r, s, i in
                Double(q.pointer[r * stride + size + i]) * Double(k.pointer[s * stride + size + i]) * 0.5
            } found: {
                Double(head.scores.pointer[$0 * steps + $1])
            }
            head.scores.pointer.update(from: q.pointer, count: rows * steps)
            head.weigh(rows: rows, into: out.pointer + size, stride: stride)
            let sums = difference(rows: rows, columns: size, steps) { r, i, s in
                Double(q.pointer[r * steps + s]) * Double(v.pointer[s * stride + size + i])
            } found: {
                Double(out.pointer[$0 * stride + size + $1])
            }
            return scores.isNaN || sums.isNaN ? .nan : max(scores, sums)
        }
    }

    /// The largest difference of the found elements from Σₖ; not a number where one of them is none.
    private static func difference(
        rows: Int, columns: Int, _ K: Int, _ term: (Int, Int, Int) -> Double, found: (Int, Int) -> Double
    ) -> Float {
        var worst = 0.0
        for row in 0..<rows {
            for column in 0..<columns {
                var sum = 0.0
                for k in 0..<K { sum += term(row, column, k) }
                let error = abs(found(row, column) - sum)
                if error.isNaN { return .nan }
                worst = max(worst, error)
            }
        }
        return Float(worst)
    }

    /// Whether equal rows give equal bits in all places of products of several heights.
    static func rowsAreIndependent(_ backend: OpenBLASGEMM) -> Bool {
        let (K, N) = (520, 160)
        var numbers = SplitMix64(seed: 7)
        let line = (0..<K).map { _ in numbers.float() }
        let weights = PackedMatrix(Tensor((0..<N * K).map { _ in numbers.float() }, [N, K]))
        var expected: [UInt32]?
        for rows in [32, 50, 97, 300, 600] {
            let x = Tensor([rows, K]) { target in
                for row in 0..<rows {
                    for k in 0..<K { target[row * K + k] = line[k] }
                }
            }
            let found = backend.onThisThread(
                LinearArguments(x: x, weights: weights, bias: nil, activation: .identity)
            ).values.map(\.bitPattern)
            for row in 0..<rows {
                let bits = Array(found[row * N..<(row + 1) * N])
                if let expected, bits != expected { return false }
                expected = bits
            }
        }
        return true
    }
}

extension GEMMBackend {
    /// A product by the calling thread alone.
    func onThisThread(_ arguments: LinearArguments) -> Tensor {
        let product = linear(arguments)
        product.run(ThreadPool.Member(index: 0, count: 1, region: nil))
        return product.result
    }
}
