import Files

extension PickleMachine {
    /// The instructions that call functions in Python; here each is a fixed conversion to data.
    mutating func build(_ code: UInt8) throws(CheckpointError) {
        switch code {
        case UInt8(ascii: "R"), 0x81:
            let arguments = try popTuple()
            try construct(try popGlobal(), arguments)
        case 0x92:
            guard let names = heap.pairs(try pop()), names.isEmpty else {
                throw malformed("a constructor with named arguments")
            }
            let arguments = try popTuple()
            try construct(try popGlobal(), arguments)
        case UInt8(ascii: "b"): try setState()
        default: try pushStorage()
        }
    }

    private mutating func popTuple() throws(CheckpointError) -> [PickleValue] {
        guard let arguments = heap.tuple(try pop()) else { throw malformed("arguments that are no tuple") }
        return arguments
    }

    private mutating func popGlobal() throws(CheckpointError) -> PickleGlobal {
        guard case .global(let global)? = heap[try pop()] else {
            throw malformed("a call of something that is no class")
        }
        return global
    }

    /// Turns a class and its arguments into a value on the stack.
    private mutating func construct(_ global: PickleGlobal, _ arguments: [PickleValue])
        throws(CheckpointError)
    {
        switch global {
        case .orderedDict:
            guard arguments.isEmpty else { throw malformed("OrderedDict with arguments") }
            try push(.dictionary([]))
        case .record(let name):
            guard arguments.isEmpty else { throw malformed("\(name) with arguments") }
            try push(.record(PickleRecord(className: name, attributes: [])))
        case .rebuildTensor: try push(.tensor(try tensor(arguments)))
        case .rebuildParameter:
            guard let first = arguments.first, case .tensor? = heap[first] else {
                throw malformed("a parameter without a tensor")
            }
            stack.append(first)
        case .set: try push(.set(try items(arguments)))
        case .size: try push(.tuple(try items(arguments)))
        case .device: try push(.string(try strings(arguments).joined(separator: ":")))
        case .path: try push(.string(Self.path(try strings(arguments))))
        case .bytes:
            guard arguments.isEmpty else { throw malformed("bytes with arguments") }
            try push(.bytes([]))
        case .encode: try push(.bytes(try latin1(arguments)))
        case .storage, .name: throw malformed("a call of something that is no function")
        }
    }

    /// The single list or tuple among the arguments; none means empty.
    private mutating func items(_ arguments: [PickleValue]) throws(CheckpointError) -> [PickleValue] {
        guard let first = arguments.first else { return [] }
        switch heap[first] {
        case .list(let values)?, .tuple(let values)?, .set(let values)?:
            guard arguments.count == 1 else { throw malformed("too many arguments") }
            try heap.charge(values.count * MemoryLayout<PickleValue>.stride)
            return values
        default: throw malformed("arguments that are no list")
        }
    }

    private mutating func strings(_ arguments: [PickleValue]) throws(CheckpointError) -> [String] {
        var texts: [String] = []
        for argument in arguments {
            if let text = heap.string(argument) {
                try heap.charge(text.utf8.count + 16)
                texts.append(text)
            } else if case .int(let number) = argument {
                texts.append(String(number))
            } else {
                throw malformed("an argument that is no string")
            }
        }
        return texts
    }

    /// Joins a path's parts, of which the first may be a root.
    private static func path(_ parts: [String]) -> String {
        guard let root = parts.first, root.hasSuffix("/") || root.hasSuffix("\\") else {
            return parts.joined(separator: "/")
        }
        return root + parts.dropFirst().joined(separator: "/")
    }

    private mutating func latin1(_ arguments: [PickleValue]) throws(CheckpointError) -> [UInt8] {
        guard let first = arguments.first, let text = heap.string(first) else {
            throw malformed("bytes without text")
        }
        try heap.charge(text.utf8.count)
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else {
                throw malformed("bytes with a character above 255")
            }
            bytes.append(byte)
        }
        return bytes
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])`
    private func tensor(_ arguments: [PickleValue]) throws(CheckpointError) -> PickleTensor {
        guard arguments.count >= 4, case .object(let storage) = arguments[0],
            case .storage? = heap[arguments[0]],
            case .int(let offset) = arguments[1], let sizes = heap.tuple(arguments[2]),
            let steps = heap.tuple(arguments[3])
        else { throw malformed("a tensor without storage, offset, size and stride") }
        guard sizes.count <= 16, sizes.count == steps.count else {
            throw malformed("a tensor of \(sizes.count) axes with \(steps.count) strides")
        }
        func ints(_ values: [PickleValue]) throws(CheckpointError) -> [Int] {
            var numbers: [Int] = []
            for value in values {
                guard case .int(let number) = value, number >= 0 else {
                    throw malformed("a tensor's size or stride that is no integer of at least 0")
                }
                numbers.append(number)
            }
            return numbers
        }
        return PickleTensor(
            storage: storage, offset: offset, shape: try ints(sizes), strides: try ints(steps))
    }

    /// BUILD: attributes for a record; attributes that torch adds to dictionaries and parameters are not needed.
    private mutating func setState() throws(CheckpointError) {
        var state = try pop()
        if let slots = heap.tuple(state), slots.count == 2 { state = slots[0] }
        guard case .object(let index) = try top() else {
            throw malformed("attributes for something that is no object")
        }
        switch heap.objects[index] {
        case .record:
            guard let attributes = heap.pairs(state) else {
                throw malformed("attributes that are no dictionary")
            }
            try heap.charge(attributes.count * MemoryLayout<PicklePair>.stride)
            guard try insert(attributes, into: index) else { throw malformed("attributes for no record") }
        case .dictionary, .tensor: break
        default: throw malformed("attributes for something that has none")
        }
    }

    /// BINPERSID: `('storage', class, key, location, elementCount[, view])`
    private mutating func pushStorage() throws(CheckpointError) {
        let id = try popTuple()
        guard let kind = id.first.flatMap({ heap.string($0) }) else {
            throw malformed("a reference without a kind")
        }
        guard kind != "module" else {
            throw CheckpointError.unsupported(
                path: heap.path,
                reason: "holds a whole Python module, not its weights; save its state_dict() instead")
        }
        guard kind == "storage", id.count == 5 || id.count == 6, case .global(let global)? = heap[id[1]],
            case .storage(let type) = global, let key = heap.string(id[2]), case .int(let count) = id[4],
            count >= 0, count <= Int.max / type.byteWidth
        else { throw malformed("a reference that is no storage") }
        var view = 0..<count
        if id.count == 6, let window = heap.tuple(id[5]) {
            guard window.count == 3, case .int(let start) = window[1], case .int(let length) = window[2],
                start >= 0, length >= 0, start <= count, length <= count - start
            else { throw malformed("a view that leaves its storage") }
            view = start..<start + length
        }
        try push(.storage(PickleStorage(elementType: type, key: key, elementCount: count, view: view)))
    }
}
