import Foundation
import Testing

@testable import Files

/// The guarantees of `AtomicFile`, with failures and kills in the middle of writing.
@Suite(.serialized) struct AtomicFileTests {
    @Test(arguments: [
        AtomicFile.Options(), .init(durability: .contents), .init(durability: .contentsAndName),
        .init(temporary: .reused), .init(pieceBytes: 7),
    ])
    func replaces(_ options: AtomicFile.Options) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/name"
        for content in [[], [1, 2, 3], [UInt8](repeating: 9, count: 3000)] as [[UInt8]] {
            try AtomicFile.write(content, to: path, options)
            #expect(contents(path) == content)
            #expect(folder.names == ["name"])
        }
    }

    @Test func theOldFileStaysUntilCommit() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("name", [1])
        var file: AtomicFile? = try AtomicFile(path: path, .init(pieceBytes: 4))
        try file?.write([UInt8](repeating: 2, count: 100))
        #expect(contents(path) == [1])
        #expect(folder.names.count == 2 && folder.names[0].hasSuffix(".partial"))
        file = nil
        #expect(contents(path) == [1])
        #expect(folder.names == ["name"])
    }

    @Test func existingFilesAreKept() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/name"
        let options = AtomicFile.Options(existing: .kept)
        try AtomicFile.write([1], to: path, options)
        #expect(throws: FileError.alreadyExists(path: path)) { try AtomicFile.write([2], to: path, options) }
        // One that appears after the start is kept as well.
        let late = folder.path + "/late"
        let file = try AtomicFile(path: late, options)
        try file.write([3])
        _ = try folder.file("late", [4])
        #expect(throws: FileError.alreadyExists(path: late)) { try file.commit() }
        // A dangling link is an existing name.
        let dangling = folder.path + "/dangling"
        try FileManager.default.createSymbolicLink(
            atPath: dangling, withDestinationPath: folder.path + "/none")
        #expect(throws: FileError.alreadyExists(path: dangling)) {
            try AtomicFile.write([5], to: dangling, options)
        }
        #expect(contents(path) == [1] && contents(late) == [4])
        #expect(folder.names == ["dangling", "late", "name"])
    }

    @Test func linksAreReplacedNotFollowed() throws {
        let folder = try TemporaryFolder()
        let target = try folder.file("target", [1])
        let (name, partial) = (folder.path + "/name", folder.path + "/.name.partial")
        try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: target)
        try AtomicFile.write([2], to: name)
        #expect(contents(name) == [2] && contents(target) == [1])
        // A link at the temporary file's fixed name is not followed.
        try FileManager.default.createSymbolicLink(atPath: partial, withDestinationPath: target)
        #expect(throws: FileError.self) { try AtomicFile.write([3], to: name, .init(temporary: .reused)) }
        #expect(contents(name) == [2] && contents(target) == [1])
    }

    @Test func permissions() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write([1], to: folder.path + "/secret", .init(permissions: 0o600))
        let found = try FileManager.default.attributesOfItem(atPath: folder.path + "/secret")
        #expect(found[.posixPermissions] as? Int == 0o600)
    }

    @Test func namesThatCannotBeWritten() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("file", [1])
        for path in ["", folder.path + "/", "a\0b", folder.path + "/none/name", file + "/name", "/proc/name"]
        {
            let error = #expect(throws: FileError.self) { try AtomicFile.write([2], to: path) }
            #expect(error?.path == path)
        }
        // A folder cannot be replaced by a file: found at the rename.
        try FileManager.default.createDirectory(
            atPath: folder.path + "/sub", withIntermediateDirectories: false)
        #expect(throws: FileError.self) { try AtomicFile.write([2], to: folder.path + "/sub") }
        #expect(folder.names == ["file", "sub"] && contents(file) == [1])
    }

    /// A write that fails half-way, as on a full disk, leaves the old file and nothing else.
    @Test func failedWrites() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("name", [1])
        var old = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old) == 0)
        let handler = signal(SIGXFSZ, SIG_IGN)
        defer { signal(SIGXFSZ, handler) }
        func limit(_ bytes: rlim_t) {
            var limits = rlimit(rlim_cur: bytes, rlim_max: old.rlim_max)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits) == 0)
        }
        limit(10_000)
        var found: FileError?
        do {
            try AtomicFile.write([UInt8](repeating: 2, count: 20_000), to: path, .init(pieceBytes: 4096))
        } catch { found = error }
        limit(old.rlim_cur)
        #expect(found == .cannotWrite(path: path, reason: "File too large"))
        #expect(contents(path) == [1] && folder.names == ["name"])
    }

    // MARK: - Kills

    private static let kilobytes = 4096

    /// The writer that `survivesKills` starts in a process of its own: replaces the file again and again.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["GSV_ATOMIC_FILE"] != nil))
    func writerUntilKilled() throws {
        let path = try #require(ProcessInfo.processInfo.environment["GSV_ATOMIC_FILE"])
        for value in 1... {
            let bytes = [UInt8](repeating: UInt8(1 + value % 255), count: Self.kilobytes << 10)
            try AtomicFile.write(bytes, to: path, .init(temporary: .reused, pieceBytes: 1 << 16))
        }
    }

    /// A process that is killed (SIGKILL) at any point of a replacement leaves the old file or the new one.
    @Test(.timeLimit(.minutes(2))) func survivesKills() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("name", [UInt8](repeating: 0, count: Self.kilobytes << 10))
        var versions = Set<UInt8>()
        for delay in [0, 1_000, 3_000, 7_000, 20_000, 40_000] as [UInt32] {
            let child = Process()
            child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            child.arguments = ["--testing-library", "swift-testing", "--filter", "writerUntilKilled"]
            child.environment = ProcessInfo.processInfo.environment.merging(["GSV_ATOMIC_FILE": path]) { $1 }
            child.standardOutput = FileHandle.nullDevice
            child.standardError = FileHandle.nullDevice
            let before = contents(path)?.first
            try child.run()
            while contents(path)?.first == before, child.isRunning { usleep(1000) }
            usleep(delay)
            #expect(child.isRunning)
            kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
            let found = try #require(contents(path))
            let value = try #require(found.first)
            #expect(found.count == Self.kilobytes << 10 && found.allSatisfy { $0 == value })
            #expect(folder.names.count <= 2)
            versions.insert(value)
        }
        #expect(!versions.contains(0))
        // The next writer of the name removes what a killed one left.
        try AtomicFile.write([1], to: path, .init(temporary: .reused))
        #expect(folder.names == ["name"] && contents(path) == [1])
    }
}
