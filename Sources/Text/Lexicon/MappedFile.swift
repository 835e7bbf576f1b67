#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file mapped read-only. Nothing else in the text front end owns raw memory.
package final class MappedFile: @unchecked Sendable {
    /// Path it was opened by, for messages.
    package let path: String
    /// The mapped bytes, valid as long as this object lives.
    package let bytes: UnsafeRawBufferPointer
    private let descriptor: Int32

    /// Maps a file.
    /// - Returns: nil if there is no readable regular file at `path`.
    /// - Throws: `TextError.packDamaged` if the file is empty or cannot be mapped.
    package static func open(_ path: String) throws(TextError) -> MappedFile? {
        #if canImport(Darwin)
            let descriptor = Darwin.open(path, O_RDONLY | O_CLOEXEC)
        #elseif canImport(Musl)
            let descriptor = Musl.open(path, O_RDONLY | O_CLOEXEC)
        #else
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        #endif
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        let length = Int(status.st_size)
        guard length > 0, let address = mmap(nil, length, PROT_READ, MAP_PRIVATE, descriptor, 0),
            address != MAP_FAILED
        else {
            close(descriptor)
            throw .packDamaged(path: path, reason: length > 0 ? "it cannot be mapped" : "it is empty")
        }
        #if os(Linux)
            // Tables are accessed at random. With huge pages most of the file would become resident.
            madvise(address, length, MADV_NOHUGEPAGE)
        #endif
        return MappedFile(
            path: path, descriptor: descriptor, bytes: UnsafeRawBufferPointer(start: address, count: length))
    }

    private init(path: String, descriptor: Int32, bytes: UnsafeRawBufferPointer) {
        self.path = path
        self.descriptor = descriptor
        self.bytes = bytes
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        close(descriptor)
    }

    /// Hash of a range of the file, read through a small buffer so that checking a section does not make it resident.
    package func hash(offset: Int, count: Int) -> UInt64? {
        var hash = PackHash()
        var position = offset
        let end = offset + count
        let chunk = 1 << 18
        return withUnsafeTemporaryAllocation(byteCount: chunk, alignment: 64) { buffer -> UInt64? in
            while position < end {
                let wanted = min(chunk, end - position)
                var filled = 0
                while filled < wanted {
                    let got = pread(
                        descriptor, buffer.baseAddress.map { $0 + filled }, wanted - filled,
                        off_t(position + filled))
                    guard got > 0 else { return nil }
                    filled += got
                }
                hash.add(UnsafeRawBufferPointer(rebasing: buffer[..<wanted]))
                position += wanted
            }
            return hash.value
        }
    }
}
