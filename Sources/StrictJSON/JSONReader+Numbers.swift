extension JSONReader {
    mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isWhole = true
        if peek() == UInt8(ascii: "-") { position += 1 }
        let first = peek()
        let count = digits()
        guard count > 0, count == 1 || first != UInt8(ascii: "0") else { throw error(.valueMissing) }
        if peek() == UInt8(ascii: ".") {
            position += 1
            isWhole = false
            guard digits() > 0 else { throw error(.digitsMissing) }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            position += 1
            isWhole = false
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { throw error(.digitsMissing) }
        }
        guard position - start <= Self.maximumNumberLength else {
            throw error(.numberTooLong(position - start))
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole {
            if let value = Int64(text) { return .integer(value) }
            guard options.largeIntegers == .rounded else { throw error(.numberTooLarge) }
        }
        guard let value = Double(text), value.isFinite else { throw error(.numberTooLarge) }
        return .number(value)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }
}
