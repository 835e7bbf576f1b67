extension TextRepair {
    /// Markdown, tags and HTML entities: the words without the marks. Items of lists are lines of their own, cells of tables are
    /// separated by commas.
    static func markup(_ text: [CodePoint]) -> [CodePoint] {
        guard text.contains(where: { marks.contains($0) }) else { return text }
        var text = entities(text)
        text = blocks(text)
        return text.rewriting { text, index in
            switch text[index] {
            case 0x3C: tag(text, index)  // <
            case 0x5B: link(text, index)  // [
            case 0x21 where text.at(index + 1) == 0x5B: link(text, index + 1)  // ![
            case 0x2A, 0x5F, 0x7E: emphasis(text, index)  // * _ ~
            case 0x60: (index + 1, [])
            default: nil
            }
        }
    }

    private static let marks = CodePointSet("#*_~`[]<>&|-+•◦▪·‣\n")
    private static let bullets = CodePointSet("-*+•◦▪‣·")

    // MARK: Lines

    /// Headings, items, quotations, rules, fences and tables.
    private static func blocks(_ text: [CodePoint]) -> [CodePoint] {
        let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
        var result: [CodePoint] = []
        for (number, line) in lines.enumerated() {
            guard let block = block(Array(line), isSingle: lines.count == 1) else { continue }
            if number > 0, !result.isEmpty { result.append(0x0A) }
            result += block
        }
        return result
    }

    /// A line without its mark; nil for one that is a mark.
    private static func block(_ line: [CodePoint], isSingle: Bool) -> [CodePoint]? {
        var start = line.end(from: 0) { $0 == 0x20 }
        while line.at(start) == 0x3E, line.at(start + 1) == 0x20 || line.at(start + 1) == 0x3E {
            start = line.end(from: start + 1) { $0 == 0x20 }
        }
        let first = line.at(start)
        if line.has([0x60, 0x60, 0x60], at: start) || line.has([0x7E, 0x7E, 0x7E], at: start) { return nil }
        if isRule(line, start) { return isSingle ? [] : nil }
        if first == 0x23 {
            let end = line.end(from: start, limit: 7) { $0 == 0x23 }
            if end - start <= 6, line.at(end) == 0x20 {
                var rest = Array(line[(end + 1)...])
                while let last = rest.last, last == 0x23 || last == 0x20 { rest.removeLast() }
                return rest
            }
        }
        if bullets.contains(first), line.at(start + 1) == 0x20 {
            // [ ] and [x] of task lists.
            let text = start + 2
            if line.at(text) == 0x5B, line.at(text + 2) == 0x5D, line.at(text + 3) == 0x20 {
                return Array(line[(text + 4)...])
            }
            return Array(line[text...])
        }
        // 1. of a list: the number and a pause.
        let number = line.digits(from: start)
        if !isSingle, number > start, number - start <= 3, line.at(number) == 0x2E,
            line.at(number + 1) == 0x20
        {
            let pause: [CodePoint] = Letters.isCJK(line.at(number + 2)) ? [0xFF0C] : [0x2C, 0x20]
            return line[start..<number] + pause + line[(number + 2)...]
        }
        if first == 0x7C { return cells(Array(line[start...])) }
        return start > 0 && line.at(0) == 0x3E ? Array(line[start...]) : line
    }

    /// Three or more of - * _ = and nothing else but spaces.
    private static func isRule(_ line: [CodePoint], _ start: Int) -> Bool {
        let mark = line.at(start)
        guard mark == 0x2D || mark == 0x2A || mark == 0x5F || mark == 0x3D else { return false }
        var count = 0
        for point in line[start...] where point != 0x20 {
            guard point == mark else { return false }
            count += 1
        }
        return count >= 3
    }

    /// | a | b | → a, b; nil for the line below a table's head.
    private static func cells(_ row: [CodePoint]) -> [CodePoint]? {
        let cells = row.split(separator: 0x7C).map { Array($0[...].stripped) }.filter { !$0.isEmpty }
        guard cells.contains(where: { $0.contains { $0 != 0x2D && $0 != 0x3A } }) else { return nil }
        let isUnspaced = cells.contains { $0.contains(where: Letters.isCJK) }
        return Array(cells.joined(separator: isUnspaced ? [0xFF0C] : [0x2C, 0x20]))
    }

    // MARK: Spans

    /// `**a**`, `*a*`, `__a__`, `_a_`, `~~a~~`: the marks of an opened and closed span. A single underscore or asterisk between words or
    /// numbers is none.
    private static func emphasis(_ text: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        let mark = text[index]
        let count = text.end(from: index, limit: 4) { $0 == mark } - index
        guard count <= 3, mark != 0x7E || count == 2,
            !Letters.isWord(text.at(index - 1)) || Letters.isCJK(text.at(index - 1)) || mark != 0x5F
        else { return nil }
        let start = index + count
        guard start < text.count, !PythonUnicode.isSpace(text[start]), text[start] != mark else { return nil }
        var end = start + 1
        let limit = min(text.count, start + 500)
        while end < limit, text[end] != 0x0A {
            if text[end] == mark, !PythonUnicode.isSpace(text[end - 1]) {
                let run = text.end(from: end, limit: count) { $0 == mark }
                if run - end == count, text.at(run) != mark {
                    // 2*3*4 is a product.
                    let isProduct =
                        Letters.isDigit(text.at(index - 1))
                        || (mark == 0x5F && Letters.isWord(text.at(run)) && !Letters.isCJK(text.at(run)))
                    return isProduct ? nil : (run, Array(text[start..<end]))
                }
            }
            end += 1
        }
        return nil
    }

    /// `[text](address)` and `![text](address)` → text.
    private static func link(_ text: [CodePoint], _ open: Int) -> (end: Int, by: [CodePoint])? {
        let close = text.end(from: open + 1, limit: 300) { $0 != 0x5D && $0 != 0x5B && $0 != 0x0A }
        guard text.at(close) == 0x5D, text.at(close + 1) == 0x28 else { return nil }
        let end = text.end(from: close + 2, limit: 2_000) { $0 != 0x29 && $0 != 0x20 && $0 != 0x0A }
        guard text.at(end) == 0x29 else { return nil }
        return (end + 1, Array(text[(open + 1)..<close]))
    }

    /// `<b>`, `</think>`, `<br/>`, `<https://…>`.
    private static func tag(_ text: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        let name = text.at(index + 1) == 0x2F ? index + 2 : index + 1
        guard Letters.isASCIILetter(text.at(name)) else { return nil }
        let end = text.end(from: name, limit: 300) { $0 != 0x3E && $0 != 0x3C && $0 != 0x0A }
        guard text.at(end) == 0x3E else { return nil }
        let content = Array(text[name..<end])
        // An address in brackets is text.
        if content.contains(0x40) || content.has(Array("http"), at: 0) { return (end + 1, content) }
        let word = content.prefix { $0 != 0x20 && $0 != 0x2F }
        guard
            word.allSatisfy({ Letters.isASCIILetter($0) || Letters.isDigit($0) || $0 == 0x2D || $0 == 0x5F })
        else { return nil }
        let isBreak = String(codePoints: word).lowercased() == "br"
        return (end + 1, isBreak ? [0x0A] : [])
    }

    // MARK: Entities

    private static let named: [String: CodePoint] = [
        "amp": 0x26, "lt": 0x3C, "gt": 0x3E, "quot": 0x22, "apos": 0x27, "nbsp": 0x20, "hellip": 0x2026,
        "mdash": 0x2014,
        "ndash": 0x2013, "lsquo": 0x2018, "rsquo": 0x27, "ldquo": 0x201C, "rdquo": 0x201D, "times": 0xD7,
        "deg": 0xB0,
        "middot": 0xB7, "copy": 0xA9, "reg": 0xAE, "euro": 0x20AC, "pound": 0xA3, "yen": 0xA5,
    ]

    /// `&amp;`, `&#39;`, `&#x27;`.
    private static func entities(_ text: [CodePoint]) -> [CodePoint] {
        guard text.contains(0x26) else { return text }
        return text.rewriting { text, index in
            guard text[index] == 0x26 else { return nil }
            let end = text.end(from: index + 1, limit: 10) {
                $0 != 0x3B && $0 != 0x26 && $0 != 0x20 && $0 < 0x80
            }
            guard text.at(end) == 0x3B, end > index + 1 else { return nil }
            let name = String(codePoints: text[(index + 1)..<end])
            if let point = named[name] { return (end + 1, [point]) }
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst(name.hasPrefix("#x") || name.hasPrefix("#X") ? 2 : 1)
            let radix = name.count - digits.count == 2 ? 16 : 10
            guard let value = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(value), value >= 0x20
            else { return nil }
            return (end + 1, [scalar.value])
        }
    }
}
