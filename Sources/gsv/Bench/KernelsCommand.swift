import ArgumentParser
import Foundation
import KernelBench
import Tensor

/// `gsv bench kernels`: every kernel by itself.
struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Check each kernel against a slow twin and time it, beside the machine's limits.",
        discussion: """
            All threads work side by side, each on buffers of its own. GB/s counts every operand once; kernels whose \
            operands lie in a cache pass the memory's limit.

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
        var isRight = true
        for ladder in all ? KernelLadder.all : [.inUse] {
            let limits = ladder.limits()
            Console.output(
                "\(ladder.name), \(ThreadPool.shared.width) threads; limits: "
                    + "\(billions(limits.bytesPerSecond)) GB/s of memory, "
                    + "\(billions(limits.operationsPerSecond)) GFLOP/s")
            Console.output(
                column("kernel", 24) + column("shape", 28) + right("GB/s") + right("of limit")
                    + right("GFLOP/s")
                    + right("of limit") + "   twin")
            ladder.climb { figure in
                isRight = isRight && figure.isRight
                Console.output(
                    column(figure.kernel, 24) + column(figure.shape, 28)
                        + right(billions(figure.bytesPerSecond))
                        + right(percent(figure.bytesPerSecond / limits.bytesPerSecond))
                        + right(billions(figure.operationsPerSecond))
                        + right(percent(figure.operationsPerSecond / limits.operationsPerSecond))
                        + (figure.isRight
                            ? "   ok" : "   DIFFERS by \(figure.error), allowed \(figure.limit)"))
            }
        }
        guard isRight else { throw ExitCode.failure }
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
