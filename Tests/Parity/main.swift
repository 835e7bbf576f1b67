import Foundation
import Models
import Tensor

// Compares this engine with recorded results of PyTorch upstream, array by array.
//
//     gsv-parity MODELS GOLDEN [--only TEXT] [--verbose]

var arguments = Array(CommandLine.arguments.dropFirst())
let verbose = arguments.contains("--verbose")
arguments.removeAll { $0 == "--verbose" }
var only = ""
if let i = arguments.firstIndex(of: "--only"), i + 1 < arguments.count {
    only = arguments[i + 1]
    arguments.removeSubrange(i...i + 1)
}
guard arguments.count == 2 else {
    print("usage: gsv-parity MODELS GOLDEN [--only TEXT] [--verbose]")
    exit(2)
}

do {
    if try GEMMMode.environment() == .openBLAS { GEMM.configure(try .openBLAS()) }
    if verbose { print("products: \(GEMM.choice.summary)") }
    exit(try Runner(models: arguments[0], golden: arguments[1]).run(only: only, verbose: verbose) ? 0 : 1)
} catch {
    print("\(error)")
    exit(1)
}
