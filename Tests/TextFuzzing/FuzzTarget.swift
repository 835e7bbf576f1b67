/// One entry to the text front end that libFuzzer drives.
struct FuzzTarget: Sendable {
    /// Its name on the command line.
    let name: String
    /// A description of its inputs in one line.
    let about: String
    /// Opens the target's resources, once.
    /// - Returns: the function of an input. It returns or ends the process; an error is a finding.
    let open: @Sendable () throws -> ([UInt8]) throws -> Void
    /// Seed inputs from the test fixtures.
    let seeds: @Sendable () throws -> [[UInt8]]

    /// All targets, languages first.
    static let all: [FuzzTarget] = LanguageTargets.all + FileTargets.all
}

/// Ends the process, which libFuzzer reports together with the input.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    guard condition else { fatalError(message()) }
}
