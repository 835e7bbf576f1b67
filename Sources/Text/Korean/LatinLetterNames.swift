/// Latin letters by their Hangul names, letter by letter.
enum LatinLetterNames {
    private static let names: [[CodePoint]] = [
        "에이", "비", "시", "디", "이", "에프", "지", "에이치", "아이", "제이", "케이", "엘", "엠", "엔", "오", "피", "큐", "아르",
        "에스", "티", "유", "브이", "더블유", "엑스", "와이", "제트",
    ].map { [CodePoint]($0) }

    /// The text with every letter of either case spelled out.
    static func spelledOut(_ text: [CodePoint]) -> [CodePoint] {
        guard text.contains(where: { letter($0) != nil }) else { return text }
        var result: [CodePoint] = []
        result.reserveCapacity(text.count * 2)
        for point in text {
            if let letter = letter(point) { result += names[letter] } else { result.append(point) }
        }
        return result
    }

    /// Number of a letter, also of those that Python's case-insensitive matching takes for one.
    private static func letter(_ point: CodePoint) -> Int? {
        switch point {
        case 0x41...0x5A: Int(point - 0x41)
        case 0x61...0x7A: Int(point - 0x61)
        case 0x130, 0x131: 8  // İ, ı
        case 0x17F: 18  // ſ
        case 0x212A: 10  // the Kelvin sign
        default: nil
        }
    }
}
