import CSndfile

/// Bytes in memory that libsndfile reads and writes through its callbacks as if they were a file.
///
/// Not `Sendable`: it lives inside one call of a reader, or inside one encoder.
final class MemoryStream {
    private(set) var bytes: [UInt8]
    private var position = 0
    /// Set when a write would pass `sizeLimit`; the write then reports zero bytes.
    private(set) var overflowed = false
    private let sizeLimit: Int

    init(_ bytes: [UInt8] = [], sizeLimit: Int = Int.max) {
        self.bytes = bytes
        self.sizeLimit = sizeLimit
    }

    /// Hands over what was written so far and empties the stream. Only for formats whose encoder never goes back.
    func drain() -> [UInt8] {
        defer {
            bytes = []
            position = 0
        }
        return bytes
    }

    /// The table of callbacks, to be used together with `Unmanaged.passUnretained(self).toOpaque()`.
    static let callbacks = SF_VIRTUAL_IO(
        get_filelen: { user in MemoryStream.from(user).map { Int64($0.bytes.count) } ?? 0 },
        seek: { offset, whence, user in MemoryStream.from(user)?.seek(offset, whence) ?? -1 },
        read: { destination, count, user in
            MemoryStream.from(user)?.read(into: destination, count: count) ?? 0
        },
        write: { source, count, user in MemoryStream.from(user)?.write(source, count: count) ?? 0 },
        tell: { user in MemoryStream.from(user).map { Int64($0.position) } ?? 0 })

    private static func from(_ user: UnsafeMutableRawPointer?) -> MemoryStream? {
        user.map { Unmanaged<MemoryStream>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Moves within 0…count; what points elsewhere is refused, as a file system would refuse a negative offset.
    private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        let base: Int64 =
            switch Int(whence) {
            case SF_SEEK_CUR: Int64(position)
            case SF_SEEK_END: Int64(bytes.count)
            default: 0
            }
        let (target, overflow) = base.addingReportingOverflow(offset)
        guard !overflow, target >= 0, target <= Int64(bytes.count) else { return -1 }
        position = Int(target)
        return target
    }

    private func read(into destination: UnsafeMutableRawPointer?, count: Int64) -> Int64 {
        guard let destination, count > 0 else { return 0 }
        let length = min(Int(count), bytes.count - position)
        guard length > 0 else { return 0 }
        bytes.withUnsafeBytes { all in
            let part = UnsafeRawBufferPointer(rebasing: all[position..<position + length])
            destination.copyMemory(from: part.baseAddress ?? UnsafeRawPointer(destination), byteCount: length)
        }
        position += length
        return Int64(length)
    }

    private func write(_ source: UnsafeRawPointer?, count: Int64) -> Int64 {
        guard let source, count > 0 else { return 0 }
        guard Int(count) <= sizeLimit - position else {
            overflowed = true
            return 0
        }
        let part = UnsafeRawBufferPointer(start: source, count: Int(count))
        let overlap = min(part.count, bytes.count - position)
        for index in 0..<overlap { bytes[position + index] = part[index] }
        bytes.append(contentsOf: part[overlap...])
        position += part.count
        return count
    }
}
