/// A Chinese syllable for the tone rules: initial and final by number, and the tone.
///
/// Three special values represent other contents of upstream's strings: a punctuation mark (its own initial and
/// final), a reading with an empty final (噷 `hm`), and a character without any reading.
package struct Syllable: Equatable, Sendable {
    /// Index into `ChineseLexicon`'s base syllables, or one of the special values.
    package var base: UInt16
    /// 1…5; 0 where upstream's final does not end in a digit.
    package var tone: UInt8

    /// Index of the special values; base syllables are fewer.
    package static let firstSpecialBase: UInt16 = 8189
    /// A punctuation mark.
    package static let punctuation = Syllable(base: 8191, tone: 0)
    /// A reading whose final is empty. Upstream raises an exception at its last character.
    package static let emptyFinal = Syllable(base: 8190, tone: 0)
    /// A character or reading that has no phonemes.
    package static let unknown = Syllable(base: 8189, tone: 0)

    package init(base: UInt16, tone: UInt8) {
        self.base = base
        self.tone = tone
    }

    /// From the pack's 16-bit form: base in the upper 13 bits, tone in the lower 3.
    package init(packed: UInt16) {
        base = packed >> 3
        tone = UInt8(packed & 7)
    }

    /// The pack's 16-bit form.
    package var packed: UInt16 { base << 3 | UInt16(tone) }

    /// Replaces the tone, as cutting a final's last character off and putting a digit there does.
    @inline(__always)
    package mutating func setTone(_ new: UInt8) {
        // Without a digit at the end, upstream loses a letter instead; no phonemes are left either way.
        if base >= Syllable.firstSpecialBase { base = Syllable.unknown.base }
        tone = new
    }
}
