import Testing

@testable import Text

@Suite struct FrameTests {
    /// Fewer than six phonemes: again with a period in front.
    @Test func retry() throws {
        let frontEnd = try Support.frontEnd.get()
        let one = try frontEnd.prepare("好", language: .zh, version: .v2)
        #expect(one.normalizedText == ".好")
        #expect(one.phonemes.map(SymbolTable.v2.symbol) == [".", "h", "ao3"])
        #expect(try frontEnd.prepare("你好吗", language: .zh, version: .v2).normalizedText == "你好吗")
        #expect(try frontEnd.prepare("你好", language: .allZh, version: .v1).normalizedText == ".你好")
    }

    @Test func refusals() throws {
        let frontEnd = try Support.frontEnd.get()
        #expect(throws: TextError.emptyText) { try frontEnd.prepare(" \n ", language: .zh, version: .v2) }
        #expect(throws: TextError.emptyText) { try frontEnd.prepare("", language: .allZh, version: .v2) }
        #expect(throws: TextError.unknownCharacter(codePoint: 0xD800)) {
            try frontEnd.prepare([0x597D, 0xD800], language: .auto, version: .v2)
        }
        // With everything as Chinese, only Latin letters are another language.
        #expect(try frontEnd.prepare("好😀的あ呀/", language: .allZh, version: .v2).normalizedText == "好的呀每")
    }

    @Test func wholeRequest() throws {
        let frontEnd = try Support.frontEnd.get()
        let sentences = try frontEnd.prepareAll(
            "今天天气很好！！我们出去走走吧。\n晚上下雨。", language: .zh, cut: .cut5, version: .v2)
        #expect(sentences.map(\.normalizedText) == ["今天天气很好!", "我们出去走走吧.", "晚上下雨."])
        #expect(try frontEnd.prepareAll("\n", language: .zh, cut: .cut5, version: .v2).isEmpty)
        #expect(throws: TextError.noValidText) {
            try frontEnd.prepareAll("，，，，", language: .zh, cut: .cut5, version: .v2)
        }
    }

    @Test func cuts() throws {
        let frontEnd = try Support.frontEnd.get()
        func pieces(_ text: String, _ cut: CutMethod) throws -> [String] {
            try frontEnd.pieces(of: text, language: .zh, cut: cut)
        }
        #expect(try pieces("一二三四五。六七八九十。", .cut0) == ["一二三四五。六七八九十。"])
        #expect(try pieces("一二三四五。六七八九十。", .cut3) == ["一二三四五。", "六七八九十。"])
        #expect(try pieces("价格3.14元整.下一句话在此", .cut4) == ["。价格3.14元整。", "下一句话在此。"])
        let nine = (1...9).map { "第\($0)句话。" }.joined()
        #expect(try pieces(nine, .cut1).count == 2)
        #expect(throws: TextError.unknownCut("cut9")) { try CutMethod(name: "cut9") }
        #expect(try pieces("", .cut1) == [])
    }
}
