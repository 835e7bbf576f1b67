/// A unit's symbol and its names.
struct UnitName: Sendable {
    let symbol: [CodePoint]
    let singular: String, plural: String
    let chinese: String, japanese: String, korean: String
    /// Whether it is a unit only where it follows the number without a space: a letter alone may be a word.
    let isGluedOnly: Bool

    init(
        _ symbol: String, _ singular: String, _ plural: String, _ chinese: String, _ japanese: String,
        _ korean: String, glued: Bool = false
    ) {
        self.symbol = Array(symbol)
        (self.singular, self.plural, isGluedOnly) = (singular, plural, glued)
        (self.chinese, self.japanese, self.korean) = (chinese, japanese, korean)
    }

    /// Units by the first code point of their symbols, the longest first.
    static let byFirst: [CodePoint: [UnitName]] = Dictionary(grouping: all) { $0.symbol[0] }.mapValues {
        $0.sorted { $0.symbol.count > $1.symbol.count }
    }

    private static let all: [UnitName] = [
        UnitName("km/h", "kilometer per hour", "kilometers per hour", "千米每小时", "キロメートル毎時", "킬로미터 매 시"),
        UnitName("m/s", "meter per second", "meters per second", "米每秒", "メートル毎秒", "미터 매 초"),
        UnitName("km²", "square kilometer", "square kilometers", "平方千米", "平方キロメートル", "제곱킬로미터"),
        UnitName("m²", "square meter", "square meters", "平方米", "平方メートル", "제곱미터"),
        UnitName("cm²", "square centimeter", "square centimeters", "平方厘米", "平方センチメートル", "제곱센티미터"),
        UnitName("mm²", "square millimeter", "square millimeters", "平方毫米", "平方ミリメートル", "제곱밀리미터"),
        UnitName("m³", "cubic meter", "cubic meters", "立方米", "立方メートル", "세제곱미터"),
        UnitName("cm³", "cubic centimeter", "cubic centimeters", "立方厘米", "立方センチメートル", "세제곱센티미터"),
        UnitName("㎡", "square meter", "square meters", "平方米", "平方メートル", "제곱미터"),
        UnitName("㎢", "square kilometer", "square kilometers", "平方千米", "平方キロメートル", "제곱킬로미터"),
        UnitName("㎥", "cubic meter", "cubic meters", "立方米", "立方メートル", "세제곱미터"),
        UnitName("km", "kilometer", "kilometers", "千米", "キロメートル", "킬로미터"),
        UnitName("㎞", "kilometer", "kilometers", "千米", "キロメートル", "킬로미터"),
        UnitName("cm", "centimeter", "centimeters", "厘米", "センチメートル", "센티미터"),
        UnitName("㎝", "centimeter", "centimeters", "厘米", "センチメートル", "센티미터"),
        UnitName("mm", "millimeter", "millimeters", "毫米", "ミリメートル", "밀리미터"),
        UnitName("㎜", "millimeter", "millimeters", "毫米", "ミリメートル", "밀리미터"),
        UnitName("μm", "micrometer", "micrometers", "微米", "マイクロメートル", "마이크로미터"),
        UnitName("µm", "micrometer", "micrometers", "微米", "マイクロメートル", "마이크로미터"),
        UnitName("nm", "nanometer", "nanometers", "纳米", "ナノメートル", "나노미터"),
        UnitName("kg", "kilogram", "kilograms", "千克", "キログラム", "킬로그램"),
        UnitName("㎏", "kilogram", "kilograms", "千克", "キログラム", "킬로그램"),
        UnitName("mg", "milligram", "milligrams", "毫克", "ミリグラム", "밀리그램"),
        UnitName("㎎", "milligram", "milligrams", "毫克", "ミリグラム", "밀리그램"),
        UnitName("μg", "microgram", "micrograms", "微克", "マイクログラム", "마이크로그램"),
        UnitName("µg", "microgram", "micrograms", "微克", "マイクログラム", "마이크로그램"),
        UnitName("ml", "milliliter", "milliliters", "毫升", "ミリリットル", "밀리리터"),
        UnitName("mL", "milliliter", "milliliters", "毫升", "ミリリットル", "밀리리터"),
        UnitName("㎖", "milliliter", "milliliters", "毫升", "ミリリットル", "밀리리터"),
        UnitName("㏄", "milliliter", "milliliters", "毫升", "シーシー", "시시"),
        UnitName("°C", "degree Celsius", "degrees Celsius", "摄氏度", "度", "도"),
        UnitName("℃", "degree Celsius", "degrees Celsius", "摄氏度", "度", "도"),
        UnitName("°F", "degree Fahrenheit", "degrees Fahrenheit", "华氏度", "度", "화씨 도"),
        UnitName("℉", "degree Fahrenheit", "degrees Fahrenheit", "华氏度", "度", "화씨 도"),
        UnitName("°", "degree", "degrees", "度", "度", "도"),
        UnitName("kWh", "kilowatt hour", "kilowatt hours", "千瓦时", "キロワット時", "킬로와트시"),
        UnitName("kW", "kilowatt", "kilowatts", "千瓦", "キロワット", "킬로와트"),
        UnitName("MHz", "megahertz", "megahertz", "兆赫", "メガヘルツ", "메가헤르츠"),
        UnitName("GHz", "gigahertz", "gigahertz", "吉赫", "ギガヘルツ", "기가헤르츠"),
        UnitName("kHz", "kilohertz", "kilohertz", "千赫", "キロヘルツ", "킬로헤르츠"),
        UnitName("Hz", "hertz", "hertz", "赫兹", "ヘルツ", "헤르츠"),
        UnitName("Mbit/s", "megabit per second", "megabits per second", "兆比特每秒", "メガビット毎秒", "메가비트 매 초"),
        UnitName("Gbit/s", "gigabit per second", "gigabits per second", "吉比特每秒", "ギガビット毎秒", "기가비트 매 초"),
        UnitName("dB", "decibel", "decibels", "分贝", "デシベル", "데시벨"),
        UnitName("mph", "mile per hour", "miles per hour", "英里每小时", "マイル毎時", "마일 매 시"),
        UnitName("lb", "pound", "pounds", "磅", "ポンド", "파운드"),
        UnitName("ms", "millisecond", "milliseconds", "毫秒", "ミリ秒", "밀리초"),
        UnitName("g", "gram", "grams", "克", "グラム", "그램", glued: true),
        UnitName("m", "meter", "meters", "米", "メートル", "미터", glued: true),
        UnitName("L", "liter", "liters", "升", "リットル", "리터", glued: true),
    ]
}

extension TextRepair {
    /// Units behind numbers: 10kg → 10 kilograms, 20㎡ → 20平方米.
    static func units(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard line.contains(where: Letters.isDigit) else { return line }
        return line.rewriting { line, index in
            guard let candidates = UnitName.byFirst[line[index]] else { return nil }
            let before = line.at(index - 1)
            let isGlued = Letters.isDigit(before)
            let digit = isGlued ? index - 1 : before == 0x20 ? index - 2 : -1
            guard Letters.isDigit(line.at(digit)) else { return nil }
            guard
                let unit = candidates.first(where: { unit in
                    let end = index + unit.symbol.count
                    return line.has(unit.symbol, at: index) && (isGlued || !unit.isGluedOnly)
                        && !isUnitPart(line.at(end), after: unit)
                })
            else { return nil }
            // $3m is an amount, and so is £5k.
            var start = digit
            while start > 0,
                Letters.isDigit(line[start - 1]) || line[start - 1] == 0x2E || line[start - 1] == 0x2C
            { start -= 1 }
            guard !moneySigns.contains(line.at(start - 1)), !Letters.isLatin(line.at(start - 1))
            else { return nil }
            let end = index + unit.symbol.count
            let number = Array(line[start...digit])
            let name = reader.name(
                number == [0x31] ? unit.singular : unit.plural, unit.chinese, unit.japanese, unit.korean)
            // The space before the unit is part of the text that stays.
            let separator: [CodePoint] = isGlued && !reader.isUnspaced && reader != .korean ? [0x20] : []
            return (end, separator + name + (Letters.isLatin(line.at(end)) ? [0x20] : []))
        }
    }

    private static let moneySigns = CodePointSet("$€£¥￥₩")

    /// Whether a code point belongs to a unit's symbol: letters and powers do, digits behind letters.
    private static func isUnitPart(_ point: CodePoint, after unit: UnitName) -> Bool {
        Letters.isASCIILetter(point) || point == 0xB2 || point == 0xB3 || point == 0x2F
            || Letters.isDigit(point) && unit.symbol.last.map(Letters.isASCIILetter) == true
    }
}
