import ArgumentParser
import Foundation
import KernelBench
import Tensor

/// `gsv bench kernels`: each kernel on its own.
struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract:
            "Compare each kernel with a reference implementation and time it, next to the machine's limits.",
        discussion: """
            All threads run at the same time, each on its own buffers. GB/s counts every operand once; kernels whose \
            operands fit a cache exceed the memory's limit.

            Examples:
              gsv bench kernels --threads 1
              GSV_ISA=avx2 gsv bench kernels
            """)

    @Option(help: "Compute threads; 0 takes one per processor.")
    var threads = 0

    @Flag(help: "Every instruction set that this processor runs, instead of the best one.")
    var all = false

    func run() throws {
        guard (0...256).contains(threads) else { throw ValidationError("--threads takes 0 to 256") }
        ThreadPool.configure(threads: threads)
        var isCorrect = true
        for benchmarks in all ? KernelBenchmarks.all : [.inUse] {
            let limits = benchmarks.limits()
            Console.output(
                "\(benchmarks.name), \(ThreadPool.shared.width) threads; limits: "
                    + "\(billions(limits.bytesPerSecond)) GB/s of memory, "
                    + "\(billions(limits.operationsPerSecond)) GFLOP/s")
            Console.output(
                column("kernel", 24) + column("shape", 28) + right("GB/s") + right("of limit")
                    + right("GFLOP/s")
                    + right("of limit") + "   reference")
            benchmarks.run { figure in
                isCorrect = isCorrect && figure.isCorrect
                Console.output(
                    column(figure.kernel, 24) + column(figure.shape, 28)
                        + right(billions(figure.bytesPerSecond))
                        + right(percent(figure.bytesPerSecond / limits.bytesPerSecond))
                        + right(billions(figure.operationsPerSecond))
                        + right(percent(figure.operationsPerSecond / limits.operationsPerSecond))
                        + (figure.isCorrect
                            ? "   ok" : "   DIFFERS by \(figure.error), allowed \(figure.limit)"))
            }
        }
        guard isCorrect else { throw ExitCode.failure }
    }

    private func billions(_ value: Double) -> String { String(format: "%.1f", value / 1e9) }
    private func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }
    private func column(_ text: String, _ width: Int) -> String {
        text.padding(toLength: width, withPad: " ", startingAt: 0)
    }
    private func right(_ text: String) -> String {
        String(repeating: " ", count: max(0, 10 - text.count)) + text
    }
}
