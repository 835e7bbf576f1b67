import Files

/// The format of `torch.save` since 1.6: a zip with `data.pkl` and one member per storage.
enum TorchZip {
    /// Reads the object that was saved.
    static func read(_ file: MappedFile) throws(CheckpointError) -> TorchObject {
        try file.withBytes { (bytes) throws(CheckpointError) in
            let directory = try file.withoutReadAhead { () throws(CheckpointError) in
                try ZipDirectory(bytes, path: file.path, throwing: CheckpointError.self)
            }
            let members = directory.members
            let folder = try folder(members, file.path)
            if let order = members["\(folder)byteorder"] {
                guard UnsafeRawBufferPointer(rebasing: bytes[order]).elementsEqual("little".utf8) else {
                    throw CheckpointError.unsupported(
                        path: file.path,
                        reason: "written on a big-endian machine; save it again on a little-endian one")
                }
            }
            guard members["\(folder)constants.pkl"] == nil else {
                throw CheckpointError.unsupported(
                    path: file.path,
                    reason: "a TorchScript program, not a checkpoint; the weights file is needed")
            }
            guard let place = members["\(folder)data.pkl"] else {
                throw CheckpointError.malformed(path: file.path, part: "zip", reason: "data.pkl is missing")
            }
            try MemberChecksums.compare(
                directory.checksums["\(folder)data.pkl"] ?? 0,
                with: UnsafeRawBufferPointer(rebasing: bytes[place]),
                member: "data.pkl", path: file.path)
            var machine = PickleMachine(
                UnsafeRawBufferPointer(rebasing: bytes[place]), path: file.path, part: "data.pkl")
            let root = try machine.run()
            var storages: [String: Range<Int>] = [:]
            for (name, place) in members where name.hasPrefix("\(folder)data/") {
                storages[String(name.dropFirst(folder.count + 5))] = place
            }
            return TorchObject(
                file: file, heap: machine.heap, root: root, storages: storages,
                checksums: MemberChecksums(directory, file: file))
        }
    }

    /// The folder of all members, with its slash: the one with `data.pkl`.
    private static func folder(_ members: [String: Range<Int>], _ path: String) throws(CheckpointError)
        -> String
    {
        let folders = members.keys.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
        guard folders.count == 1, let name = folders.first else {
            throw CheckpointError.malformed(
                path: path, part: "zip", reason: "\(folders.count) members named data.pkl instead of 1")
        }
        return String(name.dropLast("data.pkl".count))
    }
}
