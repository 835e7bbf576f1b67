import CSndfile

/// Bytes in memory that libsndfile reads and writes through its callbacks as if they were a file.
///
/// Not `Sendable`: it lives inside one call of a reader, or inside one encoder.
final class MemoryStream {
    /// The bytes written since the last drain.
    private(set) var bytes: [UInt8]
    /// Number of bytes drained so far.
    private var drained = 0
    private var position = 0

    init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    private var end: Int { drained + bytes.count }

    /// Removes and returns what was written so far. An encoder may still seek back, to complete a header at the end;
    /// what it then writes is discarded.
    func drain() -> [UInt8] {
        defer {
            drained = end
            bytes = []
        }
        return bytes
    }

    /// The table of callbacks, to be used together with `Unmanaged.passUnretained(self).toOpaque()`.
    static let callbacks = SF_VIRTUAL_IO(
        get_filelen: { user in MemoryStream.from(user).map { Int64($0.end) } ?? 0 },
        seek: { offset, whence, user in MemoryStream.from(user)?.seek(offset, whence) ?? -1 },
        read: { destination, count, user in
            MemoryStream.from(user)?.read(into: destination, count: count) ?? 0
        },
        write: { source, count, user in MemoryStream.from(user)?.write(source, count: count) ?? 0 },
        tell: { user in MemoryStream.from(user).map { Int64($0.position) } ?? 0 })

    private static func from(_ user: UnsafeMutableRawPointer?) -> MemoryStream? {
        user.map { Unmanaged<MemoryStream>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Moves within 0…end; other positions are errors, as a negative offset is for a file.
    private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        let base: Int64 =
            switch Int(whence) {
            case SF_SEEK_CUR: Int64(position)
            case SF_SEEK_END: Int64(end)
            default: 0
            }
        let (target, overflow) = base.addingReportingOverflow(offset)
        guard !overflow, target >= 0, target <= Int64(end) else { return -1 }
        position = Int(target)
        return target
    }

    private func read(into destination: UnsafeMutableRawPointer?, count: Int64) -> Int64 {
        guard let destination, count > 0 else { return 0 }
        let length = min(Int(count), end - position)
        guard length > 0, position >= drained else { return 0 }
        bytes.withUnsafeBytes { all in
            let start = position - drained
            let part = UnsafeRawBufferPointer(rebasing: all[start..<start + length])
            destination.copyMemory(from: part.baseAddress ?? UnsafeRawPointer(destination), byteCount: length)
        }
        position += length
        return Int64(length)
    }

    private func write(_ source: UnsafeRawPointer?, count: Int64) -> Int64 {
        guard let source, count > 0 else { return 0 }
        let part = UnsafeRawBufferPointer(start: source, count: Int(count))
        let lost = min(part.count, max(0, drained - position))
        let start = position + lost - drained
        let overlap = min(part.count - lost, max(0, bytes.count - start))
        for index in 0..<overlap { bytes[start + index] = part[lost + index] }
        bytes.append(contentsOf: part[(lost + overlap)...])
        position += part.count
        return count
    }
}
