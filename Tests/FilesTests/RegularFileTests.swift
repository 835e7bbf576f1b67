import Foundation
import Testing

@testable import Files

/// Only regular files are opened, no more is read than allowed, and nothing blocks.
@Suite struct RegularFileTests {
    private func failure(_ path: String, limitBytes: Int = 100, links: RegularFile.Links = .followed)
        -> FileError?
    {
        do {
            _ = try RegularFile.read(path, limitBytes: limitBytes, links: links)
            return nil
        } catch { return error }
    }

    @Test func limits() throws {
        let folder = try TemporaryFolder()
        let expected = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        let path = try folder.file("a", expected)
        for limit in [200_000, 200_001, 1 << 30] {
            #expect(try RegularFile.read(path, limitBytes: limit) == expected)
        }
        for limit in [0, 1, 199_999] {
            #expect(failure(path, limitBytes: limit) == .tooLarge(path: path, limitBytes: limit))
        }
        let empty = try folder.file("empty", [])
        #expect(try RegularFile.read(empty, limitBytes: 0) == [])
        #expect(RegularFile.size(path) == 200_000 && RegularFile.size(empty) == 0)
        // Its size is reported as 0.
        #expect(try !RegularFile.read("/proc/self/maps", limitBytes: 1 << 24).isEmpty)
        #expect(
            failure("/proc/self/maps", limitBytes: 10) == .tooLarge(path: "/proc/self/maps", limitBytes: 10))
    }

    @Test func othersThanRegularFiles() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(failure(pipe) == .notRegular(path: pipe, kind: "pipe"))
        #expect(failure(folder.path) == .notRegular(path: folder.path, kind: "directory"))
        #expect(failure("/dev/zero") == .notRegular(path: "/dev/zero", kind: "device"))
        #expect(failure(folder.path + "/none") == .notFound(path: folder.path + "/none"))
        #expect(failure("") == .notFound(path: ""))
        let file = try folder.file("file", [1, 2, 3])
        // A C string would end at the NUL and name the existing file.
        #expect(failure(file + "\0.txt") == .notFound(path: file + "\0.txt"))
        #expect(failure(file + "/below") == .notFound(path: file + "/below"))
        #expect([pipe, folder.path, "/dev/zero", file + "\0.txt"].allSatisfy { RegularFile.size($0) == nil })
    }

    /// Files that the operator names may be pipes and devices, up to the same limit.
    @Test(.timeLimit(.minutes(1))) func anyKind() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let expected = [UInt8](repeating: 7, count: 300_000)
        let writer = Thread {
            let file = FileHandle(forWritingAtPath: pipe)
            try? file?.write(contentsOf: Data(expected))
            try? file?.close()
        }
        writer.start()
        #expect(try RegularFile.readAnyKind(pipe, limitBytes: 300_000) == expected)
        #expect(throws: FileError.tooLarge(path: "/dev/zero", limitBytes: 99)) {
            try RegularFile.readAnyKind("/dev/zero", limitBytes: 99)
        }
        #expect(throws: FileError.notRegular(path: folder.path, kind: "directory")) {
            try RegularFile.readAnyKind(folder.path, limitBytes: 99)
        }
        #expect(throws: FileError.notFound(path: folder.path + "/none")) {
            try RegularFile.readAnyKind(folder.path + "/none", limitBytes: 99)
        }
        let file = try folder.file("file", [1, 2, 3])
        #expect(try RegularFile.readAnyKind(file, limitBytes: 3) == [1, 2, 3])
    }

    @Test func symbolicLinks() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("file", [1, 2, 3])
        let (good, bad) = (folder.path + "/good", folder.path + "/bad")
        try FileManager.default.createSymbolicLink(atPath: good, withDestinationPath: file)
        try FileManager.default.createSymbolicLink(atPath: bad, withDestinationPath: "/dev/zero")
        #expect(try RegularFile.read(good, limitBytes: 3) == [1, 2, 3])
        #expect(failure(good, links: .refused) == .notRegular(path: good, kind: "symbolic link"))
        #expect(failure(bad) == .notRegular(path: bad, kind: "device"))
        #expect(failure(bad, links: .refused) == .notRegular(path: bad, kind: "symbolic link"))
        #expect(try RegularFile.read(file, limitBytes: 3, links: .refused) == [1, 2, 3])
        #expect(RegularFile.size(good) == nil)
    }
}
