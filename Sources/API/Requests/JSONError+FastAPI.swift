import StrictJSON

extension JSONError {
    /// What is wrong in the words of Python's reader, where it has some: FastAPI sends them, and clients know them.
    var fastAPIText: String {
        switch reason {
        case .valueMissing: return "Expecting value"
        case .nameMissing: return "Expecting property name enclosed in double quotes"
        case .characterMissing(":"): return "Expecting ':' delimiter"
        case .characterMissing: return "Expecting ',' delimiter"
        case .textAfterEnd: return "Extra data after the JSON value"
        case .unterminatedString: return "Unterminated string"
        case .unknownEscape: return "Invalid escape"
        case .hexadecimalDigitsMissing: return "Invalid \\uXXXX escape"
        case .digitsMissing: return "Expecting digits"
        default:
            let text = reason.description
            return text.prefix(1).uppercased() + text.dropFirst()
        }
    }
}
