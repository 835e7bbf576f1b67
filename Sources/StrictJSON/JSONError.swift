/// Where and why a text is not JSON.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Sendable, Equatable {
        /// No value where one is required.
        case valueMissing
        /// Another value where an object is required.
        case objectMissing
        /// A member has no name in quotes.
        case nameMissing
        /// A colon or a closing bracket is missing.
        case characterMissing(Character)
        /// The text ends within an array or an object that is skipped.
        case cutShort
        /// More than whitespace follows the value.
        case textAfterEnd
        /// The text ends within a string.
        case unterminatedString
        /// A string contains a character below U+0020.
        case controlCharacter
        /// A string's bytes are not UTF-8.
        case notUTF8
        /// A backslash is followed by a character that is no escape.
        case unknownEscape
        /// `\u` is not followed by four hexadecimal digits.
        case hexadecimalDigitsMissing
        /// A surrogate without its other half.
        case halfSurrogatePair
        /// A number's fraction or exponent has no digits.
        case digitsMissing
        /// A number has more characters than `JSONReader.maximumNumberLength`.
        case numberTooLong(Int)
        /// A number is outside the range of its type.
        case numberTooLarge
        /// There are more than this many levels of arrays and objects.
        case tooDeep(Int)
        /// There are more than this many values.
        case tooManyValues(Int)
        /// An object has this name twice.
        case duplicateName(String)
    }

    /// What is wrong.
    package let reason: Reason
    /// Offset of the mistake in bytes.
    package let offset: Int

    /// An error at an offset.
    package init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// Reason and offset, for messages.
    package var description: String { "\(reason) at byte \(offset)" }
}

extension JSONError.Reason: CustomStringConvertible {
    /// For messages; a part of a sentence.
    package var description: String {
        switch self {
        case .valueMissing: "no JSON value"
        case .objectMissing: "no JSON object"
        case .nameMissing: "a name in quotes is missing"
        case .characterMissing(let character): "'\(character)' is missing"
        case .cutShort: "an array or an object without end"
        case .textAfterEnd: "text after the end of the JSON"
        case .unterminatedString: "a string without end"
        case .controlCharacter: "a control character in a string"
        case .notUTF8: "a string that is not UTF-8"
        case .unknownEscape: "an unknown escape"
        case .hexadecimalDigitsMissing: "four hexadecimal digits are missing"
        case .halfSurrogatePair: "half a surrogate pair"
        case .digitsMissing: "a number without digits"
        case .numberTooLong(let count):
            "a number of \(count) characters; \(JSONReader.maximumNumberLength) are allowed"
        case .numberTooLarge: "the number is too large"
        case .tooDeep(let levels): "nested deeper than \(levels) levels"
        case .tooManyValues(let count): "more than \(count) values"
        case .duplicateName(let name): "\"\(name)\" comes twice"
        }
    }
}
