/// One Unicode scalar value — or, in text that came in as JSON, a lone surrogate, which upstream's strings can hold.
///
/// The whole front end counts in code points: a Swift `Character` would equate é with e + ◌́ and join variation
/// selectors, and every index upstream knows is a code point index.
package typealias CodePoint = UInt32

extension Array where Element == CodePoint {
    /// The code points of a string.
    package init(_ string: String) {
        self.init()
        reserveCapacity(string.utf8.count)
        for scalar in string.unicodeScalars { append(scalar.value) }
    }

    /// The string of these code points; a lone surrogate becomes U+FFFD.
    package var string: String {
        String(codePoints: self[...])
    }

    /// True if `other` is at `index`.
    package func has(_ other: [CodePoint], at index: Int) -> Bool {
        guard index >= 0, other.count <= count - index else { return false }
        for offset in other.indices where self[index + offset] != other[offset] { return false }
        return true
    }

    /// Every non-overlapping occurrence of `pattern`, from the left, replaced (Python's `str.replace`).
    package func replacing(_ pattern: [CodePoint], with replacement: [CodePoint]) -> [CodePoint] {
        guard let first = pattern.first, contains(first) else { return self }
        var result: [CodePoint] = []
        result.reserveCapacity(count)
        var index = 0
        while index < count {
            if self[index] == first, has(pattern, at: index) {
                result += replacement
                index += pattern.count
            } else {
                result.append(self[index])
                index += 1
            }
        }
        return result
    }
}

extension ArraySlice where Element == CodePoint {
    /// Without leading and trailing whitespace, as Python's `str.strip()`.
    package var stripped: ArraySlice<CodePoint> {
        var lower = startIndex
        var upper = endIndex
        while lower < upper, PythonUnicode.isSpace(self[lower]) { lower += 1 }
        while upper > lower, PythonUnicode.isSpace(self[upper - 1]) { upper -= 1 }
        return self[lower..<upper]
    }
}

extension String {
    /// The string of code points; a lone surrogate becomes U+FFFD.
    package init(codePoints: ArraySlice<CodePoint>) {
        var scalars = String.UnicodeScalarView()
        for point in codePoints { scalars.append(Unicode.Scalar(point) ?? "\u{FFFD}") }
        self.init(scalars)
    }
}

/// A small fixed set of code points, made from a literal: bits for ASCII, a sorted array for the rest.
package struct CodePointSet: Sendable {
    private let sorted: [CodePoint]
    private let low: (UInt64, UInt64)

    /// The set of all code points of a string.
    package init(_ members: String) {
        sorted = Array(Set(members.unicodeScalars.map(\.value))).sorted()
        var bits: (UInt64, UInt64) = (0, 0)
        for point in sorted where point < 128 {
            if point < 64 { bits.0 |= 1 << UInt64(point) } else { bits.1 |= 1 << UInt64(point - 64) }
        }
        low = bits
    }

    /// True if the code point is a member.
    package func contains(_ point: CodePoint) -> Bool {
        if point < 64 { return low.0 & (1 << UInt64(point)) != 0 }
        if point < 128 { return low.1 & (1 << UInt64(point - 64)) != 0 }
        var lower = 0
        var upper = sorted.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if sorted[middle] == point { return true }
            if sorted[middle] < point { lower = middle + 1 } else { upper = middle }
        }
        return false
    }
}
