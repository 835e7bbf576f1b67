/// How strictly a text is read; as strictly as possible by default.
package struct JSONOptions: Sendable {
    /// What happens to a name that an object has twice.
    package enum DuplicateNames: Sendable {
        /// It is an error.
        case refused
        /// Both are kept; look-ups find the last.
        case kept
    }

    /// What happens to an integer outside 64 bits.
    package enum LargeIntegers: Sendable {
        /// It is an error.
        case refused
        /// It is rounded to the nearest `Double`.
        case rounded
    }

    /// What happens to strings that cannot be one in Swift, or that RFC 8259 forbids.
    package enum Strings: Sendable {
        /// Bytes that aren't UTF-8, half a surrogate pair and control characters are errors.
        case strict
        /// Bytes that aren't UTF-8 become U+FFFD, control characters stand for themselves, and half a surrogate
        /// pair is a code point; in a Swift string, it becomes U+FFFD.
        case lenient
    }

    /// Levels of arrays and objects around a value that are accepted. Reading takes stack for each.
    package var maximumDepth = 64
    /// Values that are accepted in one text; those skipped don't count.
    package var maximumValues = Int.max
    /// Names that an object has twice.
    package var duplicateNames = DuplicateNames.refused
    /// Integers outside 64 bits.
    package var largeIntegers = LargeIntegers.refused
    /// Broken strings.
    package var strings = Strings.strict
    /// Whether a UTF-8 byte order mark may come first.
    package var allowsByteOrderMark = false

    /// The strictest options.
    package init() {}
}
