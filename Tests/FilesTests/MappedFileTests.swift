import Foundation
import Testing

@testable import Files

@Suite struct MappedFileTests {
    /// Files of some huge pages are written in such pieces and mapped at a multiple of one.
    @Test(arguments: [MappedFile.hugePageBytes, 1 << 14, 1000])
    func writtenAndMapped(_ pieceBytes: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/large"
        let expected = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) }
        let file = try AtomicFile(path: path, .init(pieceBytes: pieceBytes))
        var first = 0
        for length in [1, 4095, 1 << 20, 3 << 20, 77] {
            try file.write(Array(expected[first..<first + length]))
            first += length
        }
        try expected[first...].withUnsafeBytes { (bytes) in
            try file.write(bytes)
        }
        try file.commit()

        let mapped = try MappedFile(path: path)
        #expect(mapped.byteCount == expected.count)
        mapped.withBytes { bytes in
            #expect(Int(bitPattern: bytes.baseAddress) % MappedFile.hugePageBytes == 0)
            #expect(bytes.elementsEqual(expected))
        }
        mapped.releasePages()
        #expect(mapped.bytes((4 << 20)..<(4 << 20) + 9).elementsEqual(expected[(4 << 20)..<(4 << 20) + 9]))
        let scattered = try MappedFile(path: path, access: .scattered)
        #expect(scattered.withBytes { $0.elementsEqual(expected) })
    }

    /// Resident pages of a mapping, from the kernel's own count.
    private func residentKilobytes(_ path: String) throws -> Int {
        let text = String(
            decoding: try RegularFile.read("/proc/self/smaps", limitBytes: 1 << 26), as: UTF8.self)
        var (sum, isInside) = (0, false)
        for line in text.split(separator: "\n") {
            // The first line of a mapping: addresses, permissions, offset, device, inode, path.
            if line.hasSuffix(path) { isInside = true }
            if line.hasPrefix("VmFlags:") { isInside = false }
            if isInside, line.hasPrefix("Rss:") { sum += Int(line.split(separator: " ")[1]) ?? 0 }
        }
        return sum
    }

    /// Pieces cover a range in order, at any alignment, and are not resident afterwards.
    @Test func pieces() throws {
        let folder = try TemporaryFolder()
        let expected = (0..<(3 << 20) + 123).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
        let path = folder.path + "/table"
        // Written at once, the file would be in the system's cache as huge pages, which are mapped as a whole.
        try AtomicFile.write(expected, to: path, .init(pieceBytes: 1 << 14))
        let mapped = try MappedFile(path: path, access: .scattered)
        for range in [0..<expected.count, 5..<5, 1000..<1001, 262_143..<262_145, 777..<(2 << 20) + 5] {
            var found: [UInt8] = []
            mapped.readInPieces(range) { found += $0 }
            #expect(found == Array(expected[range]))
        }
        mapped.releasePages()
        var (largest, sum) = (0, 0)
        try mapped.readInPieces(0..<expected.count) { piece in
            sum += piece.reduce(0) { $0 + Int($1) }
            largest = max(largest, try residentKilobytes(path))
        }
        #expect(sum == expected.reduce(0) { $0 + Int($1) })
        // A piece has 256 KiB, the file 3 MiB.
        #expect(largest > 0 && largest <= 1024, "\(largest) KiB")
    }

    @Test func unmappedWithTheLastReference() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("large", [UInt8](repeating: 0, count: (4 << 20) + 12_345))
        func mappings() throws -> Int {
            String(decoding: try RegularFile.read("/proc/self/maps", limitBytes: 1 << 26), as: UTF8.self)
                .split(separator: "\n").filter { $0.hasSuffix(path) }.count
        }
        for _ in 0..<50 {
            let file = try MappedFile(path: path)
            #expect(try mappings() == 1)
            _ = file
        }
        #expect(try mappings() == 0)
    }

    @Test func filesThatCannotBeMapped() throws {
        let folder = try TemporaryFolder()
        let empty = try folder.file("empty", [])
        #expect(throws: FileError.empty(path: empty)) { try MappedFile(path: empty) }
        #expect(throws: FileError.notRegular(path: folder.path, kind: "directory")) {
            try MappedFile(path: folder.path)
        }
        #expect(throws: FileError.notFound(path: folder.path + "/none")) {
            try MappedFile(path: folder.path + "/none")
        }
    }
}
