import Foundation

/// libFuzzer's own entry, which leaves `main` to the program.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Runs a target under libFuzzer.
enum LibFuzzer {
    /// Most processor time of one input, and most memory beyond what is resident when the target is open.
    private static let longestSeconds = 1.0
    private static let mostMegabytes = 200

    /// A C function pointer has no context, so the function is a global. libFuzzer has one thread for inputs.
    private nonisolated(unsafe) static var body: ([UInt8]) throws -> Void = { _ in }

    /// Opens the target and runs libFuzzer, which ends the process.
    ///
    /// Time is measured here as processor time: a busy machine, or a stopped process, is no finding.
    /// - Parameter arguments: libFuzzer's flags and folders. A limit of memory is added unless one is given.
    static func run(_ target: FuzzTarget, arguments: [String]) throws {
        body = try target.open()
        // Memory of lazily created objects belongs to the baseline.
        for seed in try target.seeds() { try body(seed) }

        var arguments = [CommandLine.arguments[0]] + arguments
        if !arguments.contains(where: { $0.hasPrefix("-rss_limit_mb=") }) {
            arguments.append("-rss_limit_mb=\(residentMegabytes() + mostMegabytes)")
        }
        var pointers = arguments.map { strdup($0) } + [nil]
        var count = CInt(arguments.count)
        let status = pointers.withUnsafeMutableBufferPointer { buffer in
            var base = buffer.baseAddress
            return runDriver(&count, &base) { data, count in
                LibFuzzer.execute(Array(UnsafeBufferPointer(start: data, count: count)))
                return 0
            }
        }
        exit(status)
    }

    private static func execute(_ bytes: [UInt8]) {
        let start = processorSeconds()
        do { try body(bytes) } catch { fatalError("thrown: \(error)") }
        let seconds = processorSeconds() - start
        require(seconds <= longestSeconds, "an input of \(bytes.count) bytes took \(seconds) s")
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func residentMegabytes() -> Int {
        var usage = rusage()
        getrusage(numericCast(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
