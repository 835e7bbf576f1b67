import Foundation
import Tensor
import TensorKernelTable

/// Each kernel on its own: compared with a reference implementation, then timed, next to the machine's limits.
package struct KernelBenchmarks: Sendable {
    /// A kernel's figures on all threads together.
    package struct Figure: Sendable {
        /// The kernel, and the shape it worked on.
        package let kernel: String, shape: String
        /// Largest difference from the reference as a share of the largest value, and its limit.
        package let error: Double, limit: Double
        /// Bytes read and written, and floating-point operations, per second.
        package let bytesPerSecond: Double, operationsPerSecond: Double

        /// Whether the kernel agrees with its reference.
        package var isCorrect: Bool { error <= limit }
    }
    /// What plain loops reach on all threads together: bytes read per second and operations per second.
    package struct Limits: Sendable {
        /// Bytes read per second from memory that no cache holds.
        package let bytesPerSecond: Double
        /// Multiplications and additions per second on registers.
        package let operationsPerSecond: Double
    }

    private let table: KernelTable

    /// The instruction set whose kernels these are.
    package var name: String { table.name }

    /// The benchmarks of the kernels in use.
    package static var inUse: KernelBenchmarks { KernelBenchmarks(table: Kernels.table) }
    /// One for every instruction set that this processor runs, best first.
    package static var all: [KernelBenchmarks] { Kernels.available().map(KernelBenchmarks.init) }

    /// The machine's limits.
    package func limits() -> Limits {
        let width = ThreadPool.shared.width
        let floats = 16 << 20
        let buffers = (0..<width).map { _ in Numbers.buffer(floats, seed: 1) }
        let read = Self.seconds { member in _ = table.streamRead(buffers[member], floats) }
        let products = 192 << 17
        let computed = Self.seconds { _ in _ = table.peakFMA(products) }
        buffers.forEach { $0.deallocate() }
        return Limits(
            bytesPerSecond: Double(width * floats * 4) / read,
            operationsPerSecond: Double(width * products * 2) / computed)
    }

    /// Compares and times every kernel; each figure is reported as soon as it is measured.
    package func run(_ report: (Figure) -> Void) {
        for benchmark in KernelBenchmark.all {
            let instances = (0..<ThreadPool.shared.width).map { _ in benchmark.prepare(table) }
            let error = instances[0].error()
            let seconds = Self.seconds { member in instances[member].call() }
            let times = Double(instances.count) / seconds
            report(
                Figure(
                    kernel: benchmark.kernel, shape: benchmark.shape, error: error, limit: benchmark.limit,
                    bytesPerSecond: benchmark.bytes * times,
                    operationsPerSecond: benchmark.operations * times))
            for instance in instances { instance.release() }
        }
    }

    /// The time of one call on all threads side by side: the median of nine runs of at least 10 ms.
    private static func seconds(_ call: (Int) -> Void) -> Double {
        func run(_ times: Int) -> Double {
            let start = ContinuousClock.now
            ThreadPool.shared.run { member in for _ in 0..<times { call(member.index) } }
            let elapsed = (ContinuousClock.now - start).components
            return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
        }
        var times = 1
        while run(times) < 0.01, times < 1 << 24 { times *= 2 }
        return (0..<9).map { _ in run(times) / Double(times) }.sorted()[4]
    }
}

/// Inputs of the kernels.
enum Numbers {
    /// Memory with reproducible numbers in −1 ..< 1, aligned to a cache line.
    static func buffer(_ count: Int, seed: UInt64) -> UnsafeMutablePointer<Float> {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * 4 + 256, alignment: 64)
        let floats = memory.bindMemory(to: Float.self, capacity: count + 64)
        var numbers = SplitMix64(seed: seed)
        for i in 0..<count + 64 { floats[i] = numbers.float() }
        return floats
    }
}
