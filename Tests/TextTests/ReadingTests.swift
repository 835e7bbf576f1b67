import Testing

@testable import Text

@Suite struct ReadingTests {
    @Test(
        arguments: [
            ("zhōng", "zh", "ong", 1), ("lüè", "l", "ve", 4), ("yú", "", "v", 2), ("jiù", "j", "iou", 4),
            ("huì", "h", "uei", 4),
            ("lún", "l", "uen", 2), ("wēng", "", "ueng", 1), ("yo", "", "o", 5), ("ér", "", "er", 2),
            ("xu4", "x", "v", 4),
            ("lv4", "l", "v", 4), ("de5", "d", "e", 5), ("quán", "q", "van", 2), ("yǒng", "", "iong", 3),
            ("shi", "sh", "i", 5),
            ("ê̄", "", "ê", 1), ("hm", "h", "", 5), ("ń", "", "", 2), ("fiào", "f", "iao", 4),
        ] as [(String, String, String, UInt8)])
    func spelling(reading: String, initial: String, final: String, tone: UInt8) {
        #expect(PinyinSpelling.parts(reading) == .init(initial: initial, final: final, tone: tone))
    }

    private func phones(_ text: String, _ version: SymbolVersion = .v2) throws -> String {
        try Support.frontEnd.get().clean(text, language: "zh", version: version).symbols.joined(
            separator: " ")
    }

    @Test(arguments: [
        ("银行", "y in2 h ang2"), ("行走", "x ing2 z ou3"), ("不怕", "b u2 p a4"), ("一天", "y i4 t ian1"),
        ("一个", "y i2 g e5"), ("第一", "d i4 y i1"), ("看一看", "k an4 y i5 k an4"), ("你好", "n i2 h ao3"),
        ("老虎", "l ao2 h u3"), ("蒙古包", "m eng2 g u3 b ao1"), ("我们", "w o3 m en5"), ("上来", "sh ang4 l ai5"),
        ("云", "y vn2"), ("鱼", "y v2"), ("五", "w u3"), ("恩", "EE en1"),
    ])
    func words(text: String, wanted: String) throws {
        #expect(try phones(text) == wanted)
    }

    /// 儿化 is in v2 only: 儿 takes the tone before it, unless it is a child.
    @Test func erhua() throws {
        #expect(try phones("一点儿", .v1).hasSuffix("er2"))
        #expect(try phones("一点儿", .v2).hasSuffix("er3"))
        #expect(try phones("花儿", .v2).hasSuffix("er2"))
    }

    @Test func charactersWithoutPhones() throws {
        for character in "兙兡嗧桛烪瓧瓰瓱瓼甅覅噷" {
            #expect(throws: TextError.self) { try phones("这是\(character)字。") }
        }
        #expect(throws: TextError.noPhones(of: "覅", sentence: "覅讲闲话.")) { try phones("覅讲闲话。") }
    }

    /// All other ideographs of the block have phonemes.
    @Test func everyIdeograph() throws {
        let frontEnd = try Support.frontEnd.get()
        var silent: [CodePoint] = []
        for point in CodePoint(0x4E00)...0x9FA5
        where (try? frontEnd.clean([point], language: "zh", version: .v2)) == nil { silent.append(point) }
        #expect(Set(silent) == Set([CodePoint]("兙兡嗧桛烪瓧瓰瓱瓼甅覅噷")))
    }

    @Test func specialPauses() throws {
        #expect(try phones("你好，^再见。").contains("SP3"))
        #expect(try !phones("你好，^再见。").contains(","))
        #expect(try phones("￥你好^").hasPrefix("SP2"))
        #expect(try phones("￥你好^").contains("SP3") == false)
    }

    @Test func unknownLanguages() throws {
        let frontEnd = try Support.frontEnd.get()
        #expect(try frontEnd.clean("hello", language: "fr", version: .v2).symbols == [","])
        #expect(try frontEnd.clean("안녕", language: "ko", version: .v1).symbols == [","])
    }
}
