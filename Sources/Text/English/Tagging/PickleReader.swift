/// A value out of a pickle of plain data.
package enum PickleValue: Sendable {
    case none
    /// A string (UTF-8): where it begins in the pickle, and its length.
    case text(start: UInt32, count: UInt32)
    case number(Double)
    /// A list, tuple, set or — keys and values in turn — dictionary, by its place in `PickleReader.containers`.
    case container(Int)
}

/// Reads pickles of dictionaries, lists, sets, strings and numbers (protocols 2 to 5). Nothing in a pickle is called:
/// the one name that is understood is `set`.
package struct PickleReader {
    /// The pickle.
    package let bytes: [UInt8]
    /// Contents of all containers.
    package private(set) var containers: [[PickleValue]] = []
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [PickleValue] = []
    private var position = 0

    /// - Parameter bytes: the pickle; of one of 4 GB and more nothing is read.
    package init(_ bytes: [UInt8]) { self.bytes = bytes.count <= Int(UInt32.max) ? bytes : [] }

    /// The pickled value; nil if it is damaged or holds anything but plain data.
    package mutating func read() -> PickleValue? {
        while position < bytes.count {
            let code = bytes[position]
            position += 1
            if code == UInt8(ascii: ".") { return stack.popLast() }
            guard step(code) else { return nil }
        }
        return nil
    }

    /// The bytes of a string value.
    package func text(_ value: PickleValue) -> ArraySlice<UInt8>? {
        if case .text(let start, let count) = value {
            bytes[Int(start)..<Int(start) + Int(count)]
        } else {
            nil
        }
    }

    /// The items of a container value.
    package func items(_ value: PickleValue) -> [PickleValue]? {
        if case .container(let place) = value { containers[place] } else { nil }
    }

    /// Carries out one operation; false if it is not understood.
    private mutating func step(_ code: UInt8) -> Bool {
        switch code {
        case 0x80: return number(1) != nil  // PROTO
        case 0x95: return number(8) != nil  // FRAME
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"), 0x8F: push(container: [])
        case UInt8(ascii: "N"): stack.append(.none)
        case UInt8(ascii: "U"), 0x8C: return pushText(lengthBytes: 1)
        case UInt8(ascii: "T"), UInt8(ascii: "X"): return pushText(lengthBytes: 4)
        case UInt8(ascii: "G"): return pushDouble()
        case UInt8(ascii: "K"): return pushInteger(1)
        case UInt8(ascii: "M"): return pushInteger(2)
        case UInt8(ascii: "J"): return pushInteger(4)
        case UInt8(ascii: "q"), UInt8(ascii: "r"): return remember(at: number(code == 0x71 ? 1 : 4))
        case 0x94: return remember(at: memo.count)
        case UInt8(ascii: "h"), UInt8(ascii: "j"): return recall(number(code == 0x68 ? 1 : 4))
        case UInt8(ascii: "s"): return extend(from: stack.count - 2)
        case UInt8(ascii: "a"): return extend(from: stack.count - 1)
        case UInt8(ascii: "u"), UInt8(ascii: "e"), 0x90:
            return marks.popLast().map { extend(from: $0) } ?? false
        case UInt8(ascii: "t"), 0x91: return marks.popLast().map { collect(from: $0) } ?? false
        case 0x85, 0x86, 0x87: return collect(from: stack.count - Int(code - 0x84))
        case UInt8(ascii: "c"): return pushSetType()
        case UInt8(ascii: "R"): return makeSet()
        default: return false
        }
        return true
    }

    private mutating func number(_ count: Int) -> Int? {
        guard count <= bytes.count - position else { return nil }
        defer { position += count }
        var value: UInt64 = 0
        for place in 0..<count { value |= UInt64(bytes[position + place]) << UInt64(8 * place) }
        return Int(truncatingIfNeeded: value)
    }

    private mutating func push(container items: [PickleValue]) {
        stack.append(.container(containers.count))
        containers.append(items)
    }

    private mutating func pushText(lengthBytes: Int) -> Bool {
        guard let length = number(lengthBytes), length <= bytes.count - position else { return false }
        stack.append(.text(start: UInt32(truncatingIfNeeded: position), count: UInt32(length)))
        position += length
        return true
    }

    private mutating func pushDouble() -> Bool {
        guard let bits = number(8) else { return false }
        stack.append(.number(Double(bitPattern: UInt64(bitPattern: Int64(bits)).byteSwapped)))
        return true
    }

    private mutating func pushInteger(_ count: Int) -> Bool {
        guard let value = number(count) else { return false }
        stack.append(.number(count == 4 ? Double(Int32(truncatingIfNeeded: value)) : Double(value)))
        return true
    }

    private mutating func remember(at place: Int?) -> Bool {
        guard let place, let top = stack.last, place <= memo.count else { return false }
        if place == memo.count { memo.append(top) } else { memo[place] = top }
        return true
    }

    private mutating func recall(_ place: Int?) -> Bool {
        guard let place, memo.indices.contains(place) else { return false }
        stack.append(memo[place])
        return true
    }

    /// Adds everything from an index of the stack to the container below it.
    private mutating func extend(from start: Int) -> Bool {
        guard start > 0, start <= stack.count, case .container(let place) = stack[start - 1] else {
            return false
        }
        containers[place] += stack[start...]
        stack.removeSubrange(start...)
        return true
    }

    private mutating func collect(from start: Int) -> Bool {
        guard start >= 0, start <= stack.count else { return false }
        let items = Array(stack[start...])
        stack.removeSubrange(start...)
        push(container: items)
        return true
    }

    /// `set` stands on the stack as nothing.
    private mutating func pushSetType() -> Bool {
        for name in ["__builtin__\nset\n", "builtins\nset\n"] where bytes[position...].starts(with: name.utf8)
        {
            position += name.utf8.count
            stack.append(.none)
            return true
        }
        return false
    }

    /// A set of a list is kept as that list.
    private mutating func makeSet() -> Bool {
        guard stack.count >= 2, let arguments = stack.popLast(), case .none = stack.removeLast(),
            let list = items(arguments)?.first
        else { return false }
        stack.append(list)
        return true
    }
}
