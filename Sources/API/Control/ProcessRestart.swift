import Glibc

/// Starts the running program again in its own process.
package enum ProcessRestart {
    /// Replaces the process by a new run of the same program with the same arguments and environment.
    ///
    /// Call it when the server has ended: its sockets are closed then, so that the new run can listen.
    ///
    /// - Throws: `RestartError` if the system refuses; otherwise it doesn't return.
    package static func replaceProcess() throws -> Never {
        try replaceProcess(arguments: CommandLine.arguments)
    }

    static func replaceProcess(arguments: [String]) throws(RestartError) -> Never {
        // An upgrade may have put a new file in the program's place: prefer the path to the open file.
        let program = arguments.first.flatMap { $0.contains("/") ? $0 : nil } ?? "/proc/self/exe"

        // A new program inherits ignored signals and the calling thread's mask, and worker threads mask
        // nearly all.
        signal(SIGTERM, SIG_DFL)
        signal(SIGINT, SIG_DFL)
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)

        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        pointers.append(nil)
        execv(program, pointers)
        let code = errno
        for pointer in pointers { free(pointer) }
        throw RestartError(program: program, reason: String(cString: strerror(code)))
    }
}

/// The system did not start the program again.
package struct RestartError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file that could not be run.
    package let program: String
    /// The system's words.
    package let reason: String

    /// What happened.
    package var description: String { "cannot restart \(program): \(reason)" }
}
