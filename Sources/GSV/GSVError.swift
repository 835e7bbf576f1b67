import Synthesis

/// Why a voice could not be loaded, or a text not be spoken.
public struct GSVError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failures.
    public enum Code: String, Sendable {
        /// The reference clip is missing, unreadable or not 3 to 10 seconds long.
        case invalidReference
        /// The text has nothing to speak, or a part of it cannot be processed.
        case invalidText
        /// The voice does not speak the language of the text or of the reference clip.
        case unsupportedLanguage
        /// Weights that cannot be read, or that do not belong together.
        case invalidWeights
        /// An option outside its range.
        case invalidParameter
        /// Language data, base models or files of a voice are missing.
        case incompleteSetup
        /// A failure of no other kind, such as a lack of memory.
        case other
    }

    /// What kind of failure this is.
    public let code: Code
    /// The cause, with names and numbers, and where there is one the remedy.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    init(wrapping error: any Error) {
        guard let error = error as? SynthesisError else {
            self.init(.other, "\(error)")
            return
        }
        let code: Code =
            switch error.code {
            case .reference: .invalidReference
            case .text: .invalidText
            case .language: .unsupportedLanguage
            case .weights: .invalidWeights
            case .parameter: .invalidParameter
            case .setup: .incompleteSetup
            }
        self.init(code, error.description)
    }
}
