/// What `/control` can do.
package enum ControlCommand: String, Sendable, CaseIterable {
    /// Run the same program again with the same arguments.
    case restart
    /// End the process.
    case exit
}

/// Why `Server.run` returned.
package enum ServerEnding: Sendable, Equatable {
    /// A signal, or `/control` with `exit`.
    case stopped
    /// `/control` with `restart`: the caller should start the program again.
    case restart
}
