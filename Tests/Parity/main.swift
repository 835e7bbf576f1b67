import Foundation
import Models
import Tensor

// Compares this engine with recorded results of PyTorch upstream, array by array.
//
//     gsv-parity MODELS GOLDEN [--only TEXT] [--threads N] [--verbose]
//
// The digest that it prints does not depend on the number of threads.

var arguments = Array(CommandLine.arguments.dropFirst())
let verbose = arguments.contains("--verbose")
arguments.removeAll { $0 == "--verbose" }
/// Takes `--name value` out of the arguments.
@MainActor func option(_ name: String) -> String? {
    guard let i = arguments.firstIndex(of: name), i + 1 < arguments.count else { return nil }
    defer { arguments.removeSubrange(i...i + 1) }
    return arguments[i + 1]
}
let only = option("--only") ?? ""
let threads = Int(option("--threads") ?? "0")
guard arguments.count == 2, let threads, (0...256).contains(threads) else {
    print("usage: gsv-parity MODELS GOLDEN [--only TEXT] [--threads N] [--verbose]")
    exit(2)
}

do {
    ThreadPool.configure(threads: threads)
    if try GEMMMode.environment() == .openBLAS { GEMM.configure(try .openBLAS()) }
    if verbose { print("products: \(GEMM.choice.summary)") }
    exit(try Runner(models: arguments[0], golden: arguments[1]).run(only: only, verbose: verbose) ? 0 : 1)
} catch {
    print("\(error)")
    exit(1)
}
