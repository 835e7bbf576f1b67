import Foundation

/// Lines for people, on standard error: standard output belongs to results.
enum Console {
    static func note(_ text: String) { write(text + "\n") }

    /// Whether standard error is a terminal.
    static var isTerminal: Bool { isatty(STDERR_FILENO) != 0 }

    /// Overwrites the current line; for progress. Prints nothing where standard error is no terminal.
    static func progress(_ text: String) {
        guard isTerminal else { return }
        write("\r\u{1B}[K" + text)
    }

    static func endProgress() {
        if isTerminal { write("\r\u{1B}[K") }
    }

    static func output(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    static func seconds(since start: ContinuousClock.Instant) -> String {
        String(format: "%.2f s", elapsed(since: start))
    }

    static func elapsed(since start: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
