/// Phonemes of a passage, with symbols where the pitch changes (Open JTalk's full-context labels as upstream's
/// `pyopenjtalk_g2p_prosody` reads them).
///
/// `[` the pitch rises, `]` it falls, `#` an accent phrase ends, `_` a pause. Upstream pronounces devoiced vowels as
/// voiced ones, so Open JTalk's stage of devoicing, which changes nothing else, is left out.
struct Prosody {
    let rules: JapaneseRules

    private struct Phrase {
        let accent: Int
        let firstMora: Int
    }

    private static let pauseMora = [CodePoint]("、")
    private static let longVowel: CodePoint = 0x30FC
    private static let devoicing: CodePoint = 0x2019
    /// No count of moras in a label is larger, or smaller than its negative.
    private static let limit = 49

    func phones(of words: [JapaneseWord]) -> [String] {
        // Mora of each phoneme; nil for a pause.
        var phones: [(name: String, mora: Int?)] = []
        var phrases: [Phrase] = []
        var phraseOf: [Int] = []
        var hasPause = false
        for word in words {
            if word.pronunciation == Self.pauseMora {
                hasPause = true
                continue
            }
            var firstMora: Int?
            var index = 0
            while index < word.pronunciation.count {
                let point = word.pronunciation[index]
                if point == Self.longVowel {
                    // It lengthens the vowel before it, also that of another word, but not across a pause.
                    if let last = phones.last, !hasPause {
                        phones.append((last.name, phraseOf.count))
                        phraseOf.append(firstMora == nil ? phrases.count - 1 : phrases.count)
                    }
                    index += 1
                } else if point == Self.devoicing {
                    index += 1
                } else if let (count, mora) = rules.moras.match(word.pronunciation, index) {
                    if hasPause, !phones.isEmpty { phones.append(("_", nil)) }
                    hasPause = false
                    if firstMora == nil { firstMora = phraseOf.count }
                    phones.append((mora.consonant, phraseOf.count))
                    if let vowel = mora.vowel { phones.append((vowel, phraseOf.count)) }
                    phraseOf.append(phrases.count)
                    index += count
                } else {
                    break
                }
            }
            guard let firstMora else { continue }
            if word.joinsPrevious == true, !phrases.isEmpty {
                for mora in firstMora..<phraseOf.count { phraseOf[mora] = phrases.count - 1 }
            } else {
                phrases.append(Phrase(accent: word.accent, firstMora: firstMora))
            }
        }
        return marked(phones, phrases, phraseOf)
    }

    /// The phonemes with pitch symbols.
    private func marked(_ phones: [(name: String, mora: Int?)], _ phrases: [Phrase], _ phraseOf: [Int])
        -> [String]
    {
        var result: [String] = []
        result.reserveCapacity(phones.count * 3 / 2)
        func place(_ mora: Int) -> Int { min(mora - phrases[phraseOf[mora]].firstMora + 1, Self.limit) }
        for (index, phone) in phones.enumerated() {
            result.append(phone.name)
            guard let mora = phone.mora else { continue }
            let number = phraseOf[mora]
            let phrase = phrases[number]
            let end = number + 1 < phrases.count ? phrases[number + 1].firstMora : phraseOf.count
            let count = end - phrase.firstMora
            let position = mora - phrase.firstMora + 1
            let isLast = count == position
            let isAccented = position == (phrase.accent == 0 ? count : phrase.accent)
            let here = place(mora)
            // There is no next mora at the end and before a pause.
            let next = index + 1 < phones.count ? phones[index + 1].mora.map(place) : nil
            if isLast, next == 1, Self.endsPhrase.contains(phone.name) {
                result.append("#")
            } else if isAccented, next == here + 1, here != min(count, Self.limit) {
                result.append("]")
            } else if here == 1, next == 2 {
                result.append("[")
            }
        }
        return result
    }

    /// Phonemes a phrase can end in.
    private static let endsPhrase: Set<String> = ["a", "e", "i", "o", "u", "N", "cl"]
}
