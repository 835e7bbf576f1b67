import Files

/// The format of `torch.save` before 1.6: five pickles in a row, then the storages.
///
/// magic number, protocol version, properties of the writing machine, the object, the storages' keys; then for each
/// key an 8-byte element count and the elements.
enum TorchLegacy {
    /// The magic number's ten bytes, little-endian.
    private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

    /// Reads the object that was saved.
    static func read(_ file: MappedFile) throws(CheckpointError) -> TorchObject {
        try file.withBytes { (bytes) throws(CheckpointError) in
            var position = 0
            func next(_ part: String) throws(CheckpointError) -> (heap: PickleHeap, value: PickleValue) {
                var machine = PickleMachine(bytes, path: file.path, part: part, at: position)
                let value = try machine.run()
                position = machine.reader.position
                return (machine.heap, value)
            }
            func malformed(_ part: String, _ reason: String) -> CheckpointError {
                .malformed(path: file.path, part: part, reason: reason)
            }
            guard case .wideInteger(let place) = try next("magic number").value,
                UnsafeRawBufferPointer(rebasing: bytes[place]).elementsEqual(magic)
            else {
                throw CheckpointError.notACheckpoint(
                    path: file.path, found: "a pickle that torch did not write")
            }
            guard case .int(let version) = try next("protocol version").value, version == 1001 else {
                throw malformed("protocol version", "not 1001")
            }
            try checkByteOrder(try next("system information"), file.path)
            let object = try next("object")
            let keys = try next("storage keys")
            guard case .list(let names)? = keys.heap[keys.value] else {
                throw malformed("storage keys", "no list")
            }

            var declared: [String: PickleStorage] = [:]
            for case .storage(let storage) in object.heap.objects { declared[storage.key] = storage }
            var storages: [String: Range<Int>] = [:]
            var reader = ByteReader<CheckpointError>(bytes, path: file.path, part: "storages", at: position)
            for name in names {
                guard let key = keys.heap.string(name), let storage = declared[key] else {
                    throw reader.malformed("a storage that no tensor uses")
                }
                let count = try reader.size64("the element count")
                guard count == storage.elementCount else {
                    throw reader.malformed(
                        "storage \(key) has \(count) elements, its tensors say \(storage.elementCount)")
                }
                let start = reader.position
                _ = try reader.take(count * storage.elementType.byteWidth)
                guard storages.updateValue(start..<reader.position, forKey: key) == nil else {
                    throw reader.malformed("storage \(key) comes twice")
                }
            }
            return TorchObject(file: file, heap: object.heap, root: object.value, storages: storages)
        }
    }

    private static func checkByteOrder(
        _ info: (heap: PickleHeap, value: PickleValue), _ path: String
    ) throws(CheckpointError) {
        for pair in info.heap.pairs(info.value) ?? [] where info.heap.string(pair.key) == "little_endian" {
            guard case .bool(true) = pair.value else {
                throw CheckpointError.unsupported(
                    path: path,
                    reason: "written on a big-endian machine; save it again on a little-endian one")
            }
            return
        }
        throw CheckpointError.malformed(path: path, part: "system information", reason: "no byte order")
    }
}
