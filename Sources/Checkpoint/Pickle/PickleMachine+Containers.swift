import Files

extension PickleMachine {
    /// Lists, tuples, sets and dictionaries.
    mutating func container(_ code: UInt8) throws(CheckpointError) {
        switch code {
        case UInt8(ascii: "]"): try push(.list([]))
        case UInt8(ascii: ")"): try push(.tuple([]))
        case UInt8(ascii: "}"): try push(.dictionary([]))
        case 0x8F: try push(.set([]))
        case UInt8(ascii: "t"): try push(.tuple(try popToMark()))
        case UInt8(ascii: "l"): try push(.list(try popToMark()))
        case UInt8(ascii: "d"): try push(.dictionary(try pairs(try popToMark())))
        case 0x91: try push(.set(try popToMark()))
        case 0x85...0x87:
            var items: [PickleValue] = []
            for _ in 0..<Int(code - 0x84) { items.append(try pop()) }
            try push(.tuple(items.reversed()))
        case UInt8(ascii: "a"): try extend([try pop()])
        case UInt8(ascii: "e"), 0x90: try extend(try popToMark())
        case UInt8(ascii: "s"):
            let value = try pop()
            try insert([PicklePair(key: try pop(), value: value)])
        case UInt8(ascii: "u"): try insert(try pairs(try popToMark()))
        default: try refuse(code)
        }
    }

    /// Appends to the list or set on top of the stack.
    private mutating func extend(_ items: [PickleValue]) throws(CheckpointError) {
        guard case .object(let index) = try top() else {
            throw malformed("append to something that is no list")
        }
        let done = try heap.update(index) { (object) throws(CheckpointError) -> Bool in
            switch object {
            case .list(var values):
                object = .vacant
                values.append(contentsOf: items)
                object = .list(values)
            case .set(var values):
                object = .vacant
                values.append(contentsOf: items)
                object = .set(values)
            default: return false
            }
            return true
        }
        guard done else { throw malformed("append to something that is no list") }
    }

    /// Inserts into the dictionary or record on top of the stack.
    private mutating func insert(_ pairs: [PicklePair]) throws(CheckpointError) {
        guard case .object(let index) = try top(), try insert(pairs, into: index) else {
            throw malformed("insert into something that is no dictionary")
        }
    }

    /// - Returns: false when the object holds no pairs.
    mutating func insert(_ pairs: [PicklePair], into index: Int) throws(CheckpointError) -> Bool {
        try heap.update(index) { (object) throws(CheckpointError) -> Bool in
            switch object {
            case .dictionary(var existing):
                object = .vacant
                existing.append(contentsOf: pairs)
                object = .dictionary(existing)
            case .record(var record):
                object = .vacant
                record.attributes.append(contentsOf: pairs)
                object = .record(record)
            default: return false
            }
            return true
        }
    }

    private func pairs(_ items: [PickleValue]) throws(CheckpointError) -> [PicklePair] {
        guard items.count.isMultiple(of: 2) else { throw malformed("a key without a value") }
        return stride(from: 0, to: items.count, by: 2).map {
            PicklePair(key: items[$0], value: items[$0 + 1])
        }
    }

    /// Instructions that torch does not write, with the names that follow them.
    private mutating func refuse(_ code: UInt8) throws(CheckpointError) {
        if code == UInt8(ascii: "i") {
            let module = try reader.line(limit: 256)
            let name = try reader.line(limit: 256)
            throw CheckpointError.forbiddenGlobal(path: heap.path, name: "\(module).\(name)")
        }
        throw malformed("instruction 0x\(String(code, radix: 16)), which torch does not write")
    }
}
