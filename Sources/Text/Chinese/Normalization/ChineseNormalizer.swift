/// Turns written Chinese into pronounceable characters: U+4E00…U+9FA5 and the punctuation `!?…,.-`, nothing else.
///
/// A faithful port of upstream's normaliser (PaddleSpeech's, changed), inconsistencies included: what a model was
/// trained on is the input it needs. See this folder's README for the odd cases kept.
package struct ChineseNormalizer: Sendable {
    private let lexicon: ChineseLexicon

    package init(_ lexicon: ChineseLexicon) {
        self.lexicon = lexicon
    }

    private static let removedFirst = CodePointSet("—《》【】<>{}()（）#&@“”^_|\\ ")
    private static let removedLast = CodePointSet("-—《》【】<=>{}()（）#&@“”^_|\\")
    private static let sentenceEnds = CodePointSet("：、，；。？！,;?!")
    private static let closingQuote: CodePoint = 0x2019  // ’
    private static let newline: CodePoint = 0x0A

    /// The normalised text; empty if nothing readable is left.
    package func normalize(_ text: [CodePoint]) throws(TextError) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        for piece in try verbalizedPieces(text) { appendMappingPunctuation(piece, to: &result) }
        return ChineseNormalizer.collapsingPunctuation(result)
    }

    /// The pieces of a text in simplified characters, numbers and symbols as words, punctuation unchanged. Cantonese
    /// continues from here.
    package func verbalizedPieces(_ text: [CodePoint]) throws(TextError) -> [[CodePoint]] {
        var pieces = pieces(text)
        for index in pieces.indices { try verbalize(&pieces[index]) }
        return pieces
    }

    /// Without brackets and spaces, and split after each punctuation mark that ends a clause.
    private func pieces(_ text: [CodePoint]) -> [[CodePoint]] {
        var lines: [[CodePoint]] = []
        var current: [CodePoint] = []
        func flush() {
            let line = Array(current[...].stripped)
            if !line.isEmpty { lines.append(line) }
            current.removeAll(keepingCapacity: true)
        }
        var endsClause = false
        for point in text where !Self.removedFirst.contains(point) {
            if endsClause {
                endsClause = false
                if point == Self.closingQuote {
                    current.append(point)
                    flush()
                    continue
                }
                flush()
            }
            if point == Self.newline {
                flush()
            } else {
                current.append(point)
                endsClause = Self.sentenceEnds.contains(point)
            }
        }
        flush()
        return lines
    }

    // MARK: One piece

    private func verbalize(_ text: inout [CodePoint]) throws(TextError) {
        var needsRules = false
        for index in text.indices {
            let point = text[index]
            let simple = lexicon.simplified[point]
            if simple != PackFormat.none { text[index] = simple }
            switch text[index] {
            case 0xFF21...0xFF3A, 0xFF41...0xFF5A, 0xFF10...0xFF19: text[index] -= 65248
            default: break
            }
            needsRules = needsRules || !Self.isInert(text[index])
        }
        guard needsRules else { return }
        try numbers(&text)
        replaceRest(&text)
    }

    /// Characters no rule looks at unless another kind is there too: ideographs and everyday punctuation.
    private static func isInert(_ point: CodePoint) -> Bool {
        (point >= 0x4E00 && point <= 0x9FFF) || inertPunctuation.contains(point)
    }
    private static let inertPunctuation = CodePointSet("，。？！、：；,.?!;'‘’「」…·")

    private func numbers(_ text: inout [CodePoint]) throws(TextError) {
        let hasDigits = text.contains(where: PythonUnicode.isDecimal)
        if hasDigits {
            try rewrite(&text, DateTimeRules.date)
            try rewrite(&text, DateTimeRules.numericDate)
            if text.contains(Scan.colon) {
                try rewrite(&text, DateTimeRules.timeRange)
                try rewrite(&text, DateTimeRules.time)
            }
            MeasureRules.range(&text)
            try rewrite(&text, MeasureRules.temperature)
        }
        MeasureRules.units(&text)
        try ArithmeticRules.operations(&text)
        try rewrite(&text, ArithmeticRules.power)
        guard text.contains(where: PythonUnicode.isDecimal) else { return }
        try rewrite(&text, ArithmeticRules.fraction)
        try rewrite(&text, ArithmeticRules.percentage)
        try rewrite(&text, TelephoneRules.mobile)
        try rewrite(&text, TelephoneRules.landLine)
        try rewrite(&text, TelephoneRules.nationwide)
        try rewrite(&text, ArithmeticRules.range)
        try rewrite(&text, ArithmeticRules.negativeInteger)
        try rewrite(&text, ArithmeticRules.version)
        try rewrite(&text, ArithmeticRules.decimal)
        try rewrite(&text, ArithmeticRules.quantified)
        try rewrite(&text, ArithmeticRules.digitString)
        try rewrite(&text, ArithmeticRules.number)
    }

    /// Signs that have a name, and a last round of removals.
    private func replaceRest(_ text: inout [CodePoint]) {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        for point in text {
            if let name = Self.names[point] {
                result += name
            } else if !Self.removedLast.contains(point) {
                result.append(point)
            }
        }
        text = result
    }

    private static let names: [CodePoint: [CodePoint]] = {
        var table: [CodePoint: [CodePoint]] = [:]
        func add(_ signs: String, _ name: String) {
            for scalar in signs.unicodeScalars { table[scalar.value] = [CodePoint](name) }
        }
        for (sign, digit) in zip("①②③④⑤⑥⑦⑧⑨⑩".unicodeScalars, "一二三四五六七八九十") {
            table[sign.value] = [CodePoint](String(digit))
        }
        let signs = [
            ("/", "每"), ("α", "阿尔法"), ("β", "贝塔"), ("γΓ", "伽玛"), ("δΔ", "德尔塔"), ("ε", "艾普西龙"), ("ζ", "捷塔"),
            ("η", "依塔"), ("θΘ", "西塔"), ("ι", "艾欧塔"), ("κ", "喀帕"), ("λΛ", "拉姆达"), ("μ", "缪"), ("ν", "拗"),
            ("ξΞ", "克西"), ("ο", "欧米克伦"), ("πΠ", "派"), ("ρ", "肉"), ("ςΣσ", "西格玛"), ("τ", "套"), ("υ", "宇普西龙"),
            ("φΦ", "服艾"), ("χ", "器"), ("ψΨ", "普赛"), ("ωΩ", "欧米伽"), ("+", "加"), ("-", "减"), ("×", "乘"),
            ("÷", "除"), ("=", "等"),
        ]
        for (sign, name) in signs { add(sign, name) }
        return table
    }()

    // MARK: Punctuation

    /// Maps punctuation to the six marks that are phonemes; drops every other character outside U+4E00…U+9FA5.
    private func appendMappingPunctuation(_ text: [CodePoint], to result: inout [CodePoint]) {
        var index = 0
        while index < text.count {
            let point = text[index]
            switch point {
            case 0x4E00...0x9FA5:
                // 嗯 → 恩, 呣 → 母
                result.append(point == 0x55EF ? 0x6069 : point == 0x5463 ? 0x6BCD : point)
            case 0x2E where text.has([0x2E, 0x2E, 0x2E], at: index):
                result.append(0x2026)
                index += 2
            case 0xFF1A, 0xFF1B, 0xFF0C, 0xB7, 0x3001, 0x2F: result.append(0x2C)  // ：；，·、/
            case 0x3002, 0x24: result.append(0x2E)  // 。$
            case 0xFF01: result.append(0x21)
            case 0xFF1F: result.append(0x3F)
            case 0x2014: result.append(0x2D)
            case 0x7E, 0xFF5E: result.append(0x2026)
            default: if ChinesePunctuation.contains(point) { result.append(point) }
            }
            index += 1
        }
    }

    /// Of a run of two or more of the six punctuation marks only the first is kept.
    package static func collapsingPunctuation(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        var afterPunctuation = false
        for point in text {
            let isPunctuation = ChinesePunctuation.contains(point)
            if !(isPunctuation && afterPunctuation) { result.append(point) }
            afterPunctuation = isPunctuation
        }
        return result
    }
}
