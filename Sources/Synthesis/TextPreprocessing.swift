package import Tensor
package import Text

/// Turns text into what the models read (upstream: `TextPreprocessor`), in stages of rising cost, each of which runs once
/// per sentence.
package protocol TextPreprocessing: Sendable {
    /// Features of one phoneme.
    var featureCount: Int { get }
    /// The sentences that a text is cut into.
    func sentences(_ text: String, language: String, cut: String) throws -> [String]
    /// Normalises a sentence by dictionaries and rules, without networks. Whatever cannot be phonemized fails here, so
    /// that a whole text can be checked before the first sound of it is made.
    func normalize(_ sentence: String, language: String, version: String) throws -> NormalizedSentence
    /// The phonemes of a sentence: runs the networks that choose readings and guess spellings.
    func phonemize(_ sentence: NormalizedSentence) throws -> PhonemizedSentence
    /// Features of every phoneme of several sentences: `[phonemes, featureCount]` each, zeros where a language has none.
    /// Sentences may go through BERT together, which changes no bit.
    ///
    /// - Parameter checkpoint: called before every pass; throws to stop.
    func features(_ sentences: [PhonemizedSentence], checkpoint: () throws -> Void) throws -> [Tensor]
}
