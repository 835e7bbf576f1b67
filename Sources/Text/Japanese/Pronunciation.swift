/// Gives words that the dictionary cannot pronounce a pronunciation (Open JTalk's `njd_set_pronunciation`).
struct Pronunciation {
    let rules: JapaneseRules

    private static let pause = [CodePoint]("、")
    private static let longVowel = [CodePoint]("ー")
    private static let u = [CodePoint]("ウ")

    func apply(to words: [JapaneseWord]) -> [JapaneseWord] {
        var spoken = words
        for index in spoken.indices where spoken[index].moraCount == 0 { pronounce(&spoken[index]) }
        spoken.removeAll { $0.pronunciation.isEmpty }
        spoken = joiningKana(spoken)
        for index in spoken.indices.dropFirst() {
            let (word, previous) = (spoken[index], spoken[index - 1])
            if word.partOfSpeech.name == .auxiliary, word.pronunciation == Self.u, previous.moraCount > 0,
                previous.partOfSpeech.name == .verb || previous.partOfSpeech.name == .auxiliary
            {
                spoken[index].pronunciation = Self.longVowel
            }
        }
        return spoken
    }

    /// Kana and letters are pronounced as written, anything else is a pause.
    private func pronounce(_ word: inout JapaneseWord) {
        word.pronunciation = []
        var index = 0
        while index < word.string.count {
            guard let (count, sound) = rules.kana.match(word.string, index) else {
                index += 1
                continue
            }
            word.pronunciation += sound.pronunciation
            word.moraCount += sound.moras
            index += count
        }
        if word.moraCount > 0 { word.partOfSpeech = PartOfSpeech(name: .filler) }
        if word.pronunciation.isEmpty {
            word.pronunciation = Self.pause
            word.partOfSpeech.name = .symbol
        }
    }

    /// Fillers of one kana each that follow one another become one word.
    private func joiningKana(_ words: [JapaneseWord]) -> [JapaneseWord] {
        var joined: [JapaneseWord] = []
        joined.reserveCapacity(words.count)
        var isInRun = false
        for word in words {
            guard word.partOfSpeech.name == .filler, !word.string.isEmpty,
                let (count, _) = rules.kana.match(word.string, 0), count == word.string.count
            else {
                isInRun = false
                joined.append(word)
                continue
            }
            if isInRun {
                joined[joined.count - 1].string += word.string
                joined[joined.count - 1].pronunciation += word.pronunciation
                joined[joined.count - 1].moraCount += word.moraCount
            } else {
                joined.append(word)
            }
            isInRun = true
        }
        return joined
    }
}
