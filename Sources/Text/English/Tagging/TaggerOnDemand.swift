import Synchronization

/// A tagger that is made when the first homograph comes: reading nltk's weights takes a tenth of a second and 20 MB,
/// which other languages, and most English sentences, have no use for.
final class TaggerOnDemand: Sendable {
    private enum State {
        case made(any PartOfSpeechTagger)
        case onFile(NltkTaggerFile)
    }
    private let state: Mutex<State>

    /// A tagger that is there already.
    init(_ tagger: any PartOfSpeechTagger) {
        state = Mutex(.made(tagger))
    }

    /// nltk's.
    init(_ file: NltkTaggerFile) {
        state = Mutex(.onFile(file))
    }

    /// The tagger; whoever asks while it is being made waits.
    /// - Throws: `taggerDamaged`, each time.
    func tagger() throws(TextError) -> any PartOfSpeechTagger {
        try state.withLock { (state) throws(TextError) -> any PartOfSpeechTagger in
            switch state {
            case .made(let tagger): return tagger
            case .onFile(let file):
                let tagger = try file.tagger()
                state = .made(tagger)
                return tagger
            }
        }
    }
}
