/// One entry to the text front end that libFuzzer drives.
struct FuzzTarget: Sendable {
    /// How the command line calls it.
    let name: String
    /// What an input is, in a line.
    let about: String
    /// Opens what the target needs, once.
    /// - Returns: what is done with an input. It returns or ends the process; whatever it throws is a finding.
    let open: @Sendable () throws -> ([UInt8]) throws -> Void
    /// Inputs to begin with, of the test fixtures.
    let seeds: @Sendable () throws -> [[UInt8]]

    /// All targets, languages first.
    static let all: [FuzzTarget] = LanguageTargets.all + FileTargets.all
}

/// Ends the process, which libFuzzer reports together with the input.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    guard condition else { fatalError(message()) }
}
