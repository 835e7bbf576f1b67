import Testing

@testable import Text

/// A stand-in for the network that always takes a query's first label.
private struct FirstLabel: PolyphoneNetwork {
    func choose(_ queries: [PolyphoneQuery]) -> [Int] { queries.map { $0.labels.first ?? -1 } }
}

/// A network that answers too little.
private struct Silent: PolyphoneNetwork {
    func choose(_ queries: [PolyphoneQuery]) -> [Int] { [] }
}

@Suite struct PolyphoneTests {
    /// Conversion, queries and dictionary readings as upstream's converter prepares them.
    @Test func questions() throws {
        let lexicon = try Support.chinese.get()
        let resolver = try PolyphoneResolver(Support.lexicon.get(), lexicon, network: FirstLabel())
        #expect(resolver.tables.labels.all.count == 1305)
        #expect(resolver.tables.labels.all.first == "ㄅㄚ1")
        let records = try Support.records("polyphone_questions.jsonl")
        #expect(records.count == 40)
        for record in records {
            let sentence = [CodePoint](try #require(record["sentence"] as? String))
            let found = try resolver.unresolved([sentence])
            #expect(found.positions.map(\.index) == record["asked"] as? [Int])
            #expect(found.queries.map(\.index) == record["at"] as? [Int])
            #expect(found.queries.map(\.characterID) == record["ids"] as? [Int])
            #expect(found.queries.allSatisfy { $0.text == record["text"] as? String })
            #expect(found.queries.first.map { [$0.labels] } ?? [] == record["labels"] as? [[Int]])
            for (index, known) in (record["known"] as? [Any] ?? []).enumerated() {
                guard let known = known as? String else { continue }
                let wanted: Syllable
                if known.hasPrefix("B:") {
                    let parts = try #require(Bopomofo.parts(String(known.dropFirst(2))))
                    wanted = lexicon.syllables.syllable(parts)
                } else if ChinesePunctuation.contains(sentence[index]) {
                    wanted = .punctuation
                } else {
                    wanted = lexicon.syllables.syllable(known)
                }
                #expect(found.syllables[0][index] == wanted)
            }
        }
    }

    @Test func windowAroundPolyphones() throws {
        let resolver = try PolyphoneResolver(
            Support.lexicon.get(), Support.chinese.get(), network: FirstLabel())
        let sentence = [CodePoint](
            String(repeating: "国", count: 40) + "行" + String(repeating: "国", count: 40))
        let query = try #require(try resolver.unresolved([sentence]).queries.first)
        #expect(query.text.unicodeScalars.count == 33)
        #expect(query.index == 16)
    }

    @Test func networkIsHeard() throws {
        let frontEnd = try TextFrontEnd(lexicon: Support.lexicon.get(), polyphones: FirstLabel())
        #expect(frontEnd.polyphoneLabels?.all.count == 1305)
        let given = try frontEnd.clean("他还没来。", language: "zh", version: .v2)
        #expect(given.phonemes.count == given.wordToPhone?.reduce(0, +))
        #expect(given.symbols.prefix(4) == ["t", "a1", "h", "ai2"])
        // v1 never uses the network.
        let first = try frontEnd.clean("他还没来。", language: "zh", version: .v1)
        #expect(
            first.symbols == (try Support.frontEnd.get().clean("他还没来。", language: "zh", version: .v1).symbols)
        )
    }

    @Test func missingAnswers() throws {
        let frontEnd = try TextFrontEnd(lexicon: Support.lexicon.get(), polyphones: Silent())
        #expect(throws: TextError.readingCount(sentence: "他还没来.", expected: 4, found: 0)) {
            try frontEnd.clean("他还没来。", language: "zh", version: .v2)
        }
        let answerer = try Support.answerer.get()
        let answer = answerer.answer(
            #"{"text":"你好。","lang":"zh","version":"v2","mode":"g2pwstub","g2pw_pinyin":[["你好.",["ni3"]]]}"#)
        #expect(answer.contains("readingCount"))
    }

    @Test(
        arguments: [
            ("ㄓㄨㄥ1", "zh", "ong", 1), ("ㄓ1", "zh", "i", 1), ("ㄩㄝ4", "", "ve", 4), ("ㄌㄩㄝ4", "l", "ve", 4),
            ("ㄨㄥ1", "", "ueng", 1),
            ("ㄐㄩㄥ3", "j", "iong", 3), ("ㄦ2", "", "er", 2), ("ㄉㄜ5", "d", "e", 5),
        ] as [(String, String, String, UInt8)])
    func bopomofo(label: String, initial: String, final: String, tone: UInt8) {
        #expect(Bopomofo.parts(label) == .init(initial: initial, final: final, tone: tone))
    }

    @Test func badBopomofo() {
        for label in ["", "ㄓ", "ㄓ6", "abc1", "ㄅ1", "1"] { #expect(Bopomofo.parts(label) == nil) }
    }

    @Test func taiwan() throws {
        let converter = try TaiwanConverter(Support.lexicon.get())
        #expect(converter.convert([CodePoint]("头发发现干燥里面")).string == "頭髮發現乾燥裡面")
    }
}
