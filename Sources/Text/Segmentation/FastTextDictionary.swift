/// The vocabulary of a fastText model: which rows of the input matrix a line of text touches.
///
/// A known word has a row of its own; every word, known or not, has its character n-grams between `<` and `>`, hashed
/// into buckets (fastText's `Dictionary::getLine`). Words end at whitespace of ASCII and NUL.
struct FastTextDictionary: Sendable {
    /// Numbers the model was trained with.
    struct Settings: Sendable {
        /// Longest sequence of words that has a bucket; 1 for none.
        let wordGrams: Int
        let buckets: Int
        /// Shortest and longest character n-grams, in code points.
        let shortestGram: Int
        let longestGram: Int
    }

    /// Names of the classes, without `__label__`.
    let labels: [String]
    /// How often each occurred in training; the tree of classes follows from it.
    let labelCounts: [Int64]
    /// Number of rows the input matrix must have.
    let rows: Int

    private let settings: Settings
    private let wordCount: Int
    private let bytes: PackArray<UInt8>
    /// Where each word begins in `bytes`, and its length.
    private let places: [Entries.Place]
    /// Word numbers by hash; −1 for none.
    private let slots: [Int32]
    private let kept: KeptBuckets

    private static let labelPrefix = Array("__label__".utf8)
    private static let endOfLine = Array("</s>".utf8)
    /// More n-grams of one word than any setting needs.
    private static let maximumGram = 64

    init(_ reader: inout PackReader, settings: Settings) throws(TextError) {
        let counts = try reader.array(Int32.self, count: 3)
        let (size, words, labelNumber) = (Int(counts[0]), Int(counts[1]), Int(counts[2]))
        let totals = try reader.array(Int64.self, count: 2)
        guard words >= 0, labelNumber > 0, size == words + labelNumber else {
            throw reader.damaged("\(words) words and \(labelNumber) labels of \(size) entries")
        }
        guard settings.buckets > 0 || settings.longestGram <= 0 && settings.wordGrams <= 1,
            settings.longestGram <= Self.maximumGram, settings.wordGrams <= Self.maximumGram
        else { throw reader.damaged("n-grams of \(settings.longestGram) in \(settings.buckets) buckets") }

        let entries = try Entries(&reader, count: size)
        bytes = entries.bytes
        places = Array(entries.places.prefix(words))
        labels = try entries.places.dropFirst(words).map { place throws(TextError) in
            let name = (place.start..<place.start + place.length).map { entries.bytes[Int($0)] }
            guard name.starts(with: Self.labelPrefix) else {
                throw reader.damaged("a label without its mark")
            }
            return String(decoding: name.dropFirst(Self.labelPrefix.count), as: UTF8.self)
        }
        labelCounts = Array(entries.counts.dropFirst(words))
        kept = try KeptBuckets(&reader, count: Int(totals[1]), buckets: settings.buckets)
        self.settings = settings
        wordCount = words
        rows = words + kept.rows

        var slots = [Int32](repeating: -1, count: Self.tableSize(words))
        for (number, place) in places.enumerated() {
            var hash = FastTextHash()
            for index in 0..<Int(place.length) { hash.add(entries.bytes[Int(place.start) + index]) }
            var slot = Int(hash.value) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
        self.slots = slots
    }

    /// The entries of the file.
    private struct Entries {
        typealias Place = (start: UInt32, length: UInt32)
        let bytes: PackArray<UInt8>
        private(set) var places: [Place] = []
        private(set) var counts: [Int64] = []

        init(_ reader: inout PackReader, count: Int) throws(TextError) {
            let rest = try reader.rest()
            // The shortest entry is a NUL, a count and a type.
            guard count <= rest.count / 10 else { throw reader.damaged("no room for \(count) entries") }
            bytes = rest
            places.reserveCapacity(count)
            counts.reserveCapacity(count)
            var position = 0
            while places.count < count {
                let start = position
                while position < rest.count, rest[position] != 0 { position += 1 }
                guard rest.count - position >= 10, let first = UInt32(exactly: start) else {
                    throw reader.damaged("it is cut short")
                }
                places.append((first, UInt32(truncatingIfNeeded: position - start)))
                let count = (0..<8).reduce(UInt64(0)) { $0 | UInt64(rest[position + 1 + $1]) << (8 * $1) }
                counts.append(Int64(bitPattern: count))
                position += 10
            }
            try reader.skip(position)
        }
    }

    /// A power of two that leaves a third of the slots empty.
    static func tableSize(_ count: Int) -> Int {
        var size = 16
        while size < count + count / 2 { size *= 2 }
        return size
    }

    /// Calls `body` with every row of a line, in fastText's order; a row can occur more than once.
    @inline(__always)
    func forEachRow(of line: [UInt8], _ body: (Int) -> Void) {
        var wordHashes: [Int32] = []
        var start = 0
        var isAtEnd = false
        while !isAtEnd {
            while start < line.count, Self.isSpace(line[start]) { start += 1 }
            var end = start
            while end < line.count, !Self.isSpace(line[end]) { end += 1 }
            // The line's end is a word as well, and written out in the text it ends the line.
            isAtEnd = start == end || line[start..<end].elementsEqual(Self.endOfLine)
            let word = isAtEnd ? Self.endOfLine[...] : line[start..<end]
            start = end
            var hash = FastTextHash()
            for byte in word { hash.add(byte) }
            let number = find(word, hash: hash)
            if number == nil, word.starts(with: Self.labelPrefix) { continue }
            if let number { body(number) }
            if !isAtEnd { forEachGram(of: word, body) }
            if settings.wordGrams > 1 { wordHashes.append(Int32(bitPattern: hash.value)) }
        }
        guard settings.wordGrams > 1 else { return }
        for first in wordHashes.indices {
            var hash = UInt64(bitPattern: Int64(wordHashes[first]))
            for next in wordHashes[first...].dropFirst().prefix(settings.wordGrams - 1) {
                hash = hash &* 116_049_371 &+ UInt64(bitPattern: Int64(next))
                if let row = kept.row(of: Int32(truncatingIfNeeded: hash % UInt64(settings.buckets))) {
                    body(wordCount + row)
                }
            }
        }
    }

    private func find(_ word: ArraySlice<UInt8>, hash: FastTextHash) -> Int? {
        var slot = Int(hash.value) & (slots.count - 1)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            let place = places[number]
            if Int(place.length) == word.count {
                var index = 0
                while index < word.count, bytes[Int(place.start) + index] == word[word.startIndex + index] {
                    index += 1
                }
                if index == word.count { return number }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The n-grams of `<word>`, from every character on, shorter before longer.
    @inline(__always)
    private func forEachGram(of word: ArraySlice<UInt8>, _ body: (Int) -> Void) {
        guard settings.longestGram > 0 else { return }
        let count = word.count + 2
        func byte(_ index: Int) -> UInt8 {
            index == 0
                ? UInt8(ascii: "<")
                : index == count - 1 ? UInt8(ascii: ">") : word[word.startIndex + index - 1]
        }
        func continues(_ index: Int) -> Bool { byte(index) & 0xC0 == 0x80 }
        for first in 0..<count where !continues(first) {
            var hash = FastTextHash()
            var end = first
            var length = 1
            while end < count, length <= settings.longestGram {
                repeat {
                    hash.add(byte(end))
                    end += 1
                } while end < count && continues(end)
                let isBoundary = length == 1 && (first == 0 || end == count)
                if length >= settings.shortestGram, !isBoundary {
                    let bucket = hash.value % UInt32(truncatingIfNeeded: settings.buckets)
                    if let row = kept.row(of: Int32(bitPattern: bucket)) { body(wordCount + row) }
                }
                length += 1
            }
        }
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) || byte == 0
    }
}

/// fastText's 32-bit FNV-1a, whose bytes are sign-extended.
struct FastTextHash {
    private(set) var value: UInt32 = 2_166_136_261

    @inline(__always)
    mutating func add(_ byte: UInt8) {
        value = (value ^ UInt32(bitPattern: Int32(Int8(bitPattern: byte)))) &* 16_777_619
    }
}

/// Which buckets of n-grams a model has rows for: all, or after pruning those of a table.
private struct KeptBuckets: Sendable {
    /// Rows after those of the words.
    let rows: Int
    private let isEverything: Bool
    private let keys: [Int32]
    private let values: [Int32]

    /// - Parameter count: entries of the table; negative for none, when every bucket has its row.
    init(_ reader: inout PackReader, count: Int, buckets: Int) throws(TextError) {
        isEverything = count < 0
        guard count >= 0 else {
            rows = max(0, buckets)
            (keys, values) = ([], [])
            return
        }
        guard count <= Int(Int32.max) else { throw reader.damaged("\(count) buckets") }
        let stored = try reader.array(Int32.self, count: 2 * count)
        let size = FastTextDictionary.tableSize(count)
        var keys = [Int32](repeating: -1, count: size)
        var values = [Int32](repeating: 0, count: size)
        var rows = 0
        for index in 0..<count {
            let (bucket, row) = (stored[2 * index], stored[2 * index + 1])
            guard bucket >= 0, row >= 0 else { throw reader.damaged("bucket \(bucket) has row \(row)") }
            var slot = Self.slot(of: bucket, among: size)
            while keys[slot] >= 0, keys[slot] != bucket { slot = (slot + 1) & (size - 1) }
            keys[slot] = bucket
            values[slot] = row
            rows = max(rows, Int(row) + 1)
        }
        self.rows = rows
        self.keys = keys
        self.values = values
    }

    @inline(__always)
    private static func slot(of bucket: Int32, among size: Int) -> Int {
        Int(truncatingIfNeeded: UInt32(bitPattern: bucket) &* 0x9E37_79B1 >> 8) & (size - 1)
    }

    /// The row of a bucket, counted from the last word's, nil if it was pruned.
    @inline(__always)
    func row(of bucket: Int32) -> Int? {
        if isEverything { return Int(bucket) }
        guard !keys.isEmpty else { return nil }
        var slot = Self.slot(of: bucket, among: keys.count)
        while keys[slot] >= 0 {
            if keys[slot] == bucket { return Int(values[slot]) }
            slot = (slot + 1) & (keys.count - 1)
        }
        return nil
    }
}
