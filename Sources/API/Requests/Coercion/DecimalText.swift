/// A number as people write it: a sign, digits with at most one point, an exponent. Space around it is
/// ignored.
struct DecimalText {
    /// The number without the space around it.
    let text: String
    /// The sign and the digits before the point; `0` stands for none.
    let wholePart: String
    /// Whether the digits after the point are all zeros, or none.
    let fractionIsZero: Bool
    let hasExponent: Bool

    /// `nil` if `source` is anything else.
    init?(_ source: String) {
        let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        let utf8 = Array(source.utf8)
        guard let first = utf8.firstIndex(where: { !space.contains($0) }),
            let last = utf8.lastIndex(where: { !space.contains($0) }), last - first < 400
        else { return nil }
        var rest = utf8[first...last]
        text = String(decoding: rest, as: UTF8.self)

        var sign = ""
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
            sign = rest.removeFirst() == UInt8(ascii: "-") ? "-" : ""
        }
        let whole = Self.takeDigits(&rest)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = Self.takeDigits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        hasExponent = rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E")
        if hasExponent {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard !Self.takeDigits(&rest).isEmpty else { return nil }
        }
        guard rest.isEmpty else { return nil }
        wholePart = sign + (whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self))
        fractionIsZero = fraction.allSatisfy { $0 == UInt8(ascii: "0") }
    }

    private static func takeDigits(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        bytes = bytes.dropFirst(digits.count)
        return digits
    }
}
