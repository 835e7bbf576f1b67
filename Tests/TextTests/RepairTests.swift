import Foundation
import Testing

@testable import Text

/// What is written out before upstream's front end reads it.
@Suite struct RepairTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let language: LanguageCode
        let text: String, repaired: String

        init(_ language: LanguageCode, _ text: String, _ repaired: String) {
            (self.language, self.text, self.repaired) = (language, text, repaired)
        }

        var testDescription: String { "\(language): \(text)" }
    }

    private static func check(_ example: Example, sourceLocation: SourceLocation = #_sourceLocation) {
        let repaired = TextRepair(language: example.language)(example.text)
        #expect(repaired == example.repaired, sourceLocation: sourceLocation)
        // A text that was repaired stays as it is.
        #expect(TextRepair(language: example.language)(repaired) == repaired, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        Example(
            .en, "I’ll go; we’re late, she´d say it＇s rock ’n’ roll.",
            "I'll go; we're late, she'd say it's rock 'n’ roll."),
        Example(.auto, "Iʼll say ‘yes’.", "I'll say ‘yes’."),
        Example(.zh, "他说‘你好’，I’m fine。", "他说‘你好’，I'm fine。"),
        Example(
            .en, "caf\u{E9} nai\u{308}ve r\u{E9}sum\u{E9} \u{DC}ber \u{C6}on stra\u{DF}e",
            "cafe naive resume Uber AEon strasse"),
        Example(.auto, "Ciao, città è più", "Ciao, citta e piu"),
        Example(.en, "ｆｕｌｌ ｗｉｄｔｈ １２３ ﬁne 𝐁𝐨𝐥𝐝 ①", "full width 123 fine Bold 1"),
        Example(.ja, "ﾃﾚﾋﾞを見る", "テレビを見る"), Example(.zh, "\u{F9DC}\u{4EBA}", "隆人"),
        Example(.en, "soft\u{AD}hyphen zero\u{200B}width \u{FEFF}mark", "softhyphen zerowidth mark"),
    ])
    func formsOfCharacters(_ example: Example) { Self.check(example) }

    @Test(arguments: [
        Example(.en, "😀Mr. Smith 👍🏽", "Mr. Smith "),
        Example(.en, "see😀www.site.example now", "see www dot site dot example now"),
        Example(.zh, "太好了😀Dr. Wang", "太好了 Dr. Wang"), Example(.en, "family 👨‍👩‍👧 time ❤️", "family  time "),
    ])
    func emoji(_ example: Example) { Self.check(example) }

    @Test(arguments: [
        Example(.en, "one\u{A0}two\u{3000}three\tfour", "one two three four"),
        Example(.en, "5\u{202F}000 km and 12\u{A0}345\u{A0}678", "5000 kilometers and 12345678"),
        Example(.ja, "今日は\u{3000}いい天気", "今日はいい天気"),
        Example(.en, "one\ntwo", "one.\n two"), Example(.zh, "你好\r\n世界", "你好。\n世界"),
        Example(.en, "Under the old bridge,\nthe river runs.", "Under the old bridge,\n the river runs."),
        Example(.en, "Hello\\nworld", "Hello.\n world"), Example(.zh, "你好\\r\\n世界", "你好。\n世界"),
        Example(.en, "C:\\new\\notes", "C:\\new\\notes"),
        Example(
            .en, "a line that is long enough to have been wrapped\nby a program that counts",
            "a line that is long enough to have been wrapped by a program that counts"),
        Example(.en, "one\u{2028}two\u{B}three", "one.\n two.\n three"),
    ])
    func spacesAndLines(_ example: Example) { Self.check(example) }

    @Test(arguments: [
        Example(.en, "### Heading\nText", "Heading.\n Text"),
        Example(.en, "The *waves* are **high** and __wide__.", "The waves are high and wide."),
        Example(.en, "- item one\n- item two", "item one.\n item two"), Example(.zh, "* 苹果\n* 梨", "苹果。\n梨"),
        Example(.en, "See [the docs](https://a.bc?d=e) now", "See the docs now"),
        Example(.en, "before\n---\nafter", "before.\n after"),
        Example(.en, "`code` and ```\nlet x\n```", "code and.\n let x"),
        Example(.en, "| a | b |\n|---|---|\n| 1 | 2 |", "a, b.\n 1, 2"), Example(.zh, "| 名称 | 价格 |", "名称，价格"),
        Example(.en, "<think>hm</think>Yes &amp; no &#39;x&#39;", "hmYes and no 'x'"),
        Example(.en, "2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake case name"),
        Example(.en, "a < b and b > c", "a < b and b > c"), Example(.zh, "我喜欢**这个**东西", "我喜欢这个东西"),
    ])
    func markup(_ example: Example) { Self.check(example) }

    @Test(arguments: [
        Example(.zh, "C++、C#", "C plus plus, C sharp"),
        Example(.en, "unique_ptr in C++.", "unique ptr in C plus plus."),
        Example(
            .en, "Write to a.b@c.org, or https://x.org/y?z=1.",
            "Write to a dot b at c dot org, or x dot org slash y."),
        Example(.en, "#hashtag and @name", "hashtag and name"),
        Example(.en, "grade A+ and 3+4", "grade A+ and 3 plus 4"),
    ])
    func identifiers(_ example: Example) { Self.check(example) }

    @Test(arguments: [
        Example(.zh, "1995/3/1，见", "1995年3月1日，见"), Example(.zh, "2024.05.01发布", "2024年5月1日发布"),
        Example(.zh, "版本1.2.3", "版本1.2.3"),
        Example(.en, "on 1995/3/1", "on 1995/3/1"), Example(.en, "at 4:00 pm", "at 4 p m"),
        Example(.en, "from 9:05am to 4:30 p.m.", "from 9 oh 5 a m to 4 30 p m."),
        Example(.en, "at 4:30 p.m. we go", "at 4 30 p m we go"), Example(.en, "16:30", "16:30"),
        Example(.en, "I am 4 amps", "I am 4 amps"),
    ])
    func datesAndTimes(_ example: Example) { Self.check(example) }

    @Test(arguments: [
        Example(.en, "5–10 people", "5 to 10 people"),
        Example(.en, "10-12 people in 1990–1995", "10 to 12 people in 1990 to 1995"),
        Example(.zh, "10-12人", "10到12人"),
        Example(.zh, "3-202房间", "3杠202房间"), Example(.en, "5−3", "5 minus 3"), Example(.zh, "5−3", "5减3"),
        Example(.en, "call 555-1234 or 2024-05-01", "call 5 5 5, 1 2 3 4 or May 1st, 2024"),
        Example(.en, "GPT-4o", "GPT-4 o"), Example(.en, "A–B", "A to B"),
        Example(.en, "It is -5°C", "It is minus 5 degrees Celsius"), Example(.zh, "气温-5℃", "气温-5摄氏度"),
        Example(.en, "1234567890123456789012", "1 2 3 4, 5 6 7 8, 9 0 1 2, 3 4 5 6, 7 8 9 0, 1 2"),
        Example(.zh, "编号1234567890123456789012", "编号1234567890123456789012"),
        Example(.ja, "5〜10人", "5〜10人"), Example(.zh, "5～10人", "5~10人"),
    ])
    func numbers(_ example: Example) { Self.check(example) }

    @Test(arguments: [
        Example(.zh, "电缆型号为K-2×1.5mm²，长3m。", "电缆型号为K-2乘1.5平方毫米，长3米。"), Example(.zh, "2×3×4", "2乘3乘4"),
        Example(.allZh, "20㎡ 30㎞ 5℃ 50㎎", "20平方米 30千米 5摄氏度 50毫克"), Example(.zh, "10㏄ 5㎖", "10毫升 5毫升"),
        Example(
            .en, "3.14km, 5km/h, 10kg, 1 kg",
            "3.14 kilometers, 5 kilometers per hour, 10 kilograms, 1 kilogram"),
        Example(.en, "$3m and 20Mbit/s", "$3m and 20 megabits per second"),
        Example(.ja, "気温は5℃です。20㎡", "気温は5度です。20平方メートル"),
        Example(.ko, "20㎡ 방", "20제곱미터 방"),
        Example(.en, "2 × 3 ≈ 6, 1½ cups, x²", "2 times 3 about 6, 1 and a half cups, x squared"),
        Example(.zh, "½杯", "二分之一杯"), Example(.en, "a 5m wall", "a 5 meters wall"),
        Example(.en, "I am 5 m away", "I am 5 m away"),
    ])
    func unitsAndSigns(_ example: Example) { Self.check(example) }

    @Test(arguments: [
        Example(.en, "€15, 5€, ¥100, $5.99 and £20", "15 euros, 5 euros, 100 yen, $5.99 and £20"),
        Example(.zh, "￥100，$5，€20", "100元，5美元，20欧元"), Example(.zh, "票价为￥50一张。", "票价为50元一张。"),
        Example(.ja, "¥100です", "100円です"), Example(.zh, "$2.5亿", "2.5亿美元"),
        Example(
            .en, "Chapter IV of Henry VIII in World War II, but I did",
            "Chapter 4 of Henry the 8th in World War 2, but I did"),
        Example(
            .en, "main.py at 192.168.1.1, version 1.2.3",
            "main dot py at 192 dot 168 dot 1 dot 1, version 1 dot 2 dot 3"),
        Example(.en, "B2B, mp3, 2x, the 1990s, 21st, 5G", "B 2B, mp 3, 2 x, the 19 nineties, 21st, 5G"),
        Example(.en, "from 10:30-11:00, at 16:45:30", "from 10:30 to 11:00, at 16:45 and 30 seconds"),
        Example(.zh, "请拨打010-62511234。", "请拨打零幺零，六二五幺幺二三四。"), Example(.zh, "价格在100-200元", "价格在100到200元"),
        Example(.zh, "厚度约2mm~5mm。", "厚度约2毫米至5毫米。"), Example(.zh, "7/12的票，1/2的人", "7月12日的票，1/2的人"),
        Example(.en, "Hello — and left… really", "Hello, and left, really"),
        Example(.en, "Wait—what?", "Wait, what?"),
        Example(.zh, "用C++，Java和Go", "用C plus plus, Java和Go"),
        Example(.en, "2+2=4, 5>3, a=b, +5", "2 plus 2 equals 4, 5 is greater than 3, a equals b, plus 5"),
        Example(.zh, "3>2，5÷2，±5", "3大于2，5除以2，正负5"), Example(.ko, "10:30에 만나요", "10시 30분에 만나요"),
    ])
    func quantitiesAndNames(_ example: Example) { Self.check(example) }

    @Test(arguments: [
        Example(.en, "the '80s, 1800s and 2000s", "the 'eighties, 18 hundreds and 2 thousands"),
        Example(.en, "He is 6'2\" tall.", "He is 6 feet 2 inches tall."),
        Example(.en, "#1 in R&D at Smith & Jones", "number 1 in R and D at Smith and Jones"),
        Example(.zh, "衣服&鞋，R&D部门", "衣服和鞋，R and D部门"),
        Example(.en, "on 12/25/2023 or 25/12/2023", "on December 25th, 2023 or December 25th, 2023"),
        Example(.en, "1. one\n2. two", "1, one.\n 2, two"), Example(.zh, "1. 苹果\n2. 梨", "1，苹果。\n 2，梨"),
        Example(.zh, "周一-周五，1楼-3楼，3月1日-5日", "周一到周五，1楼到3楼，3月1日到5日"),
        Example(.zh, "以3-2获胜，比分是3:2", "以3比2获胜，比分是3比2"),
        Example(.zh, "面积8m²，高3m", "面积8平方米，高3米"),
    ])
    func furtherKinds(_ example: Example) { Self.check(example) }

    /// Texts of every language that upstream reads right stay as they are.
    @Test(arguments: [
        (LanguageCode.zh, "你好，世界！今天是2024年5月1日，气温25度，涨了3.5%。"), (.zh, "我用iPhone 15 Pro拍的，花了8999元。"),
        (.en, "Mr. Smith's well-known $3.50 co-op isn't open at 10 o'clock; it's 50% off; really?"),
        (.en, "Call me, item no. 7, page 12."),
        (.ja, "今日は10時に、東京タワーへ行きます。「すごい！」"), (.ko, "안녕하세요, 오늘은 5월 1일입니다."), (.yue, "我哋今日去飲茶啦，好唔好呀？"),
    ])
    func plainTextIsUnchanged(_ language: LanguageCode, _ text: String) {
        #expect(TextRepair(language: language)(text) == text)
    }

    @Test(arguments: [
        (LanguageCode.en, "The old lighthouse stood alone on the cliff, its paint peeling in the salt wind."),
        (.en, "She said: yes; no!"),
        (.en, "It's $5.50, or £3."), (.en, "Chapter 12 of 30."), (.en, "May 1st, 2024"),
        (.en, "well-known two-thirds"), (.en, "10% of 1,234,567"),
        (.en, "7:30"), (.en, "Mr. Smith and Dr. Wang"), (.en, "'quoted' dogs'"), (.en, "-5 degrees"),
        (.zh, "2024年5月1日，10%的人"),
        (.zh, "5~10人"), (.zh, "8:00-9:00"), (.zh, "他说：“好”。"), (.zh, "我用iPhone 15拍的"),
        (.zh, "13800138000"), (.zh, "1/2的人"),
        (.zh, "你好……再见——好"), (.ja, "今日は5月1日です。"), (.ja, "「はい」と言った。"),
    ])
    func furtherPlainText(_ language: LanguageCode, _ text: String) {
        #expect(TextRepair(language: language)(text) == text)
    }

    /// Recorded texts of letters and of the punctuation that the front end reads.
    @Test(arguments: [
        ("english.jsonl", 90), ("english_homographs.jsonl", 120), ("japanese.jsonl", 120),
        ("korean.jsonl", 120), ("cantonese.jsonl", 50),
        ("phones.jsonl", 120),
    ])
    func recordedPlainTextIsUnchanged(file: String, atLeast: Int) throws {
        let marks = CodePointSet(" ,.?!';:\"，。？！、；：“”「」（）()《》")
        var count = 0
        for record in try Support.records(file) {
            guard let text = record["text"] as? String,
                let language = (record["lang"] as? String).flatMap(LanguageCode.init)
            else { continue }
            let points = [CodePoint](text)
            let isPlain = points.allSatisfy {
                Letters.isASCIILetter($0) || Letters.isCJK($0) || marks.contains($0)
            }
            let isMixed = language == .en && points.contains { $0 > 0x7F }
            let hasVariants =
                points.contains { $0 >= 0xFF66 && $0 <= 0xFF9F }
                || points.contains(where: Letters.isASCIILetter) && points.contains { $0 >= 0xFF00 }
            guard isPlain, !isMixed, !hasVariants, !text.contains(".com") else { continue }
            count += 1
            #expect(TextRepair(language: language)(text) == text)
        }
        #expect(count >= atLeast, "\(count) plain texts")
    }

    @Test func chineseWithoutKanaIsChinese() {
        #expect(TextRepair.language(.auto, of: "君不见，黄河之水天上来") == .zh)
        #expect(TextRepair.language(.auto, of: "今日は晴れ") == .auto)
        #expect(TextRepair.language(.auto, of: "한국 漢字") == .auto)
        #expect(TextRepair.language(.auto, of: "Hello") == .auto)
        #expect(TextRepair.language(.autoYue, of: "你好") == .yue)
        #expect(TextRepair.language(.ja, of: "東京") == .ja)
    }

    /// 100 KB of what makes a rule look far ahead, in time that grows with the length.
    @Test(arguments: [
        "*", "_", "*a", "_a ", "[a](", "[", "<a", "&", "&#", "1-", "1", "1 ", "-1", "a@", "http://a/", "\\n",
        "\\", "\n", "| ", "`", "～1", "5km", "×1", "４", "é", "😀",
    ])
    func hostileTexts(_ part: String) {
        let text = String(repeating: part, count: 100_000 / part.utf8.count)
        for language in [LanguageCode.en, .zh, .auto] {
            let clock = ContinuousClock()
            let time = clock.measure { _ = TextRepair(language: language)(text) }
            #expect(time < .seconds(2), "\(part): \(time)")
        }
    }
}
