#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which part-of-speech tagger reads English homographs ("to record", "a record").
///
/// Upstream uses nltk's, whose weights carry no licence; they are used if the user has them. Without them a tagger of
/// this project decides, which agrees with nltk's in nearly all cases.
public enum EnglishTagger: Sendable, Equatable {
    /// nltk's if it is found at one of `defaultPaths`, else the built-in one.
    case automatic
    /// The built-in one.
    case builtIn
    /// nltk's, at a path: `averaged_perceptron_tagger.zip` or its unpacked folder, or the folder (or zip)
    /// `averaged_perceptron_tagger_eng`.
    case nltk(path: String)

    /// Name of the environment variable that points at nltk's tagger.
    public static let environmentVariable = "GSV_NLTK_TAGGER"

    /// The places looked at beside the environment variable, in order: the data folders, then nltk's own folder.
    public static func defaultPaths(dataFolder: String) -> [String] {
        var folders = ["data", dataFolder]
        if folders[0] == folders[1] { folders.removeLast() }
        if let home = environment("HOME") { folders.append(home + "/nltk_data/taggers") }
        let names = [
            "averaged_perceptron_tagger.zip", "averaged_perceptron_tagger_eng", "averaged_perceptron_tagger",
            "averaged_perceptron_tagger_eng.zip",
        ]
        return folders.flatMap { folder in names.map { "\(folder)/\($0)" } }
    }

    /// Finds the tagger.
    /// - Returns: the tagger, and the case that says which it is: `builtIn` or `nltk`.
    /// - Throws: `taggerMissing` if nothing is at a path that was named, `taggerDamaged`.
    func open(_ lexicon: Lexicon) throws(TextError) -> (tagger: TaggerOnDemand, kind: EnglishTagger) {
        var named: String?
        switch self {
        case .builtIn: break
        case .nltk(let path): named = path
        case .automatic:
            named = Self.environment(Self.environmentVariable)
            guard named == nil else { break }
            let dataFolder = lexicon.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            for path in Self.defaultPaths(dataFolder: dataFolder.joined(separator: "/")) {
                if let file = try NltkTaggerFile(path) { return (TaggerOnDemand(file), .nltk(path: path)) }
            }
        }
        guard let named else { return (TaggerOnDemand(try BuiltInTagger(lexicon)), .builtIn) }
        guard let file = try NltkTaggerFile(named) else { throw .taggerMissing(path: named) }
        return (TaggerOnDemand(file), .nltk(path: named))
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
