/// A word on its way to phonemes: Open JTalk's NJD node, without the columns no phoneme depends on.
struct JapaneseWord {
    /// As written; numerals in their canonical form.
    var string: [CodePoint]
    var partOfSpeech: PartOfSpeech
    /// Pronunciation in katakana. Words without one fall out.
    var pronunciation: [CodePoint]
    /// Number of the mora after which the pitch falls, 0 for none.
    var accent: Int
    var moraCount: Int
    /// Number of the rule by which it changes the accent of the phrase it joins.
    var chainRule: UInt8 = 0
    /// Whether it joins the phrase in front; nil while that is undecided.
    var joinsPrevious: Bool?
    /// A counter that is read in its native way, with which 一 and 二 are ヒト and フタ.
    var isNativeCounter = false

    /// Takes the values of `other`; `joinsPrevious` only if it has one.
    mutating func load(_ other: JapaneseWord) {
        let joined = other.joinsPrevious ?? joinsPrevious
        self = other
        joinsPrevious = joined
    }

    /// Leaves the word to fall out.
    mutating func silence() { pronunciation = [] }
}

/// A doubly linked list of words with stable positions under insertion and removal.
struct WordChain {
    /// A position in the list.
    typealias Place = Int

    private var words: [JapaneseWord]
    private var nextPlace: [Place?]
    private var previousPlace: [Place?]
    private(set) var first: Place?
    private(set) var last: Place?

    init(_ words: [JapaneseWord]) {
        self.words = words
        nextPlace = words.indices.map { $0 + 1 < words.count ? $0 + 1 : nil }
        previousPlace = words.indices.map { $0 > 0 ? $0 - 1 : nil }
        first = words.isEmpty ? nil : 0
        last = words.isEmpty ? nil : words.count - 1
    }

    subscript(place: Place) -> JapaneseWord {
        get { words[place] }
        _modify { yield &words[place] }
    }

    func next(_ place: Place) -> Place? { nextPlace[place] }
    func previous(_ place: Place) -> Place? { previousPlace[place] }

    /// Inserts a word after another and returns its position.
    mutating func insert(_ word: JapaneseWord, behind place: Place) -> Place {
        let new = words.count
        words.append(word)
        let following = nextPlace[place]
        nextPlace.append(following)
        previousPlace.append(place)
        nextPlace[place] = new
        if let following { previousPlace[following] = new } else { last = new }
        return new
    }

    /// Takes out the words without pronunciation.
    mutating func removeSilent() {
        var place = first
        while let here = place {
            place = nextPlace[here]
            guard words[here].pronunciation.isEmpty else { continue }
            if let before = previousPlace[here] { nextPlace[before] = place } else { first = place }
            if let place { previousPlace[place] = previousPlace[here] } else { last = previousPlace[here] }
        }
    }

    /// The words in order.
    var array: [JapaneseWord] {
        var result: [JapaneseWord] = []
        var place = first
        while let here = place {
            result.append(words[here])
            place = nextPlace[here]
        }
        return result
    }
}
