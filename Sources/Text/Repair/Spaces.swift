extension TextRepair {
    /// Spaces of all kinds as U+0020, none between ideographs, none inside of grouped numbers; line and paragraph separators as
    /// `\n`, also where they are written as a backslash and an n.
    static func spaces(_ text: [CodePoint]) -> [CodePoint] {
        guard text.contains(where: { isSpecial($0) || $0 == 0x5C }) else { return text }
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let point = text[index]
            switch point {
            case 0x0D:
                result.append(0x0A)
                if text.at(index + 1) == 0x0A { index += 1 }
            case 0x0B, 0x0C, 0x85, 0x2028, 0x2029:
                result.append(0x0A)
            case 0x3000 where Letters.isCJK(text.at(index - 1)) || Letters.isCJK(text.at(index + 1)):
                break
            case _ where isGroupSeparator(text, index):
                break
            case 0x09, 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000:
                result.append(0x20)
            case 0x5C where isEscapedNewline(text, index):
                result.append(0x0A)
                index += text.at(index + 1) == 0x72 && text.at(index + 2) == 0x5C ? 3 : 1
            default: result.append(point)
            }
            index += 1
        }
        return result
    }

    private static func isSpecial(_ point: CodePoint) -> Bool {
        (point < 0x20 && point != 0x0A) || point == 0x85 || point == 0xA0 || point == 0x1680
            || (point >= 0x2000 && point <= 0x205F) || point == 0x3000
    }

    /// Whether a space stands between one to three digits, or groups of three, and three digits: 5 000.
    private static func isGroupSeparator(_ text: [CodePoint], _ index: Int) -> Bool {
        let point = text[index]
        guard point == 0xA0 || point == 0x2009 || point == 0x202F, Letters.isDigit(text.at(index - 1)) else {
            return false
        }
        return text.end(from: index + 1, limit: 4, where: Letters.isDigit) == index + 4
    }

    /// `\n` and `\r\n` in letters, as a JSON string has them that was escaped twice; not in the paths of Windows.
    private static func isEscapedNewline(_ text: [CodePoint], _ index: Int) -> Bool {
        let isNewline = text.at(index + 1) == 0x6E
        guard isNewline || (text.at(index + 1) == 0x72 && text.has([0x5C, 0x6E], at: index + 2)) else {
            return false
        }
        // A path has a drive or another backslash before this one.
        var start = index
        while start > 0, index - start < 256, !PythonUnicode.isSpace(text[start - 1]),
            !Letters.isCJK(text[start - 1])
        {
            start -= 1
            if text[start] == 0x5C, text.at(start + 1) != 0x6E, text.at(start + 1) != 0x72 { return false }
            if text[start] == 0x3A, text.at(start + 1) == 0x5C { return false }
        }
        return true
    }

    /// Punctuation after which a line has ended.
    private static let lineEnds = CodePointSet("。！？；：、，…—.!?;:,~～」』）)]】”\"")

    /// A line that ends without punctuation gets `mark`, as upstream gives it to long lines: short ones would be joined with the next to
    /// one word. A long line that goes on in lower case was only wrapped.
    static func lines(_ text: [CodePoint], mark: CodePoint) -> [CodePoint] {
        guard text.contains(0x0A) else { return text }
        var result: [CodePoint] = []
        var lineStart = 0
        for index in text.indices {
            guard text[index] == 0x0A else {
                result.append(text[index])
                continue
            }
            while result.last == 0x20 { result.removeLast() }
            defer { lineStart = result.count }
            guard let last = result.last, last != 0x0A else {
                result.append(0x0A)
                continue
            }
            let next = text.end(from: index + 1) { $0 == 0x0A || $0 == 0x20 }
            guard next < text.count else {
                result.append(0x0A)
                continue
            }
            let isWrapped =
                Letters.isLowercase(text[next]) && next == index + 1 && !lineEnds.contains(last)
                && Letters.isLatin(last)
                && result.count - lineStart > 40
            if isWrapped {
                result.append(0x20)
                continue
            }
            if !lineEnds.contains(last), Letters.isWord(last) { result.append(mark) }
            result.append(0x0A)
            // Upstream joins short lines, to one word where nothing is between them.
            if !Letters.isCJK(text[index + 1]), text[index + 1] != 0x20, text[index + 1] != 0x0A {
                result.append(0x20)
            }
        }
        return result
    }
}
