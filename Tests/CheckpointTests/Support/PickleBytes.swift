/// Writes pickles instruction by instruction, also ones that no Python would write.
struct PickleBytes {
    private(set) var content: [UInt8] = [0x80, 2]

    /// A pickle that `body` writes; the final STOP is added.
    static func make(_ body: (inout PickleBytes) -> Void) -> [UInt8] {
        var pickle = PickleBytes()
        body(&pickle)
        return pickle.content + Array(".".utf8)
    }

    /// A state dict of one tensor `t` over storage `0`, under `weight`, and a config that `config` writes.
    static func checkpoint(_ config: (inout PickleBytes) -> Void) -> [UInt8] {
        make { pickle in
            pickle.op("}(")
            pickle.text("weight")
            pickle.op("}(")
            pickle.text("t")
            pickle.tensor()
            pickle.op("u")
            pickle.text("config")
            config(&pickle)
            pickle.op("u")
        }
    }

    /// A flat state dict of one tensor.
    static func tensor(
        storage: String = "FloatStorage", count: Int = 4, offset: Int = 0, shape: [Int], strides: [Int]
    ) -> [UInt8] {
        make { pickle in
            pickle.op("}(")
            pickle.text("t")
            pickle.tensor(storage: storage, count: count, offset: offset, shape: shape, strides: strides)
            pickle.op("u")
        }
    }

    /// Instructions by their letters.
    mutating func op(_ letters: String) {
        content += Array(letters.utf8)
    }

    mutating func raw(_ codes: [UInt8]) {
        content += codes
    }

    mutating func text(_ text: String) {
        op("X")
        content += bytes(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    mutating func int(_ value: Int) {
        content += [0x8A, 8] + bytes(value)
    }

    mutating func global(_ module: String, _ name: String) {
        op("c\(module)\n\(name)\n")
    }

    mutating func tuple(_ values: [Int]) {
        op("(")
        for value in values { int(value) }
        op("t")
    }

    mutating func tensor(
        storage: String = "FloatStorage", count: Int = 4, offset: Int = 0, shape: [Int] = [4],
        strides: [Int] = [1]
    ) {
        global("torch._utils", "_rebuild_tensor_v2")
        op("((")
        text("storage")
        global("torch", storage)
        text("0")
        text("cpu")
        int(count)
        op("tQ")
        int(offset)
        tuple(shape)
        tuple(strides)
        raw([0x89])
        op("}tR")
    }
}
