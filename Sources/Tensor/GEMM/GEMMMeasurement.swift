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
        let single = Workload.weights()
        let half = single.inHalfPrecision
        return GEMMClass.allCases.map { kind in
            let work = Workload(kind, single, half)
            var best = (packed: Double.infinity, openBLAS: Double.infinity)
            for _ in 0..<repetitions {
                best.packed = min(best.packed, work.seconds(PackedGEMM()))
                best.openBLAS = min(best.openBLAS, work.seconds(library.backend))
            }
            return GEMMMeasurement(
                kind: kind, rows: work.rows, packed: work.operations / best.packed,
                openBLAS: work.operations / best.openBLAS)
        }
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
    private static let inputs = 1024, outputs = 512
    private static let steps = 250, headSize = 64
    private let kind: GEMMClass
    private let weights: PackedMatrix
    private let x: Tensor
    let rows: Int

    static func weights() -> PackedMatrix {
        var numbers = SplitMix64(seed: 1)
        return PackedMatrix(
            Tensor((0..<outputs * inputs).map { _ in numbers.float() }, [outputs, inputs]))
    }

    init(_ kind: GEMMClass, _ single: PackedMatrix, _ half: PackedMatrix) {
        self.kind = kind
        rows =
            switch kind {
            case .half32, .single32: 48
            case .half128, .single128: 192
            case .half512, .single512: 576
            case .attention: Self.steps
            }
        weights = [.half32, .half128, .half512].contains(kind) ? half : single
        var numbers = SplitMix64(seed: 2)
        x = Tensor((0..<rows * Self.inputs).map { _ in numbers.float() }, [rows, Self.inputs])
    }

    var operations: Double {
        kind == .attention
            ? Double(4 * rows * Self.steps * Self.headSize) : Double(2 * rows * Self.inputs * Self.outputs)
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
        let (stride, out) = (Self.inputs, Storage(count: attentionRows * Self.inputs))
        let head = backend.attentionHead(steps: Self.steps, size: Self.headSize)
        head.take(keys: x.pointer + 64, values: x.pointer + 128, stride: stride)
        for first in Swift.stride(from: 0, to: rows, by: attentionRows) {
            let m = min(attentionRows, rows - first)
            head.score(x.pointer + first * stride, stride: stride, rows: m, scale: 0.1)
            head.weigh(rows: m, into: out.pointer, stride: stride)
        }
        withExtendedLifetime(out) {}
    }

    /// Processor time of the calling thread.
    private func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
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
