import ArgumentParser
import Foundation
import Tensor

/// `gsv bench gemm`: the back ends of dense products beside each other.
struct GEMMCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gemm",
        abstract: "Time the packed kernels and OpenBLAS on dense products, class by class.",
        discussion: """
            GFLOP/s on one thread, by its processor time. GSV_GEMM=auto chooses OpenBLAS for the classes where it is \
            faster by a tenth, and for linear layers only if a row's result does not depend on its place in a product.

            Examples:
              gsv bench gemm
              OPENBLAS_CORETYPE=SKYLAKEX gsv bench gemm --repetitions 9
              gsv bench gemm --rows 1000 --inputs 1024 --outputs 4096
            """)

    @Option(help: "Runs of each product, of which the best counts.")
    var repetitions = 5

    @Option(help: "Instead of the classes: a linear layer of so many rows, 32 and more.")
    var rows: Int?

    @Option(help: "With --rows: inputs of the layer.")
    var inputs = 1024

    @Option(help: "With --rows: outputs of the layer.")
    var outputs = 1024

    func run() throws {
        guard (32...1 << 16).contains(rows ?? 32), (1...1 << 14).contains(inputs),
            (1...1 << 14).contains(outputs)
        else { throw ValidationError("--rows takes 32 to 65536, --inputs and --outputs 1 to 16384") }
        guard (1...1000).contains(repetitions) else {
            throw ValidationError("--repetitions takes 1 to 1000")
        }
        Console.output("\(GEMM.machine); GSV_GEMM=\(try GEMMMode.environment().rawValue)")
        let library: CheckedLibrary
        do {
            library = try CheckedLibrary.openBLAS()
        } catch {
            Console.output("\(error)")
            throw ExitCode.failure
        }
        Console.output(
            "\(library.name): self-test passed, rows are "
                + (library.rowsAreIndependent ? "independent of their place" : "rounded by their place"))
        Console.output("limit of one thread: \(billions(GEMMMeasurement.peak())) GFLOP/s")
        let measurements =
            rows.map {
                GEMMMeasurement.linear(
                    rows: $0, inputs: inputs, outputs: outputs, library, repetitions: repetitions)
            } ?? GEMMMeasurement.all(library, repetitions: repetitions)
        let preferred = GEMMMeasurement.preferred(measurements, library)
        Console.output(line("class", "rows", "packed", "OpenBLAS", "auto"))
        for measurement in measurements {
            Console.output(
                line(
                    measurement.kind.rawValue, "\(measurement.rows)", billions(measurement.packed),
                    billions(measurement.openBLAS),
                    preferred.contains(measurement.kind) ? "openblas" : "packed"))
        }
    }

    private func billions(_ value: Double) -> String { String(format: "%.1f", value / 1e9) }

    private func line(_ name: String, _ columns: String...) -> String {
        name.padding(toLength: 12, withPad: " ", startingAt: 0)
            + columns.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }.joined()
    }
}
