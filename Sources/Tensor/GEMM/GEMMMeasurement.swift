import Foundation
import TensorKernelTable

/// Times of both back ends on a product of one class.
package struct GEMMMeasurement: Sendable {
    /// The class, and the rows of the product.
    package let kind: GEMMClass, rows: Int
    /// Floating-point operations per second on one thread.
    package let packed: Double, openBLAS: Double

    /// Whether OpenBLAS is faster by more than what noise makes of equal times.
    package var prefersOpenBLAS: Bool { openBLAS > 1.1 * packed }

    /// Times every class: 0.2 s on a core with AVX2. Processor time of the calling thread counts, so that other work on the
    /// machine matters little; of each back end the best of `repetitions` runs in turn.
    package static func all(_ library: CheckedLibrary, repetitions: Int = 3) -> [GEMMMeasurement] {
        let single = Workload.weights(.float32, inputs: 1024, outputs: 512)
        let half = Workload.weights(.float16, inputs: 1024, outputs: 512)
        return GEMMClass.allCases.map { kind in
            measure(Workload(kind, single, half), library, repetitions)
        }
    }

    /// The same for one linear layer, in half and single precision.
    package static func linear(
        rows: Int, inputs: Int, outputs: Int, _ library: CheckedLibrary, repetitions: Int
    ) -> [GEMMMeasurement] {
        [WeightType.float16, .float32].compactMap { type in
            GEMMClass.linear(rows: rows, type).map { kind in
                let weights = Workload.weights(type, inputs: inputs, outputs: outputs)
                return measure(Workload(kind, weights, rows: rows), library, repetitions)
            }
        }
    }

    /// What one thread could do: multiply-adds on registers.
    package static func peak() -> Double {
        let count = 192 << 14
        let times = (0..<9).map { _ in
            let start = threadSeconds()
            _ = Kernels.table.peakFMA(count)
            return threadSeconds() - start
        }
        return 2 * Double(count) / (times.min() ?? .infinity)
    }

    private static func measure(
        _ work: Workload, _ library: CheckedLibrary, _ repetitions: Int
    ) -> GEMMMeasurement {
        var best = (packed: Double.infinity, openBLAS: Double.infinity)
        for _ in 0..<repetitions {
            best.packed = min(best.packed, work.seconds(PackedGEMM()))
            best.openBLAS = min(best.openBLAS, work.seconds(library.backend))
        }
        return GEMMMeasurement(
            kind: work.kind, rows: work.rows, packed: work.operations / best.packed,
            openBLAS: work.operations / best.openBLAS)
    }

    /// The classes that OpenBLAS shall compute: where it is faster. Linear layers only if a row's result does not depend
    /// on its place, since sentences pass through them side by side.
    package static func preferred(_ measurements: [GEMMMeasurement], _ library: CheckedLibrary) -> Set<
        GEMMClass
    > {
        Set(
            measurements.filter {
                $0.prefersOpenBLAS && ($0.kind == .attention || library.rowsAreIndependent)
            }.map(\.kind))
    }
}

/// A product of one class.
private struct Workload {
    private static let steps = 250, headSize = 64
    let kind: GEMMClass, rows: Int
    private let weights: PackedMatrix
    private let x: Tensor

    // Not inlined: the compiler (6.3) fails to.
    @inline(never) static func weights(_ type: WeightType, inputs: Int, outputs: Int) -> PackedMatrix {
        var numbers = SplitMix64(seed: 1)
        let single = PackedMatrix(
            Tensor((0..<outputs * inputs).map { _ in numbers.float() }, [outputs, inputs]))
        return type == .float16 ? single.inHalfPrecision : single
    }

    init(_ kind: GEMMClass, _ weights: PackedMatrix, rows: Int) {
        (self.kind, self.weights, self.rows) = (kind, weights, rows)
        var numbers = SplitMix64(seed: 2)
        x = Tensor((0..<rows * weights.inputs).map { _ in numbers.float() }, [rows, weights.inputs])
    }

    /// The product that stands for a class.
    init(_ kind: GEMMClass, _ single: PackedMatrix, _ half: PackedMatrix) {
        let rows =
            switch kind {
            case .half32, .single32: 48
            case .half128, .single128: 192
            case .half512, .single512: 576
            case .attention: Self.steps
            }
        self.init(kind, [.half32, .half128, .half512].contains(kind) ? half : single, rows: rows)
    }

    var operations: Double {
        kind == .attention
            ? Double(4 * rows * Self.steps * Self.headSize)
            : Double(2 * rows * weights.inputs * weights.outputs)
    }

    /// Processor time of one product, over as many as take a millisecond.
    func seconds(_ backend: any GEMMBackend) -> Double {
        let start = threadSeconds()
        var count = 0
        var elapsed = 0.0
        repeat {
            run(backend)
            count += 1
            elapsed = threadSeconds() - start
        } while elapsed < 1e-3
        return elapsed / Double(count)
    }

    private func run(_ backend: any GEMMBackend) {
        guard kind == .attention else {
            _ = backend.onThisThread(
                LinearArguments(x: x, weights: weights, bias: nil, activation: .identity))
            return
        }
        let stride = weights.inputs
        let out = Storage(count: attentionRows * stride)
        let head = backend.attentionHead(steps: Self.steps, size: Self.headSize)
        head.take(keys: x.pointer + 64, values: x.pointer + 128, stride: stride)
        for first in Swift.stride(from: 0, to: rows, by: attentionRows) {
            let m = min(attentionRows, rows - first)
            head.score(x.pointer + first * stride, stride: stride, rows: m, scale: 0.1)
            head.weigh(rows: m, into: out.pointer, stride: stride)
        }
        withExtendedLifetime(out) {}
    }
}

/// Processor time of the calling thread.
private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

extension GEMM {
    /// The kind of machine for which a measurement holds: processor and kernels.
    package static var machine: String { "\(Processor.current.name), \(Kernels.table.name)" }
}

extension PackedMatrix {
    /// Single-precision weights rounded to half precision; others as they are.
    var inHalfPrecision: PackedMatrix {
        guard case .float(let base, _) = elements else { return self }
        return PackedMatrix(outputs: outputs, inputs: inputs) {
            (packed: UnsafeMutablePointer<UInt16>, owner) in
            Kernels.table.convertF32ToF16(base, packed, Self.panels(outputs) * 16 * inputs)
            return .half(packed, owner: owner)
        }
    }
}
