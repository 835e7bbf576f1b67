import Foundation

@testable import Checkpoint

/// Little-endian bytes of a number.
func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T($0 * 8)) }
}

/// A file of these bytes, opened; the file is gone when this returns (its mapping stays).
func open(_ content: [UInt8], name: String = "test.pth") throws -> Checkpoint {
    try withFile(content, name: name) { try Checkpoint.open($0) }
}

/// The error that opening these bytes ends in; nil when they open.
func openingError(_ content: [UInt8]) throws -> CheckpointError? {
    do {
        _ = try open(content)
        return nil
    } catch let error as CheckpointError {
        return error
    }
}

/// Runs `body` with the path of a temporary file of these bytes.
func withFile<R>(_ content: [UInt8], name: String = "test.pth", _ body: (String) throws -> R) throws -> R {
    try withFolder { folder in
        let path = "\(folder)/\(name)"
        try Data(content).write(to: URL(fileURLWithPath: path))
        return try body(path)
    }
}

/// Runs `body` with the path of a fresh folder that is removed afterwards.
func withFolder<R>(_ body: (String) throws -> R) throws -> R {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("checkpoint-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}

/// Passes the bytes of values to a writer's closure.
func pass<Value: BitwiseCopyable>(
    _ values: [Value], to give: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
) throws(CheckpointError) {
    let result = values.withUnsafeBytes { bytes in
        Result { () throws(CheckpointError) in try give(bytes) }
    }
    try result.get()
}

/// The path of a committed fixture.
func fixture(_ name: String) throws -> String {
    guard let folder = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
    return folder.appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// The bytes of a committed fixture.
func fixtureBytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture(name))))
}

extension CheckpointError {
    /// The part named by a `malformed` error.
    var malformedReason: String? {
        if case .malformed(_, let part, let reason) = self { "\(part): \(reason)" } else { nil }
    }

    /// What a `limitExceeded` error is about.
    var limitSubject: String? {
        if case .limitExceeded(_, let what, _, _) = self { what } else { nil }
    }
}
