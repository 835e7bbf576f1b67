/// How upstream takes a Jyutping syllable apart into two phonemes.
package enum JyutpingSpelling {
    /// Upstream's list of initials, in its order: the first that begins a syllable is the one cut off.
    ///
    /// Syllables without an initial are therefore cut inside their final (`aai1` is `aa` and `i1`).
    private static let initials = [
        "aa", "aai", "aak", "aap", "aat", "aau", "ai", "au", "ap", "at", "ak", "a", "p", "b", "e", "ts", "t",
        "dz", "d", "kw", "k", "gw", "g", "f", "h", "l", "m", "ng", "n", "s", "y", "w", "c", "z", "j", "ong",
        "on", "ou", "oi", "ok", "o", "uk", "ung", "sp", "spl", "spn", "sil",
    ]

    /// The two phonemes of a reading: `Y` and the initial, `Y` and the final with its tone.
    ///
    /// - Parameter reading: one syllable with its tone (`gwong2`), or several separated by spaces, which upstream reads
    ///   as one syllable with a space in its final.
    /// - Returns: nil if no initial of the list fits.
    package static func phones(of reading: String) -> (initial: String, final: String)? {
        guard let tone = reading.last, let initial = initials.first(where: { reading.hasPrefix($0) }) else {
            return nil
        }
        let rest = reading.dropLast().dropFirst(initial.count)
        // A syllable that is all initial repeats the initial's last letter: m4 is m, m4; ng5 is ng, g5.
        let final = rest.isEmpty ? String(initial.suffix(1)) : String(rest)
        return ("Y" + initial, "Y" + final + String(tone))
    }
}
