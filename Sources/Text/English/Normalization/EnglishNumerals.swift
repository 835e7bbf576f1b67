/// Number words, as the inflect package spells them.
enum EnglishNumerals {
    private static let units = [
        "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ].map { [CodePoint]($0) }
    private static let tens = [
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ].map { [CodePoint]($0) }
    private static let thousands = [
        "", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion", " sextillion",
        " septillion", " octillion", " nonillion", " decillion",
    ].map { [CodePoint]($0) }
    private static let zero = [CodePoint]("zero")
    private static let hundred = [CodePoint](" hundred")
    private static let and = [CodePoint](" and ")
    private static let comma = [CodePoint](", ")
    private static let oh = [CodePoint](" oh ")

    /// Longest number with a name for every three digits.
    static let longestNamed = 36
    /// Longest string of digits upstream's number type takes, leading zeros included.
    static let longestNumber = 4300

    /// A string of digits 0–9 without its leading zeros; none for zero.
    /// - Throws: `numberTooLong` beyond what upstream can make a number of.
    static func value(_ digits: ArraySlice<CodePoint>) throws(TextError) -> ArraySlice<CodePoint> {
        guard digits.count <= longestNumber else { throw .numberTooLong(digits: digits.count) }
        return digits.drop { $0 == 0x30 }
    }

    /// True for the number one.
    static func isOne(_ value: ArraySlice<CodePoint>) -> Bool { value.count == 1 && value.first == 0x31 }

    /// Appends a cardinal: `twelve thousand, three hundred and forty-five`.
    /// - Parameters:
    ///   - digits: digits 0–9, at least one.
    ///   - and: write "and" before the last two digits, as in ordinals and fractions.
    static func append(
        _ digits: ArraySlice<CodePoint>, and: Bool, to output: inout [CodePoint]
    ) throws(TextError) {
        let number = try value(digits)
        guard number.count <= longestNamed else { throw .numberTooLong(digits: number.count) }
        guard !number.isEmpty else {
            output += zero
            return
        }
        let start = output.count
        var position = number.startIndex
        while position < number.endIndex {
            let power = (number.endIndex - position - 1) / 3
            let end = number.endIndex - power * 3
            let group = number[position..<end].reduce(0) { $0 * 10 + Int($1 - 0x30) }
            position = end
            guard group > 0 else { continue }
            if output.count > start {
                // A last group below a hundred is joined without a comma.
                output += power == 0 && group < 100 ? (and ? Self.and : [0x20]) : comma
            }
            appendGroup(group, and: and, to: &output)
            output += thousands[power]
        }
    }

    /// 1…999.
    private static func appendGroup(_ group: Int, and: Bool, to output: inout [CodePoint]) {
        let rest = group % 100
        if group >= 100 {
            output += units[group / 100]
            output += hundred
            if rest > 0 { output += and ? Self.and : [0x20] }
        }
        appendPair(rest, to: &output)
    }

    /// 1…99; nothing for 0.
    private static func appendPair(_ pair: Int, to output: inout [CodePoint]) {
        guard pair >= 20 else {
            output += units[pair]
            return
        }
        output += tens[pair / 10]
        if pair % 10 > 0 {
            output.append(0x2D)
            output += units[pair % 10]
        }
    }

    /// Appends a number as plain text has it: 1001…2999 as years, others as cardinals without "and".
    static func appendNumber(_ digits: ArraySlice<CodePoint>, to output: inout [CodePoint]) throws(TextError)
    {
        let number = try value(digits)
        guard number.count == 4, let first = number.first, first == 0x31 || first == 0x32 else {
            return try append(digits, and: false, to: &output)
        }
        let year = number.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        let (century, rest) = (year / 100, year % 100)
        if century == 10 && rest == 0 || century == 20 && rest < 10 {
            appendPair(year / 1000, to: &output)
            output += thousands[1]
            if rest > 0 { output.append(0x20) }
        } else {
            appendPair(century, to: &output)
            if rest == 0 { output += hundred } else if rest < 10 { output += oh } else { output.append(0x20) }
        }
        appendPair(rest, to: &output)
    }

    private static let ordinalEndings: [(cardinal: [CodePoint], ordinal: [CodePoint])] = [
        ("ty", "tieth"), ("one", "first"), ("two", "second"), ("three", "third"), ("five", "fifth"),
        ("eight", "eighth"), ("nine", "ninth"), ("twelve", "twelfth"),
    ].map { ([CodePoint]($0.0), [CodePoint]($0.1)) }

    /// Appends an ordinal: `two thousand and fifth`.
    static func appendOrdinal(_ digits: ArraySlice<CodePoint>, to output: inout [CodePoint]) throws(TextError)
    {
        try append(digits, and: true, to: &output)
        for (cardinal, ordinal) in ordinalEndings
        where output.has(cardinal, at: output.count - cardinal.count) {
            output.removeLast(cardinal.count)
            output += ordinal
            return
        }
        output += [0x74, 0x68]  // th
    }

    /// `st`, `nd`, `rd` or `th` of a number.
    static func ordinalSuffix(_ digits: ArraySlice<CodePoint>) throws(TextError) -> [CodePoint] {
        let number = try value(digits).suffix(2).map { $0 - 0x30 }
        let teens = number.count == 2 && number[0] == 1
        switch number.last ?? 0 {
        case 1 where !teens: return [0x73, 0x74]
        case 2 where !teens: return [0x6E, 0x64]
        case 3 where !teens: return [0x72, 0x64]
        default: return [0x74, 0x68]
        }
    }
}
