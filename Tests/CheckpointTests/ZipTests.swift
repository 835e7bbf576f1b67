import Testing

@testable import Checkpoint

/// Zip files, honest and not.
struct ZipTests {
    private static let storage: [UInt8] = [Float](arrayLiteral: 1, 2, 3, 4).flatMap { bytes($0.bitPattern) }
    private let honest = ZipBytes(
        pickle: PickleBytes.tensor(shape: [4], strides: [1]), storages: ["0": storage],
        more: [.init(name: "archive/byteorder", content: Array("little".utf8))])

    private func reason(_ zip: ZipBytes) throws -> String? {
        switch try openingError(zip.build()) {
        case .malformed(_, let part, let reason)?: "\(part): \(reason)"
        case .unsupported(_, let reason)?: reason
        case .limitExceeded(_, let what, _, _)?: what
        case nil: nil
        case let other?: String(describing: other)
        }
    }

    /// The honest file with its storage member changed.
    private func changed(_ change: (inout ZipBytes.Member) -> Void) -> ZipBytes {
        var zip = honest
        change(&zip.members[1])
        return zip
    }

    @Test func plainAndZip64() throws {
        for (zip64Members, zip64End) in [(false, false), (true, false), (false, true), (true, true)] {
            var zip = honest
            zip.usesZip64End = zip64End
            for index in zip.members.indices { zip.members[index].usesZip64 = zip64Members }
            #expect(try open(zip.build()).tensors["t"]?.floats() == [1, 2, 3, 4])
        }
    }

    @Test func compressedAndEncryptedMembersAreRefused() throws {
        #expect(try reason(changed { $0.method = 8 })?.contains("is compressed (method 8)") == true)
        #expect(try reason(changed { $0.flags = 1 })?.contains("is encrypted") == true)
        #expect(try reason(changed { $0.flags = 0x2000 })?.contains("is encrypted") == true)
        #expect(
            try reason(changed { $0.unpackedSize = 1 << 30 })?.contains("16 bytes stored and 1073741824")
                == true)
    }

    @Test func sizesAndOffsetsStayInside() throws {
        #expect(
            try reason(
                changed {
                    $0.unpackedSize = 17; $0.storedSize = 17
                })?.contains("overlap") == true)
        #expect(
            try reason(
                changed {
                    $0.unpackedSize = 4000; $0.storedSize = 4000
                })?.contains("do not end") == true)
        #expect(try reason(changed { $0.offset = 1 })?.contains("header is damaged") == true)
        #expect(try reason(changed { $0.offset = 0 })?.contains("another name") == true)
        #expect(try reason(changed { $0.offset = .max - 1 })?.contains("behind the directory") == true)
        #expect(try reason(changed { $0.localName = "archive/data/1" })?.contains("another name") == true)
        var wide = changed {
            $0.usesZip64 = true; $0.offset = .max
        }
        #expect(try reason(wide)?.contains("behind the directory") == true)
        wide.members[1].offset = nil
        #expect(try reason(wide) == nil)
    }

    @Test func theDirectoryIsConsistent() throws {
        var zip = honest
        zip.claimedCount = 2
        #expect(try reason(zip)?.contains("its members take") == true)
        zip.claimedCount = 4
        #expect(try reason(zip)?.contains("damaged") == true)
        zip.claimedCount = 60_000
        #expect(try reason(zip)?.contains("60000 members in") == true)
        zip.usesZip64End = true
        zip.claimedCount = 65_537
        #expect(try reason(zip)?.contains("65537 members") == true)
        zip = honest
        zip.directorySizeError = 1
        #expect(try reason(zip)?.contains("do not end before") == true)
        zip = honest
        zip.members.append(zip.members[1])
        #expect(try reason(zip)?.contains("comes twice") == true)
    }

    @Test func oneMemberCannotBeSeveral() throws {
        // The classic bomb: many names for the same bytes.
        var zip = honest
        let file = zip.build()
        let name = Array("archive/data/0".utf8)
        let start = try #require(file.indices.first { file[$0...].starts(with: name) }) - 30
        zip.members.append(
            .init(
                name: "archive/data/0 ", content: [], unpackedSize: 16, storedSize: 16, offset: UInt32(start))
        )
        #expect(try reason(zip)?.contains("another name") == true)
        zip.members[3].name = "archive/data/1"
        zip.members[3].localName = "archive/data/0"
        #expect(try reason(zip) != nil)
    }

    @Test func aTruncatedFileIsNamedSo() throws {
        let file = honest.build()
        for count in stride(from: 4, to: file.count, by: 1) {
            let error = try #require(try openingError(Array(file[..<count])))
            #expect(error.malformedReason?.contains("zip directory") == true, "\(count): \(error)")
        }
    }

    @Test func byteOrder() throws {
        var zip = honest
        zip.members[2].content = Array("big".utf8)
        #expect(try reason(zip)?.contains("big-endian") == true)
        zip.members.remove(at: 2)
        #expect(try reason(zip) == nil)
    }

    @Test func otherArchivesAreNamed() throws {
        var zip = honest
        zip.members.append(.init(name: "archive/constants.pkl", content: []))
        #expect(try reason(zip)?.contains("TorchScript") == true)
        zip = honest
        zip.members[0].name = "archive/other"
        #expect(try reason(zip)?.contains("0 members named data.pkl") == true)
        zip = honest
        zip.members.append(.init(name: "b/data.pkl", content: []))
        #expect(try reason(zip)?.contains("2 members named data.pkl") == true)
    }

    @Test func versionHeads() throws {
        var file = honest.build()
        for head in 0...6 {
            file.replaceSubrange(0..<2, with: Array("0\(head)".utf8))
            let checkpoint = try open(file)
            #expect(checkpoint.prefixVersion == head)
            #expect(try checkpoint.tensors["t"]?.floats() == [1, 2, 3, 4])
        }
        for head in ["07", "10", "+1", "KP"] {
            file.replaceSubrange(0..<2, with: Array(head.utf8))
            #expect(
                try openingError(file)?.description.contains("version head \"\(head)\" is not known") == true)
        }
    }

    @Test(arguments: [
        ("version https://git-lfs.github.com/spec/v1", "Git LFS pointer"),
        ("<!DOCTYPE html><html>", "a web page"),
        ("<HTML>", "a web page"), ("GGUFxxxxxxxx", "GGUF"), ("hello, world", "it begins with \"hello, w\""),
        ("PK\u{5}\u{6}", "a damaged or empty zip file"), ("\u{1}", "it begins with \"\\x1\""),
    ])
    func otherFilesAreNamed(content: String, text: String) throws {
        let error = try #require(try openingError(Array(content.utf8)))
        guard case .notACheckpoint(_, let found) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(found.contains(text))
    }

    @Test func filesThatCannotBeRead() throws {
        func reason(_ path: String) -> String? {
            do {
                _ = try Checkpoint.open(path)
                return nil
            } catch {
                if case .cannotOpen(_, let reason) = error { return reason }
                return String(describing: error)
            }
        }
        try withFolder { folder in
            #expect(reason(folder) == "not a regular file (directory)")
            #expect(reason(folder + "/missing") == "No such file or directory")
        }
        try withFile([]) { #expect(reason($0) == "the file is empty") }
        #expect(reason("a\0b") == "No such file or directory")
        #expect(reason("/dev/null") == "not a regular file (device)")
    }
}
