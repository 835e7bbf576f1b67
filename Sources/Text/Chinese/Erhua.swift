/// 儿化 of v2: a final 儿 takes the tone of the syllable before it. It never removes a phoneme.
package struct Erhua: Sendable {
    private static let er: CodePoint = 0x513F  // 儿

    /// Words that always take it.
    private static let always = words("小院儿 胡同儿 范儿 老汉儿 撒欢儿 寻老礼儿 妥妥儿 媳妇儿")
    /// Words, and last two characters of words, that do not: 儿 is a child here.
    private static let never = words(
        """
        虐儿 为儿 护儿 瞒儿 救儿 替儿 有儿 一儿 我儿 俺儿 妻儿 拐儿 聋儿 乞儿 患儿 幼儿 孤儿 婴儿 婴幼儿 连体儿 脑瘫儿 \
        流浪儿 体弱儿 混血儿 蜜雪儿 舫儿 祖儿 美儿 应采儿 可儿 侄儿 孙儿 侄孙儿 女儿 男儿 红孩儿 花儿 虫儿 马儿 鸟儿 猪儿 \
        猫儿 狗儿 少儿
        """)

    private static func words(_ list: String) -> Set<[CodePoint]> {
        Set(list.split(separator: " ").map { [CodePoint](String($0)) })
    }

    private let lexicon: ChineseLexicon

    package init(_ lexicon: ChineseLexicon) {
        self.lexicon = lexicon
    }

    /// Applies the rule to one word, after its tones were changed.
    package func apply(to word: SentenceWords.Word, in sentence: inout SentenceWords) {
        let last = word.range.upperBound - 1
        guard sentence.text[last] == Self.er, lexicon.syllables.hasErFinal(sentence.syllables[last]) else {
            return
        }
        if sentence.syllables[last].tone == 1 { sentence.syllables[last].setTone(2) }
        let text = Array(sentence.text[word.range])
        if !Self.always.contains(text), Self.never.contains(text) || lexicon.tags[word.tag].contains(.keepsEr)
        {
            return
        }
        let tone = sentence.syllables[last].tone
        guard tone == 2 || tone == 5, text.count > 1, !Self.never.contains(Array(text.suffix(2))) else {
            return
        }
        let before = sentence.syllables[last - 1]
        // The initial stays; only the final is replaced, by er and the last character of the one before.
        sentence.syllables[last].tone = before.tone
        if before.tone == 0 { sentence.syllables[last] = .unknown }
    }
}
