import ServiceLifecycle
import Synchronization

/// Ends a running server on a command of `/control`, and stores the command.
final class ShutdownSwitch: Sendable {
    private struct State {
        var group: ServiceGroup?
        var command: ControlCommand?
    }

    private let state = Mutex(State())

    /// The services to shut down.
    var group: ServiceGroup? {
        get { state.withLock { $0.group } }
        set { state.withLock { $0.group = newValue } }
    }

    /// The command that ended the server; the first counts.
    var command: ControlCommand? { state.withLock { $0.command } }

    /// Starts a graceful shutdown.
    ///
    /// - Parameter command: the command of `/control`; nil for a signal.
    func trigger(_ command: ControlCommand?) async {
        let group = state.withLock { state in
            state.command = state.command ?? command
            return state.group
        }
        await group?.triggerGracefulShutdown()
    }
}
