import Synthesis

/// A voice of the registry: a folder with `ref.wav`, and what it says and how to speak it.
struct Voice: Sendable, Equatable {
    /// The folder's name.
    let name: String
    /// The reference clip.
    let reference: String
    /// What the clip says (`ref.txt`); empty means that the model gets no prompt.
    let promptText: String
    /// The clip's language.
    let language: String
    /// Further clips whose tone is averaged in.
    var auxiliary: [String] = []
    /// Weights of the voice's own.
    var weights = VoiceWeights()
    /// The server's model that it speaks with, instead of weights of its own.
    var model: String?
    /// A note of the speaker's consent.
    var consent: String?
    /// Shown with the voice.
    var summary: String?
}

/// Why a folder is no voice.
struct VoiceProblem: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String
    /// Whether reading it again may succeed although the files stay the same.
    var isTransient = false
}

/// What a voice may be called: it is a folder's name, and a part of addresses.
enum VoiceName {
    static let maximumLength = 64
    /// Bytes of a file's name on Linux.
    private static let maximumBytes = 255

    /// Letters, digits, `-`, `_` and `.`, not beginning with a period.
    static func isValid(_ name: String) -> Bool {
        let marks = Set("-_.".unicodeScalars)
        return !name.isEmpty && name.unicodeScalars.count <= maximumLength
            && name.utf8.count <= maximumBytes && !name.hasPrefix(".")
            && name.unicodeScalars.allSatisfy {
                marks.contains($0) || $0.properties.isAlphabetic || $0.properties.numericType != nil
                    || $0.properties.generalCategory == .nonspacingMark
            }
    }
}
