#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// POSIX calls under names that do not collide with this module's own, with interrupted calls repeated.
enum SystemCalls {
    static func open(_ path: String, _ flags: Int32, permissions: mode_t = 0) -> Int32 {
        #if canImport(Glibc)
            Glibc.open(path, flags, permissions)
        #elseif canImport(Musl)
            Musl.open(path, flags, permissions)
        #else
            Darwin.open(path, flags, permissions)
        #endif
    }

    /// - Returns: 0, or the error number.
    @discardableResult
    static func close(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
            Glibc.close(descriptor) == 0 ? 0 : errno
        #elseif canImport(Musl)
            Musl.close(descriptor) == 0 ? 0 : errno
        #else
            Darwin.close(descriptor) == 0 ? 0 : errno
        #endif
    }

    /// Writes all of `bytes`.
    ///
    /// - Returns: 0, or the error number of the call that failed.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        guard let base = bytes.baseAddress else { return 0 }
        var written = 0
        while written < bytes.count {
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, base + written, bytes.count - written)
            #elseif canImport(Musl)
                let count = Musl.write(descriptor, base + written, bytes.count - written)
            #else
                let count = Darwin.write(descriptor, base + written, bytes.count - written)
            #endif
            if count > 0 {
                written += count
            } else if count == 0 {
                return ENOSPC
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// Reads up to `target.count` bytes, fewer only at the end of the file.
    ///
    /// - Returns: the number of bytes, or nil with `errno` set.
    static func read(_ descriptor: Int32, into target: UnsafeMutableRawBufferPointer) -> Int? {
        guard let base = target.baseAddress else { return 0 }
        var filled = 0
        while filled < target.count {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, base + filled, target.count - filled)
            #elseif canImport(Musl)
                let count = Musl.read(descriptor, base + filled, target.count - filled)
            #else
                let count = Darwin.read(descriptor, base + filled, target.count - filled)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    static func message(_ error: Int32) -> String { String(cString: strerror(error)) }

    /// The folder of a path, as `dirname` gives it.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        let folder = path[..<slash]
        return folder.isEmpty ? "/" : String(folder)
    }

    /// The last component of a path.
    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}
