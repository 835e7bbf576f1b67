/// Converts texts of one language to phonemes: upstream's `text_normalize` and `g2p` of that language.
///
/// The conversion has two stages. `analyze` normalises and does everything that dictionaries and rules decide;
/// `PhonemizationDraft.phonemize` runs the neural networks, which are most of the cost, and what depends on them.
/// Immutable after initialisation: any number of threads may use one instance at once.
package protocol Phonemizer: Sendable {
    /// The first stage.
    /// - Parameters:
    ///   - text: any text, also an empty one.
    ///   - version: the voice's symbol list, for languages whose rules depend on it.
    /// - Throws: every `TextError` that the text causes; the second stage has none of its own.
    func analyze(_ text: [CodePoint], version: SymbolVersion) throws(TextError) -> PhonemizationDraft
}

extension Phonemizer {
    /// Both stages.
    package func phonemize(_ text: [CodePoint], version: SymbolVersion) throws -> PhonemizedText {
        try analyze(text, version: version).phonemize()
    }
}

/// A normalised text whose phonemes are known, but for what a network decides.
package struct PhonemizationDraft: Sendable {
    private enum Phonemes {
        case known(PhonemizedText)
        case pending(any PendingPhonemes)
    }

    /// The normalised text.
    package let normalizedText: String
    /// Fewest phonemes that the second stage can give.
    package let minimumPhonemeCount: Int
    /// True if the second stage gives exactly `minimumPhonemeCount` phonemes.
    package let isCountExact: Bool
    private let phonemes: Phonemes

    /// A draft that needs no network.
    init(_ text: PhonemizedText) {
        normalizedText = text.normalizedText
        minimumPhonemeCount = text.phonemes.count
        isCountExact = true
        phonemes = .known(text)
    }

    /// A draft that a network completes.
    init(
        _ pending: any PendingPhonemes, normalizedText: [CodePoint], minimumPhonemeCount: Int,
        isCountExact: Bool
    ) {
        self.normalizedText = normalizedText.string
        self.minimumPhonemeCount = minimumPhonemeCount
        self.isCountExact = isCountExact
        phonemes = .pending(pending)
    }

    /// The second stage.
    /// - Throws: what the polyphone network throws; nothing for reasons of the text.
    package func phonemize() throws -> PhonemizedText {
        switch phonemes {
        case .known(let text): text
        case .pending(let pending): try pending.phonemize()
        }
    }
}

/// What is left of a phonemization after its first stage.
package protocol PendingPhonemes: Sendable {
    /// Runs the network.
    func phonemize() throws -> PhonemizedText
}
