import Foundation
import TestSupport
import Testing

@testable import Checkpoint

/// Large files are written and mapped so that the system can keep and map them in huge pages.
@Suite struct HugePageTests {
    @Test("pieces of any length come out in order, and the file is mapped from a huge page's multiple")
    func writtenAndMapped() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("huge-\(UUID().uuidString).bin").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let expected = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) }
        let file = try AtomicFile(path: path)
        var first = 0
        for length in [1, 4095, 1 << 20, 3 << 20, 77] {
            try file.write(Array(expected[first..<first + length]))
            first += length
        }
        try expected[first...].withUnsafeBytes { try file.write($0) }
        try file.commit()

        let mapped = try MappedFile(path: path)
        #expect(mapped.byteCount == expected.count)
        mapped.withBytes { bytes in
            #expect(Int(bitPattern: bytes.baseAddress) % MappedFile.hugePage == 0)
            #expect(bytes.elementsEqual(expected))
        }
        mapped.releasePages()
        #expect(mapped.bytes((4 << 20)..<(4 << 20) + 9).elementsEqual(expected[(4 << 20)..<(4 << 20) + 9]))
    }

    @Test("mapping and letting go of large files leaves no address space behind")
    func unmapped() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("huge-\(UUID().uuidString).bin").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(FileManager.default.createFile(atPath: path, contents: Data(count: (4 << 20) + 12_345)))
        func mappings() throws -> Int {
            try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n")
                .filter { $0.hasSuffix(path) }.count
        }
        for _ in 0..<50 {
            let file = try MappedFile(path: path)
            #expect(try mappings() == 1)
            _ = file
        }
        #expect(try mappings() == 0)
    }
}
