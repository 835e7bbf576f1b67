/// Builds zip files of stored members, honest or not.
struct ZipBytes {
    struct Member {
        var name: String
        var content: [UInt8]
        var method: UInt16 = 0
        var flags: UInt16 = 0
        /// What the directory says about the unpacked and the stored size, if not the truth.
        var unpackedSize: UInt32?
        var storedSize: UInt32?
        /// Where the directory says the header is, if not where it is.
        var offset: UInt32?
        /// The name in the local header, if it differs.
        var localName: String?
        /// Sizes and offset in a zip64 field instead of the 32-bit fields.
        var usesZip64 = false
    }

    var members: [Member]
    /// A zip64 end record besides the ordinary one.
    var usesZip64End = false
    /// The number of members that the end record claims, if not the truth.
    var claimedCount: Int?
    var directorySizeError: Int32 = 0

    init(_ members: [Member]) {
        self.members = members
    }

    /// A torch file: `data.pkl`, storages by key, and further members.
    init(pickle: [UInt8], storages: [String: [UInt8]] = [:], more: [Member] = []) {
        members =
            [Member(name: "archive/data.pkl", content: pickle)]
            + storages.sorted { $0.key < $1.key }.map {
                Member(name: "archive/data/\($0.key)", content: $0.value)
            } + more
    }

    func build() -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let offset = UInt64(member.offset.map { Int($0) } ?? file.count)
            let localName = Array((member.localName ?? member.name).utf8)
            let size = UInt32(member.content.count)
            file +=
                bytes(UInt32(0x0403_4B50)) + bytes(UInt16(20)) + bytes(member.flags) + bytes(member.method)
            file += bytes(UInt64(0)) + bytes(size) + bytes(size)
            file += bytes(UInt16(localName.count)) + bytes(UInt16(0)) + localName + member.content

            let unpacked = member.unpackedSize ?? size
            let stored = member.storedSize ?? size
            let name = Array(member.name.utf8)
            var extra: [UInt8] = []
            if member.usesZip64 {
                extra =
                    bytes(UInt16(1)) + bytes(UInt16(24)) + bytes(UInt64(unpacked)) + bytes(UInt64(stored))
                    + bytes(offset)
            }
            let masked = member.usesZip64 ? UInt32.max : nil
            directory += bytes(UInt32(0x0201_4B50)) + bytes(UInt16(20)) + bytes(UInt16(20))
            directory += bytes(member.flags) + bytes(member.method) + bytes(UInt64(0))
            directory += bytes(masked ?? stored) + bytes(masked ?? unpacked)
            directory += bytes(UInt16(name.count)) + bytes(UInt16(extra.count)) + bytes(UInt16(0))
            directory += bytes(UInt64(0)) + bytes(masked ?? UInt32(offset)) + name + extra
        }
        let start = file.count
        let count = claimedCount ?? members.count
        file += directory
        if usesZip64End {
            let record = file.count
            file += bytes(UInt32(0x0606_4B50)) + bytes(UInt64(44)) + bytes(UInt32(0)) + bytes(UInt64(0))
            file +=
                bytes(UInt64(count)) + bytes(UInt64(count)) + bytes(UInt64(directory.count))
                + bytes(UInt64(start))
            file += bytes(UInt32(0x0706_4B50)) + bytes(UInt32(0)) + bytes(UInt64(record)) + bytes(UInt32(1))
        }
        let shownCount = usesZip64End ? UInt16.max : UInt16(count)
        file += bytes(UInt32(0x0605_4B50)) + bytes(UInt32(0)) + bytes(shownCount) + bytes(shownCount)
        file += bytes(usesZip64End ? .max : UInt32(Int32(directory.count) + directorySizeError))
        file += bytes(usesZip64End ? .max : UInt32(start)) + bytes(UInt16(0))
        return file
    }
}
