/// Why a synthesis failed. `code` is stable for clients; the description names the cause and the remedy.
package struct SynthesisError: Error, Sendable, CustomStringConvertible, Equatable {
    /// Stable identifiers of the causes.
    package enum Code: String, Sendable {
        /// The reference clip is missing, unreadable or not 3–10 s long.
        case reference = "invalid_reference"
        /// The text has nothing to speak, or a part of it cannot be processed.
        case text = "invalid_text"
        /// A language that the loaded version does not speak.
        case language = "unsupported_language"
        /// Weights that cannot be loaded or do not belong together.
        case weights = "invalid_weights"
        /// A parameter outside its range.
        case parameter = "invalid_parameter"
        /// Language data or base models are missing.
        case setup = "incomplete_setup"
    }

    /// What kind of failure this is.
    package let code: Code
    /// The cause, with the numbers and names in it.
    package let description: String

    /// An error of a given cause.
    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
