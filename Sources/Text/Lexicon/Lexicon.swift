import Files
import Foundation

/// The lexicon pack: every language's dictionaries and tables in one memory-mapped file.
///
/// `make data` compiles it. Opening reads the header and the section table; a section is checked against its hash
/// on first use, so a damaged file is an error and never a wrong pronunciation.
package final class Lexicon: Sendable {
    /// Where the pack was found.
    package let path: String
    private let file: MappedFile
    private let sections: [String: Range<Int>]
    private let hashes: [String: UInt64]

    /// Opens a pack.
    /// - Parameter path: the file, or nil to look in `$GSV_DATA`, `./data` and the checkout that holds the executable.
    /// - Throws: `TextError.packMissing`, `.packDamaged`, `.packVersion`; each message names `make data`.
    package init(path: String? = nil) throws(TextError) {
        let candidates = path.map { [$0] } ?? Lexicon.defaultPaths()
        var found: MappedFile?
        for candidate in candidates where found == nil { found = try MappedFile.tables(at: candidate) }
        guard let file = found else { throw .packMissing(searched: candidates) }
        self.file = file
        self.path = file.path
        (sections, hashes) = try Lexicon.readTable(of: file)
    }

    /// Candidate paths, in order: `$GSV_DATA` (a folder, or the file itself), `./data`, and `data` in every
    /// folder above the executable.
    package static func defaultPaths() -> [String] {
        let name = PackFormat.fileName
        let named = InstalledFiles.environment("GSV_DATA").map {
            $0.hasSuffix(".gsvpack") ? $0 : $0 + "/" + name
        }
        return InstalledFiles.candidates(for: "data/" + name, override: named)
    }

    /// Names of the sections, sorted.
    package var sectionNames: [String] { sections.keys.sorted() }

    /// A section, checked against its hash.
    package func section(_ name: String) throws(TextError) -> PackReader {
        guard let range = sections[name] else {
            throw .packDamaged(path: path, reason: "section \(name) is missing")
        }
        guard file.hash(range) == hashes[name] else {
            throw .packDamaged(path: path, reason: "the content of section \(name) does not match its hash")
        }
        return PackReader(file: file, range: range, name: name)
    }

    private static func readTable(
        of file: MappedFile
    ) throws(TextError) -> ([String: Range<Int>], [String: UInt64]) {
        let bytes = file.bytes(0..<file.byteCount)
        func damaged(_ reason: String) -> TextError { .packDamaged(path: file.path, reason: reason) }
        func word32(_ offset: Int) -> Int {
            Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
        func word64(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard bytes.count >= PackFormat.headerBytes else {
            throw damaged("\(bytes.count) bytes are no header")
        }
        guard Array(bytes[..<PackFormat.magic.count]) == PackFormat.magic else {
            throw damaged("it does not begin as a pack does")
        }
        let version = word32(8)
        guard version == PackFormat.version else {
            throw .packVersion(path: file.path, found: version, expected: Int(PackFormat.version))
        }
        guard word64(16) == UInt64(bytes.count) else {
            throw damaged("it has \(bytes.count) bytes and should have \(word64(16))")
        }
        let count = word32(12)
        let tableEnd = PackFormat.headerBytes + count * PackFormat.entryBytes
        guard count <= PackFormat.maximumSections, tableEnd <= bytes.count else {
            throw damaged("it claims \(count) sections")
        }
        let table = UnsafeRawBufferPointer(rebasing: bytes[PackFormat.headerBytes..<tableEnd])
        guard PackHash.of(table) == word64(24) else {
            throw damaged("its section table does not match its hash")
        }

        var ranges: [String: Range<Int>] = [:]
        var hashes: [String: UInt64] = [:]
        for index in 0..<count {
            let entry = PackFormat.headerBytes + index * PackFormat.entryBytes
            let nameBytes = bytes[entry..<entry + PackFormat.nameBytes].prefix { $0 != 0 }
            let name = String(decoding: nameBytes, as: UTF8.self)
            let (offset, length) = (word64(entry + 24), word64(entry + 32))
            guard offset >= UInt64(tableEnd), offset <= UInt64(bytes.count),
                length <= UInt64(bytes.count) - offset
            else { throw damaged("section \(name) lies outside the file") }
            ranges[name] = Int(offset)..<Int(offset + length)
            hashes[name] = word64(entry + 40)
        }
        return (ranges, hashes)
    }
}
