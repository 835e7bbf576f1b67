import Synchronization
package import Tensor

/// Receives named intermediate results, for the parity tool and `gsv trace`. Names are upstream's module paths,
/// layouts are ours (time-major).
package struct ActivationTrace: Sendable {
    private let recorder: Recorder?
    private let prefix: String

    private final class Recorder: Sendable {
        let values = Mutex<[(name: String, value: Tensor)]>([])
    }

    private init(_ recorder: Recorder?, _ prefix: String) {
        self.recorder = recorder
        self.prefix = prefix
    }

    /// Drops everything, at no cost.
    package static let none = ActivationTrace(nil, "")

    /// Keeps everything.
    package static func recording() -> ActivationTrace { ActivationTrace(Recorder(), "") }

    /// Whether anything is kept.
    var isRecording: Bool { recorder != nil }

    /// The trace of a part of the network.
    package subscript(_ part: String) -> ActivationTrace {
        ActivationTrace(recorder, prefix.isEmpty ? part : "\(prefix).\(part)")
    }

    /// Records `value` under `name`, or under the part's own name when none is given.
    package func callAsFunction(_ name: String = "", _ value: @autoclosure () -> Tensor) {
        guard let recorder else { return }
        let path = name.isEmpty ? prefix : prefix.isEmpty ? name : "\(prefix).\(name)"
        let value = value()
        recorder.values.withLock { $0.append((path, value)) }
    }

    /// What was recorded, in order.
    package var recorded: [(name: String, value: Tensor)] {
        recorder?.values.withLock { $0 } ?? []
    }

    /// The latest value under a name.
    package func latest(_ name: String) -> Tensor? {
        recorded.last { $0.name == name }?.value
    }
}
