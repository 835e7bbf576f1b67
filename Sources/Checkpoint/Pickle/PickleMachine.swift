import Files

/// Reads one pickle (protocols 2 to 5, as torch writes them) into data.
///
/// Python's pickle is a program that may call any function. This machine implements only the instructions that build
/// values; a class or function is looked up in a short list of names (`PickleGlobal`) and converted to data by code of
/// this module. Every allocation is bounded before it is made.
struct PickleMachine {
    /// Largest pickle. The one of a full-size model is under 200 kB.
    static let maximumBytes = 32 << 20
    /// Most instructions of one pickle; a full-size training checkpoint has some 200,000.
    static let maximumSteps = 2_000_000

    /// The values built so far.
    var heap: PickleHeap
    var reader: ByteReader<CheckpointError>

    var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]

    /// A machine that reads from `position` of `bytes` on.
    init(_ bytes: UnsafeRawBufferPointer, path: String, part: String, at position: Int = 0) {
        heap = PickleHeap(path: path)
        reader = ByteReader<CheckpointError>(bytes, path: path, part: part, at: position)
    }

    /// Runs to the pickle's end and returns its value; `reader.position` is then behind it.
    mutating func run() throws(CheckpointError) -> PickleValue {
        let start = reader.position
        var steps = 0
        while true {
            steps += 1
            guard steps <= Self.maximumSteps else {
                throw limit("instructions in the pickle", steps, Self.maximumSteps)
            }
            guard reader.position - start <= Self.maximumBytes else {
                throw limit("bytes of the pickle", reader.position - start, Self.maximumBytes)
            }
            if let result = try step() { return result }
        }
    }

    /// Runs one instruction; returns the pickle's value when it was the last.
    private mutating func step() throws(CheckpointError) -> PickleValue? {
        let code = try reader.u8()
        switch code {
        case UInt8(ascii: "."):
            guard stack.count == 1, let value = stack.last else {
                throw malformed("\(stack.count) values at the end instead of 1")
            }
            return value
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "2"): stack.append(try top())
        case 0x80:
            let protocolVersion = try reader.u8()
            guard (2...5).contains(protocolVersion) else {
                throw malformed("pickle protocol \(protocolVersion), 2 to 5 are read")
            }
        case 0x95: _ = try reader.u64()  // length of a frame: a hint for buffering
        case UInt8(ascii: "N"), 0x88, 0x89, UInt8(ascii: "J"), UInt8(ascii: "K"), UInt8(ascii: "M"), 0x8A,
            0x8B,
            UInt8(ascii: "G"):
            stack.append(try scalar(code))
        case UInt8(ascii: "X"), UInt8(ascii: "T"), UInt8(ascii: "U"), 0x8C, 0x8D:
            try push(.string(try text(code)))
        case UInt8(ascii: "B"), UInt8(ascii: "C"), 0x8E, 0x96:
            try push(.bytes(Array(try reader.take(try byteCount(code)))))
        case UInt8(ascii: "q"), UInt8(ascii: "r"), 0x94, UInt8(ascii: "h"), UInt8(ascii: "j"):
            try remember(code)
        case UInt8(ascii: "c"), 0x93: try pushGlobal(code)
        case UInt8(ascii: "R"), UInt8(ascii: "b"), UInt8(ascii: "Q"), 0x81, 0x92: try build(code)
        default: try container(code)
        }
        return nil
    }

    /// Constants and numbers.
    private mutating func scalar(_ code: UInt8) throws(CheckpointError) -> PickleValue {
        switch code {
        case 0x88: return .bool(true)
        case 0x89: return .bool(false)
        case UInt8(ascii: "J"): return .int(Int(Int32(truncatingIfNeeded: try reader.u32())))
        case UInt8(ascii: "K"): return .int(Int(try reader.u8()))
        case UInt8(ascii: "M"): return .int(Int(try reader.u16()))
        case UInt8(ascii: "G"): return .double(Double(bitPattern: try reader.u64().byteSwapped))
        case 0x8A: return try long(Int(try reader.u8()))
        case 0x8B: return try long(Int(try reader.u32()))
        default: return .none
        }
    }

    /// A two's complement integer of `count` bytes.
    private mutating func long(_ count: Int) throws(CheckpointError) -> PickleValue {
        let start = reader.position
        let bytes = try reader.take(count)
        guard count <= 8 else { return .wideInteger(start..<start + count) }
        var value: UInt64 = 0
        for (index, byte) in bytes.enumerated() { value |= UInt64(byte) << UInt64(8 * index) }
        let unused = UInt64(64 - 8 * count)
        return .int(count == 0 ? 0 : Int(Int64(bitPattern: value << unused) >> Int64(unused)))
    }

    /// The length before a string or bytes.
    private mutating func byteCount(_ code: UInt8) throws(CheckpointError) -> Int {
        switch code {
        case UInt8(ascii: "U"), UInt8(ascii: "C"), 0x8C: Int(try reader.u8())
        case 0x8D, 0x8E, 0x96: try reader.size64("a string's length")
        default: Int(try reader.u32())
        }
    }

    private mutating func text(_ code: UInt8) throws(CheckpointError) -> String {
        try reader.utf8(try byteCount(code))
    }

    /// PUT, MEMOIZE and GET in their forms.
    private mutating func remember(_ code: UInt8) throws(CheckpointError) {
        switch code {
        case UInt8(ascii: "q"): memo[Int(try reader.u8())] = try top()
        case UInt8(ascii: "r"): memo[Int(try reader.u32())] = try top()
        case 0x94: memo[memo.count] = try top()
        default:
            let index = code == UInt8(ascii: "h") ? Int(try reader.u8()) : Int(try reader.u32())
            guard let value = memo[index] else { throw malformed("nothing was remembered as \(index)") }
            stack.append(value)
        }
    }

    /// Names a class or function, and refuses what is not on the list.
    private mutating func pushGlobal(_ code: UInt8) throws(CheckpointError) {
        let module: String
        let name: String
        if code == UInt8(ascii: "c") {
            module = try reader.line(limit: 256)
            name = try reader.line(limit: 256)
        } else {
            let second = heap.string(try pop())
            guard let second, let first = heap.string(try pop()) else {
                throw malformed("a class without a name")
            }
            (module, name) = (first, second)
        }
        guard let global = PickleGlobal(module: module, name: name) else {
            throw CheckpointError.forbiddenGlobal(path: heap.path, name: "\(module).\(name)")
        }
        try push(.global(global))
    }

    mutating func push(_ object: PickleObject) throws(CheckpointError) {
        stack.append(try heap.add(object))
    }

    /// Takes the topmost value; values below the last mark are out of reach.
    mutating func pop() throws(CheckpointError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
            throw malformed("the stack is empty")
        }
        return value
    }

    func top() throws(CheckpointError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.last else {
            throw malformed("the stack is empty")
        }
        return value
    }

    /// Takes everything above the last mark, and the mark.
    mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw malformed("a mark is missing") }
        let items = Array(stack[mark...])
        stack.removeLast(items.count)
        return items
    }

    func malformed(_ reason: String) -> CheckpointError {
        reader.malformed("\(reason), before offset \(reader.position)")
    }

    func limit(_ what: String, _ found: Int, _ limit: Int) -> CheckpointError {
        .limitExceeded(path: heap.path, what: what, found: found, limit: limit)
    }
}
