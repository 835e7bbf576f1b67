/// Which part-of-speech tagger decides between readings of English homographs ("to record", "a record").
///
/// Upstream uses nltk's, whose weights carry no licence and are not distributed. `make data` converts them if the user
/// has them; without them a tagger of this project is used, which agrees with nltk's in nearly all cases.
package enum EnglishTagger: Sendable, Equatable {
    /// nltk's if a converted file is at one of `defaultPaths`, else the built-in one.
    case automatic
    /// The built-in one.
    case builtIn
    /// nltk's, converted to a file by `make data`.
    case nltk(path: String)

    /// Name of the environment variable with the path of the converted file. `make data` takes the path of nltk's own
    /// file or folder from the same variable.
    package static let environmentVariable = "GSV_NLTK_TAGGER"

    /// Where a converted file is searched for without the environment variable: beside the lexicon pack, then in
    /// `data`.
    package static func defaultPaths(dataFolder: String) -> [String] {
        (dataFolder == "data" ? ["data"] : [dataFolder, "data"]).map { "\($0)/\(NltkTagger.fileName)" }
    }

    /// Finds and opens the tagger.
    /// - Returns: the tagger, and the case that says which it is: `builtIn` or `nltk`.
    /// - Throws: `taggerMissing` if no file is at a path that was named, `taggerUnusable`.
    func open(_ lexicon: Lexicon) throws(TextError) -> (tagger: any PartOfSpeechTagger, kind: EnglishTagger) {
        var named: String?
        switch self {
        case .builtIn: break
        case .nltk(let path): named = path
        case .automatic:
            named = InstalledFiles.environment(Self.environmentVariable)
            guard named == nil else { break }
            let folder = lexicon.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            for path in Self.defaultPaths(dataFolder: folder.joined(separator: "/")) {
                if let tagger = try NltkTagger(path: path) { return (tagger, .nltk(path: path)) }
            }
        }
        guard let named else { return (try BuiltInTagger(lexicon), .builtIn) }
        guard let tagger = try NltkTagger(path: named) else { throw .taggerMissing(path: named) }
        return (tagger, .nltk(path: named))
    }
}

extension EnglishTagger: CustomStringConvertible {
    /// The tagger for people.
    package var description: String {
        switch self {
        case .automatic: "nltk's tagger if there is one, else the built-in tagger"
        case .builtIn: "the built-in tagger"
        case .nltk(let path): "nltk's tagger, \(path)"
        }
    }
}
