import Files
import Synchronization

/// The CRC-32 of the storages in a torch zip. Each is compared once, when a tensor inside it is first used: a converted
/// file, which is mapped and read in pieces, has been checked when it was made.
final class MemberChecksums: Sendable {
    private struct Member {
        let name: String
        let place: Range<Int>
        let checksum: UInt32
    }
    private let file: MappedFile
    /// In the order of the file.
    private let members: [Member]
    private let compared = Mutex<Set<Int>>([])

    init(_ directory: ZipDirectory, file: MappedFile) {
        self.file = file
        members = directory.members.map { name, place in
            Member(name: name, place: place, checksum: directory.checksums[name] ?? 0)
        }.sorted { $0.place.lowerBound < $1.place.lowerBound }
    }

    /// Compares the member that holds the byte at `offset`, unless that has been done.
    ///
    /// - Throws: `malformed`.
    func check(at offset: Int) throws(CheckpointError) {
        // The last member that begins at or before the offset.
        var (low, high) = (0, members.count)
        while low < high {
            let middle = (low + high) / 2
            if members[middle].place.lowerBound <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0, members[low - 1].place.contains(offset) else { return }
        try check(low - 1)
    }

    /// Compares all members.
    ///
    /// - Throws: `malformed`.
    func checkAll() throws(CheckpointError) {
        for index in members.indices { try check(index) }
    }

    private func check(_ index: Int) throws(CheckpointError) {
        guard !compared.withLock({ $0.contains(index) }) else { return }
        let member = members[index]
        try Self.compare(
            member.checksum, with: file.bytes(member.place), member: member.name, path: file.path)
        _ = compared.withLock { $0.insert(index) }
    }

    /// Compares one member's bytes. A checksum of 0 means that the writer left it out (PyTorch can be told to).
    static func compare(
        _ checksum: UInt32, with bytes: UnsafeRawBufferPointer, member: String, path: String
    ) throws(CheckpointError) {
        guard checksum != 0 else { return }
        let found = CRC32.of(bytes)
        guard found == checksum else {
            throw CheckpointError.malformed(
                path: path, part: "zip member \"\(member)\"",
                reason:
                    "its checksum is \(String(found, radix: 16)), \(String(checksum, radix: 16)) was written")
        }
    }
}
