import Testing

@testable import Text

@Suite struct NormalizationTests {
    private func norm(_ text: String) throws -> String {
        try ChineseNormalizer(Support.chinese.get()).normalize([CodePoint](text)).string
    }

    @Test(arguments: [
        ("1204", "一千二百零四"), ("10", "十"), ("100", "一百"), ("110", "一百一十"), ("10000", "一万"), ("100000000", "一亿"),
        ("0", "零"), ("000", "零"), ("007", "七"), ("3.20", "三点二零"), ("3.00", "三点零"), (".5", "零点五"),
        ("12.", "十二"),
        ("1000000000000", "一万亿"), ("10010", "一万零一十"), ("", ""),
    ])
    func cardinals(number: String, reading: String) throws {
        #expect(try ChineseNumerals.reading([CodePoint](number)[...]).string == reading)
    }

    /// Upstream's odd cases are kept.
    @Test(arguments: [
        ("2024年1月5日", "二零二四年一月五日"), ("100年", "一零零年"), ("10年", "一零年"), ("2008-08-08", "二零零八年八月八日"),
        ("8:30-12:45", "八点半至十二点半"), ("9:05", "九点零五分"), ("24:00", "二四点"), ("7:00:08", "七点零八秒"),
        ("5kg~6kg", "五千克至六千克"), ("-3°C", "零下三度"), ("2摄氏度", "二度"), ("5mm", "五米米"),
        ("3+5=8", "三加五等于八"), ("18-25岁", "十八减二十五岁"), ("x²+y²=z", "的二次方加的二次方等于"), ("1/2", "二分之一"),
        ("-50%", "负百分之五十"), ("13800138000", "幺三八零零幺三八零零零"), ("+86 13800138000", "八六幺三八零零幺三八零零零"),
        ("01062516666", "零幺零六二五幺六六六六"), ("400-820-8820", "四零零减八二零减八八二零"), ("5~8", "五到八"),
        ("1.2.3", "一点二点三"), ("2个", "两个"), ("02个", "两个"), ("100+人", "一百多人"), ("1234", "幺二三四"),
        ("12", "十二"), ("①②", "一二"), ("3m²", "三平方米"), ("他说：“好”", "他说,好"), ("嗯呣", "恩母"), ("繁體字", "繁体字"),
        ("１２３", "幺二三"), ("a…b", "…"), ("...好", "…好"), ("！？好", "!好"), ("", ""), ("〇あ한A𠮶", ""),
    ])
    func texts(text: String, wanted: String) throws {
        #expect(try norm(text) == wanted)
    }

    @Test func digitsThatCannotBeRead() throws {
        #expect(throws: TextError.unreadableDigit(codePoint: 0x663)) { try norm("٣٤٥") }
    }

    @Test func endlessNumbers() throws {
        let digits = String(repeating: "7", count: 20_000)
        #expect(try norm(digits).unicodeScalars.count == 20_000)
        #expect(throws: TextError.numberTooLong(digits: 20_000)) { try norm(digits + ".5") }
        #expect(throws: TextError.numberTooLong(digits: 20_000)) { try norm(digits + "%") }
    }

    /// Rules must not be quadratic: a long run of anything is skipped at once.
    @Test(arguments: ["1", "1.", "-", "1-", "a", "²", "1年", "8:30", "~5m", "400", "/", "¥^", "1.1a"])
    func longRuns(unit: String) throws {
        let text = String(repeating: unit, count: 30_000)
        let clock = ContinuousClock()
        let time = clock.measure { _ = try? norm(text) }
        #expect(time < Support.generous)
    }

    @Test func measureWords() {
        let single = (CodePoint(0x4E00)...0x9FFF).filter { Quantifiers.begins([$0], 0) }
        #expect(single.count == 190)
        for word in ["公分", "十吨", "小时", "微克", "微米", "美元"] {
            #expect(Quantifiers.begins([CodePoint](word), 0))
            #expect(!Quantifiers.begins([[CodePoint](word)[0]], 0))
        }
    }
}
