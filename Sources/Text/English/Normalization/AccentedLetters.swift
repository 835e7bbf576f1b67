/// The letter an accented letter is without its accents: what is left of its canonical decomposition (Unicode 14) when
/// combining marks are dropped. Only letters that decompose to A–Z or a–z; upstream deletes all others.
enum AccentedLetters {
    /// Runs of letters from a first code point; `_` has no plain letter.
    private static let runs: [(first: CodePoint, letters: [UInt8])] = [
        (
            0xC0,
            """
            AAAAAA_CEEEEIIII_NOOOOO__UUUUY__aaaaaa_ceeeeiiii_nooooo__uuuuy_yAaAaAaCcCcCcCcDd__EeEeEeEeEeGgGgGgGg\
            Hh__IiIiIiIiI___JjKk_LlLlLl
            """
        ),
        (0x143, "NnNnNn___OoOoOo__RrRrRrSsSsSsSsTtTt__UuUuUuUuUuUuWwYyYZzZzZz"),
        (0x1A0, "Oo"), (0x1AF, "Uu"), (0x1CD, "AaIiOoUuUuUuUuUu_AaAa"), (0x1E6, "GgKkOoOo__j___Gg__NnAa"),
        (0x200, "AaAaEeEeIiIiOoOoRrRrUuUuSsTt__Hh"), (0x226, "AaEeOoOoOoOoYy"),
        (
            0x1E00,
            """
            AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSs\
            SsSsSsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXxXxYyZzZzZzhtwy
            """
        ),
        (
            0x1EA0,
            "AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy"
        ),
        (0x212A, "KA"),
    ].map { ($0.0, Array($0.1.utf8)) }

    /// The plain letter, nil if there is none.
    static func plain(_ point: CodePoint) -> CodePoint? {
        for run in runs where point >= run.first {
            let place = Int(point - run.first)
            guard place < run.letters.count else { continue }
            let letter = run.letters[place]
            return letter == UInt8(ascii: "_") ? nil : CodePoint(letter)
        }
        return nil
    }
}
