/// Converts Arabic numerals to words (upstream's `convert_num`).
enum KoreanNumerals {
    /// Annotation after a counting noun, inserted by `KoreanAnnotation`.
    static let counterMark: [CodePoint] = [0x2F, 0x42]  // /B

    /// Numbers before a counting noun as one number; digits elsewhere one by one.
    ///
    /// - Throws: `TextError.numberTooLong` beyond 16 digits before a counting noun.
    static func verbalized(_ text: [CodePoint]) throws(TextError) -> [CodePoint] {
        guard text.contains(where: PythonUnicode.isDecimal) else { return text }
        var result: [CodePoint] = []
        result.reserveCapacity(text.count * 2)
        var index = 0
        while index < text.count {
            guard PythonUnicode.isDecimal(text[index]) else {
                result.append(text[index])
                index += 1
                continue
            }
            // Upstream replaces "1개" everywhere, also inside "11개", in an order that varies from run to run.
            // Converting each number as a whole equals replacing the longest number first.
            var numberEnd = index + 1
            while numberEnd < text.count, isNumberPart(text[numberEnd]) { numberEnd += 1 }
            var nounEnd = numberEnd
            while nounEnd < text.count, hangul.contains(text[nounEnd]) { nounEnd += 1 }
            let number = text[index..<numberEnd].filter { $0 != comma }
            if nounEnd > numberEnd, text.has(counterMark, at: nounEnd) {
                result += try reading(number, native: isNativeCounter(text[numberEnd..<nounEnd]))
                result += text[numberEnd..<nounEnd]
                index = nounEnd
            } else {
                for point in text[index..<numberEnd] { result.append(digitName(point) ?? point) }
                index = numberEnd
            }
        }
        return result
    }

    private static let comma: CodePoint = 0x2C
    /// Upstream's `[ㄱ-힣]`: jamo, everything between, and syllables.
    private static let hangul: ClosedRange<CodePoint> = 0x3131...0xD7A3

    private static func isNumberPart(_ point: CodePoint) -> Bool {
        point == comma || PythonUnicode.isDecimal(point)
    }

    private static func digitName(_ point: CodePoint) -> CodePoint? {
        guard point >= 0x30, point <= 0x39 else { return nil }
        return [CodePoint]("영일이삼사오육칠팔구")[Int(point - 0x30)]
    }

    // MARK: Counting nouns

    private static let nativeCounters = [CodePoint](
        "군데 권 개 그루 닢 대 두 마리 모 모금 뭇 발 발짝 방 번 벌 보루 살 수 술 시 쌈 움큼 정 짝 채 척 첩 축 켤레 톨 통")

    /// True if a noun is counted with native numerals: any part of the list's text counts, also 데 and 금.
    private static func isNativeCounter(_ noun: ArraySlice<CodePoint>) -> Bool {
        let noun = Array(noun)
        return nativeCounters.indices.contains { nativeCounters.has(noun, at: $0) }
    }

    // MARK: One number

    private static let sinoDigits = ["", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"].map { [CodePoint]($0) }
    private static let nativeOnes = ["", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉"]
        .map { [CodePoint]($0) }
    private static let nativeTens = ["", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"]
        .map { [CodePoint]($0) }
    private static let units = [
        "", "십", "백", "천", "만", "십", "백", "천", "억", "십", "백", "천", "조", "십", "백", "천",
    ]
    .map { [CodePoint]($0) }
    /// Up to this decimal place 십 is used for 일십, and so on; from 억 on the 일 is kept.
    private static let lastPlaceWithoutOne = 7

    /// The reading of a number.
    /// - Parameters:
    ///   - digits: its digits, those of other scripts too, which have no names.
    ///   - native: the last two decimal places use native numerals.
    static func reading(_ digits: [CodePoint], native: Bool) throws(TextError) -> [CodePoint] {
        if digits == [0x30] { return [CodePoint]("영") }
        if native, digits == [0x32, 0x30] { return [CodePoint]("스무") }
        var spoken: [[CodePoint]] = []
        for (index, digit) in digits.enumerated() {
            let place = digits.count - index - 1
            if digit == 0x30 {
                // A zero has a word only where it carries 만, 억 or 조 for the three places before it.
                guard place % 4 == 0, !spoken.suffix(3).allSatisfy(\.isEmpty) else {
                    spoken.append([])
                    continue
                }
            }
            guard place < units.count else { throw .numberTooLong(digits: digits.count) }
            let value = digit >= 0x30 && digit <= 0x39 ? Int(digit - 0x30) : 0
            switch place {
            case 0: spoken.append(native ? nativeOnes[value] : sinoDigits[value])
            case 1 where native: spoken.append(nativeTens[value])
            case 1...lastPlaceWithoutOne: spoken.append((value == 1 ? [] : sinoDigits[value]) + units[place])
            default: spoken.append(sinoDigits[value] + units[place])
            }
        }
        return Array(spoken.joined())
    }
}
