/// What a rule found at a position.
enum RuleStep {
    /// Nothing begins here.
    case none
    /// Nothing begins before this index either; look on from there.
    case skip(to: Int)
    /// A match up to this index; its replacement has been appended to the output.
    case match(end: Int)
}

/// Replaces every leftmost, non-overlapping match of a rule, as `re.sub` does.
///
/// A rule returns `skip` for a run of digits that does not match, so that long digit strings take linear time.
func rewrite(
    _ text: inout [CodePoint],
    _ rule: (_ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]) throws(TextError) -> RuleStep
) throws(TextError) {
    var output: [CodePoint] = []
    output.reserveCapacity(text.count + 8)
    var index = 0
    var changed = false
    while index < text.count {
        switch try rule(text, index, &output) {
        case .none:
            output.append(text[index])
            index += 1
        case .skip(let to):
            let end = max(to, index + 1)
            output += text[index..<end]
            index = end
        case .match(let end):
            changed = true
            index = end
        }
    }
    if changed { text = output }
}

/// Small matchers over code points; each returns the end of its match.
enum Scan {
    static let minus: CodePoint = 0x2D
    static let period: CodePoint = 0x2E
    static let colon: CodePoint = 0x3A
    static let tilde: CodePoint = 0x7E

    /// End of the run of `\d` at `index` (`index` itself if there is none).
    static func digits(_ text: [CodePoint], _ index: Int) -> Int {
        var end = index
        while end < text.count, PythonUnicode.isDecimal(text[end]) { end += 1 }
        return end
    }

    /// True if there are `count` digits at `index`.
    static func hasDigits(_ text: [CodePoint], _ index: Int, count: Int) -> Bool {
        guard index >= 0, count <= text.count - index else { return false }
        for offset in 0..<count where !PythonUnicode.isDecimal(text[index + offset]) { return false }
        return true
    }

    /// `\d+(\.\d+)?` at `index`: end of the integer part and of the whole; nil without a digit.
    static func number(_ text: [CodePoint], _ index: Int) -> (integerEnd: Int, end: Int)? {
        let integerEnd = digits(text, index)
        guard integerEnd > index else { return nil }
        guard at(text, integerEnd) == period else { return (integerEnd, integerEnd) }
        let end = digits(text, integerEnd + 1)
        return (integerEnd, end > integerEnd + 1 ? end : integerEnd)
    }

    /// The code point at an index, nil outside.
    @inline(__always)
    static func at(_ text: [CodePoint], _ index: Int) -> CodePoint? {
        index >= 0 && index < text.count ? text[index] : nil
    }

    /// True if the code point at `index` is an ASCII digit of a range.
    static func isDigit(_ text: [CodePoint], _ index: Int, _ range: ClosedRange<CodePoint> = 0x30...0x39)
        -> Bool
    {
        guard let point = at(text, index) else { return false }
        return range.contains(point)
    }
}
