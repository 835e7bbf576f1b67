/// Unpacks DEFLATE (RFC 1951), the compression inside zip archives.
package enum Inflate {
    /// - Parameters:
    ///   - bytes: compressed data.
    ///   - size: length of the result, as the archive states it.
    /// - Returns: nil unless the data unpacks to exactly that length.
    package static func unpack(_ bytes: ArraySlice<UInt8>, size: Int) -> [UInt8]? {
        var reader = BitReader(Array(bytes))
        var output = Output(bytes: [UInt8](repeating: 0, count: size))
        while true {
            let isLast = reader.bits(1) == 1
            let done =
                switch reader.bits(2) {
                case 0: reader.copy(to: &output)
                case 1: block(&reader, fixedLengths, fixedDistances, &output)
                case 2: dynamicBlock(&reader, &output)
                default: false
                }
            guard done, !reader.isExhausted else { return nil }
            if isLast { return output.count == size ? output.bytes : nil }
        }
    }

    /// The result, filled from the front.
    fileprivate struct Output {
        var bytes: [UInt8]
        var count = 0
    }

    // MARK: Codes

    /// A prefix code as a table over all bit strings of its longest length: symbol << 4 | length.
    private struct Code {
        private var table: [UInt16] = []
        private var longest = 0

        /// Nil for lengths that are no prefix code. An incomplete code is accepted; its gaps decode to nothing.
        init?(_ lengths: [UInt8]) {
            longest = Int(lengths.max() ?? 0)
            guard longest > 0, longest <= 15 else { return nil }
            table = [UInt16](repeating: 0, count: 1 << longest)
            var next = 0
            for length in 1...longest {
                for (symbol, own) in lengths.enumerated() where Int(own) == length {
                    guard next < 1 << length else { return nil }
                    // Codes are read from their highest bit, the table is indexed from the lowest.
                    var place = 0
                    for bit in 0..<length where next & (1 << bit) != 0 { place |= 1 << (length - 1 - bit) }
                    while place < table.count {
                        table[place] = UInt16(symbol << 4 | length)
                        place += 1 << length
                    }
                    next += 1
                }
                next <<= 1
            }
        }

        @inline(__always)
        func symbol(_ reader: inout BitReader) -> Int? {
            let entry = Int(table[reader.peek(longest)])
            guard entry & 15 > 0 else { return nil }
            reader.skip(entry & 15)
            return entry >> 4
        }
    }

    private static let fixedLengths = Code(
        [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
            + [UInt8](repeating: 7, count: 24)
            + [UInt8](repeating: 8, count: 8))
    private static let fixedDistances = Code([UInt8](repeating: 5, count: 30))
    private static let lengthBase = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
        195,
        227, 258,
    ]
    private static let lengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBase = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
        4097, 6145, 8193, 12289, 16385, 24577,
    ]
    private static let distanceBits = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]
    private static let orderOfLengths = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    // MARK: Blocks

    private static func dynamicBlock(_ reader: inout BitReader, _ output: inout Output) -> Bool {
        let lengthCount = reader.bits(5) + 257
        let distanceCount = reader.bits(5) + 1
        let codeCount = reader.bits(4) + 4
        var own = [UInt8](repeating: 0, count: 19)
        for place in orderOfLengths[..<codeCount] { own[place] = UInt8(reader.bits(3)) }
        guard let code = Code(own) else { return false }
        var lengths: [UInt8] = []
        while lengths.count < lengthCount + distanceCount {
            guard let symbol = code.symbol(&reader), !reader.isExhausted else { return false }
            switch symbol {
            case 0..<16: lengths.append(UInt8(symbol))
            case 16:
                guard let last = lengths.last else { return false }
                lengths += repeatElement(last, count: 3 + reader.bits(2))
            case 17: lengths += repeatElement(0, count: 3 + reader.bits(3))
            default: lengths += repeatElement(0, count: 11 + reader.bits(7))
            }
        }
        guard lengths.count == lengthCount + distanceCount else { return false }
        return block(
            &reader, Code(Array(lengths[..<lengthCount])), Code(Array(lengths[lengthCount...])), &output)
    }

    private static func block(
        _ reader: inout BitReader, _ lengths: Code?, _ distances: Code?, _ output: inout Output
    ) -> Bool {
        guard let lengths else { return false }
        while let symbol = lengths.symbol(&reader) {
            if symbol < 256 {
                guard output.count < output.bytes.count else { return false }
                output.bytes[output.count] = UInt8(truncatingIfNeeded: symbol)
                output.count &+= 1
                continue
            }
            if symbol == 256 { return true }
            guard symbol - 257 < lengthBase.count, !reader.isExhausted else { return false }
            let length = lengthBase[symbol - 257] + reader.bits(lengthBits[symbol - 257])
            guard let place = distances?.symbol(&reader), place < distanceBase.count else { return false }
            let distance = distanceBase[place] + reader.bits(distanceBits[place])
            guard distance <= output.count, length <= output.bytes.count - output.count else { return false }
            for _ in 0..<length {
                output.bytes[output.count] = output.bytes[output.count &- distance]
                output.count &+= 1
            }
        }
        return false
    }
}

/// Bits from the lowest of each byte upwards; beyond the end they are zero.
private struct BitReader {
    private let bytes: [UInt8]
    private var position = 0
    private var buffer: UInt64 = 0
    private var available = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// True once more bits were taken than there are.
    var isExhausted: Bool { position - available / 8 > bytes.count }

    @inline(__always)
    mutating func peek(_ count: Int) -> Int {
        guard available < count else { return Int(buffer & (1 << UInt64(count) - 1)) }
        while available <= 48 {
            buffer |= UInt64(position < bytes.count ? bytes[position] : 0) << UInt64(available)
            position += 1
            available += 8
        }
        return Int(buffer & (1 << UInt64(count) - 1))
    }

    @inline(__always)
    mutating func skip(_ count: Int) {
        buffer >>= UInt64(count)
        available -= count
    }

    @inline(__always)
    mutating func bits(_ count: Int) -> Int {
        let value = peek(count)
        skip(count)
        return value
    }

    /// A block that is stored as it is.
    mutating func copy(to output: inout Inflate.Output) -> Bool {
        skip(available % 8)
        let length = bits(16)
        guard bits(16) == length ^ 0xFFFF, length <= output.bytes.count - output.count else { return false }
        position -= available / 8
        (buffer, available) = (0, 0)
        guard length <= bytes.count - position else { return false }
        output.bytes.replaceSubrange(
            output.count..<output.count + length, with: bytes[position..<position + length])
        output.count += length
        position += length
        return true
    }
}
