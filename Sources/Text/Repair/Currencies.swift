extension TextRepair {
    /// Amounts whose sign the front end drops: €15, 5€, ¥100, and in Chinese, Japanese and Korean every sign. English dollars and pounds
    /// are the front end's own.
    static func currencies(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard line.contains(where: { Currency.bySign[$0] != nil }) else { return line }
        return line.rewriting { line, index in
            if let currency = Currency.bySign[line[index]] {
                let start = line.end(from: index + 1, limit: 1) { $0 == 0x20 }
                guard Letters.isDigit(line.at(start)), !Letters.isLatin(line.at(index - 1)) else {
                    return nil
                }
                if reader == .english, currency.isEnglish { return nil }
                let (end, amount) = amount(line, start)
                return (end, named(amount, currency, reader))
            }
            guard Letters.isDigit(line[index]),
                index == 0 || !Letters.isDigit(line[index - 1]) && line[index - 1] != 0x2E,
                Currency.bySign[line.at(index - 1)] == nil
            else { return nil }
            let (end, amount) = amount(line, index)
            let sign = line.end(from: end, limit: 1) { $0 == 0x20 }
            guard let currency = Currency.bySign[line.at(sign)], !Letters.isDigit(line.at(sign + 1)) else {
                return nil
            }
            return (sign + 1, named(amount, currency, reader))
        }
    }

    /// A number with groups, decimals, and a magnitude: 1,000.50, 3m, 2.5亿.
    private static func amount(_ line: [CodePoint], _ start: Int) -> (end: Int, [CodePoint]) {
        var end = line.end(from: start) { Letters.isDigit($0) || $0 == 0x2E || $0 == 0x2C }
        while end > start, !Letters.isDigit(line[end - 1]) { end -= 1 }
        var amount = Array(line[start..<end])
        let next = line.at(end)
        if next == 0x4E07 || next == 0x4EBF || next == 0x5343 || next == 0x767E {
            amount.append(next)
            end += 1
        } else if let magnitude = magnitudes[next | 0x20], !Letters.isLatin(line.at(end + 1)) {
            amount += magnitude
            end += 1
        }
        return (end, amount)
    }

    private static let magnitudes: [CodePoint: [CodePoint]] = [
        0x6B: Array(" thousand"), 0x6D: Array(" million"), 0x62: Array(" billion"),
    ]

    private static func named(_ amount: [CodePoint], _ currency: Currency, _ reader: RepairReader)
        -> [CodePoint]
    {
        amount
            + reader.name(
                " " + (amount == [0x31] ? currency.singular : currency.plural), currency.chinese,
                currency.japanese,
                currency.korean)
    }
}

/// A currency's names.
struct Currency: Sendable {
    let singular: String, plural: String, chinese: String, japanese: String, korean: String
    /// Whether the English front end reads its sign.
    let isEnglish: Bool

    static let bySign: [CodePoint: Currency] = {
        let yen = Currency(
            singular: "yen", plural: "yen", chinese: "元", japanese: "円", korean: "엔", isEnglish: false)
        let dollar = Currency(
            singular: "dollar", plural: "dollars", chinese: "美元", japanese: "ドル", korean: "달러",
            isEnglish: true)
        let pound = Currency(
            singular: "pound", plural: "pounds", chinese: "英镑", japanese: "ポンド", korean: "파운드",
            isEnglish: true)
        return [
            0x24: dollar, 0xFF04: dollar, 0xA3: pound, 0xFFE1: pound, 0xA5: yen, 0xFFE5: yen,
            0x20AC: Currency(
                singular: "euro", plural: "euros", chinese: "欧元", japanese: "ユーロ", korean: "유로",
                isEnglish: false),
            0x20A9: Currency(
                singular: "won", plural: "won", chinese: "韩元", japanese: "ウォン", korean: "원", isEnglish: false),
            0x20B9: Currency(
                singular: "rupee", plural: "rupees", chinese: "卢比", japanese: "ルピー", korean: "루피",
                isEnglish: false),
            0x20BD: Currency(
                singular: "ruble", plural: "rubles", chinese: "卢布", japanese: "ルーブル", korean: "루블",
                isEnglish: false),
        ]
    }()
}
