import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A folder of its own for one test, removed with its files when the test is over.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/audio-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw SafetensorsFixture.Malformed(description: "mkdtemp failed")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in names { remove(path + "/" + name) }
        rmdir(path)
    }

    /// What lies in the folder.
    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names = [String]()
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes a file and returns its path.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let full = path + "/" + name
        guard let file = fopen(full, "wb") else {
            throw SafetensorsFixture.Malformed(description: "cannot write \(full)")
        }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw SafetensorsFixture.Malformed(description: "short write to \(full)")
        }
        return full
    }

    /// Makes a named pipe and returns its path.
    func pipe(_ name: String) throws -> String {
        let full = path + "/" + name
        guard mkfifo(full, 0o600) == 0 else {
            throw SafetensorsFixture.Malformed(description: "mkfifo failed")
        }
        return full
    }
}

/// The number of file descriptors this process has open.
func openDescriptors() -> Int {
    (0..<1024).count { fcntl(Int32($0), F_GETFD) != -1 }
}
