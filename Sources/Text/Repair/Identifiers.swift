extension TextRepair {
    /// Names of code, addresses: C++, C#, snake_case, a@b.org, https://a.org/b.
    static func identifiers(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard
            line.contains(where: {
                $0 == 0x2B || $0 == 0x23 || $0 == 0x5F || $0 == 0x40 || $0 == 0x2F || $0 == 0x77 || $0 == 0x2E
            })
        else {
            return line
        }
        return line.rewriting { line, index in
            guard index == 0 || !Letters.isASCIILetter(line[index - 1]) && !Letters.isDigit(line[index - 1])
            else { return nil }
            if Letters.isDigit(line[index]) {
                return line.at(index - 1) == 0x2E || reader != .english ? nil : dotted(line, index)
            }
            guard Letters.isASCIILetter(line[index]) else { return hashtag(line, index) }
            return address(line, index) ?? dotted(line, index) ?? language(line, index)
                ?? snakeCase(line, index)
        }
    }

    /// `#word` and `@name`: the word; `#1`: number 1.
    private static func hashtag(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        if line[index] == 0x23, Letters.isDigit(line.at(index + 1)), !Letters.isWord(line.at(index - 1)) {
            return (index + 1, Array("number "))
        }
        let isMark = line[index] == 0x23 || line[index] == 0x40
        guard isMark, index == 0 || PythonUnicode.isSpace(line[index - 1]) || Letters.isCJK(line[index - 1]),
            Letters.isLatin(line.at(index + 1)) || Letters.isCJK(line.at(index + 1))
        else { return nil }
        return (index + 1, [])
    }

    /// C++ and C#, F#.
    private static func language(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        let letter = line[index]
        func ends(_ end: Int) -> Bool {
            !Letters.isASCIILetter(line.at(end)) && !Letters.isDigit(line.at(end)) && line.at(end) != 0x2B
        }
        if line.at(index + 1) == 0x2B, line.at(index + 2) == 0x2B, ends(index + 3),
            letter | 0x20 == 0x63 || letter | 0x20 == 0x67
        {
            return (index + 3, [letter] + Array(" plus plus"))
        }
        guard line.at(index + 1) == 0x23, ends(index + 2), letter == 0x43 || letter == 0x46 || letter == 0x4A
        else { return nil }
        return (index + 2, [letter] + Array(" sharp"))
    }

    /// snake_case: words.
    private static func snakeCase(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        let end = line.end(from: index) { Letters.isASCIILetter($0) || Letters.isDigit($0) || $0 == 0x5F }
        guard line[index..<end].contains(0x5F) else { return nil }
        let words = line[index..<end].split(separator: 0x5F)
        return (end, Array(words.joined(separator: [0x20])))
    }

    /// An address: its parts with their separators in words, without the scheme and what follows `?` or `#`.
    private static func address(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        let end = line.end(from: index, limit: 2_000) {
            ($0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E)
        }
        var token = Array(line[index..<end])
        // Punctuation of the sentence.
        while let last = token.last, sentenceMarks.contains(last) { token.removeLast() }
        let lower = String(codePoints: token.prefix(8)[...]).lowercased()
        let scheme = ["https://", "http://", "ftp://"].first { lower.hasPrefix($0) }
        let isMail = scheme == nil && isMailAddress(token)
        guard scheme != nil || isMail || (lower.hasPrefix("www.") && token.count > 5) else { return nil }
        let spoken = token.dropFirst(scheme?.count ?? 0).prefix { $0 != 0x3F && $0 != 0x23 }
        var words: [CodePoint] = []
        for point in spoken {
            switch point {
            case 0x2E: words += Array(" dot ")
            case 0x40: words += Array(" at ")
            case 0x2F: words += Array(" slash ")
            case 0x2D: words += Array(" dash ")
            case 0x5F: words += Array(" underscore ")
            case 0x25, 0x26, 0x3D, 0x7E, 0x3A, 0x2B: words.append(0x20)
            default: words.append(point)
            }
        }
        var text = String(codePoints: words[...])
        if text.hasSuffix(" slash ") { text.removeLast(7) }
        return (index + token.count, Array(text))
    }

    private static let sentenceMarks = CodePointSet(".,;:!?)]}'")

    private static func isMailAddress(_ token: [CodePoint]) -> Bool {
        let parts = token.split(separator: 0x40, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].contains(0x2E) else { return false }
        return parts[1].allSatisfy {
            Letters.isASCIILetter($0) || Letters.isDigit($0) || $0 == 0x2E || $0 == 0x2D
        }
    }

    // MARK: Numbers with parts

    /// Addresses of hosts, versions and names of files: 192.168.1.1, 1.2.3, main.py.
    private static func dotted(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        if Letters.isDigit(line[index]) {
            var parts = [Array(line[index..<line.digits(from: index)])]
            var end = index + parts[0].count
            while line.at(end) == 0x2E, Letters.isDigit(line.at(end + 1)) {
                let next = line.digits(from: end + 1)
                parts.append(Array(line[(end + 1)..<next]))
                end = next
            }
            guard parts.count >= 3, parts.allSatisfy({ $0.count <= 4 }), parts[0].count < 4,
                !Letters.isASCIILetter(line.at(end))
            else { return nil }
            return (end, Array(parts.joined(separator: Array<CodePoint>(" dot "))))
        }
        let stem = line.end(from: index) { Letters.isASCIILetter($0) || Letters.isDigit($0) }
        guard line.at(stem) == 0x2E, stem - index > 1 else { return nil }
        let end = line.end(from: stem + 1, limit: 6) { Letters.isASCIILetter($0) || Letters.isDigit($0) }
        guard extensions.contains(String(codePoints: line[(stem + 1)..<end]).lowercased()),
            line.at(end) != 0x2E || !Letters.isASCIILetter(line.at(end + 1))
        else { return nil }
        return (end, line[index..<stem] + Array(" dot ") + line[(stem + 1)..<end])
    }

    private static let extensions: Set<String> = [
        "txt", "md", "py", "js", "ts", "json", "xml", "html", "htm", "css", "pdf", "doc", "docx", "xls",
        "xlsx", "ppt", "pptx", "png",
        "jpg", "jpeg", "gif", "svg", "webp", "mp3", "mp4", "wav", "flac", "ogg", "zip", "tar", "gz", "exe",
        "sh", "bat", "yml", "yaml",
        "csv", "tsv", "cpp", "hpp", "rs", "go", "java", "swift", "toml", "ini", "log", "sql", "ckpt", "pth",
        "com", "org", "net", "io",
        "cn", "de", "uk", "jp", "dev", "app", "ai",
    ]

    /// Letters and digits without a space, which the front end reads as one word: B2B → B 2 B, mp3 → mp 3, GPT-4o → GPT-4 o.
    static func glued(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard line.contains(where: Letters.isDigit), line.contains(where: Letters.isASCIILetter) else {
            return line
        }
        return line.rewriting { line, index in
            guard index > 0 else { return nil }
            let (before, point) = (line[index - 1], line[index])
            if Letters.isASCIILetter(before), Letters.isDigit(point) { return (index + 1, [0x20, point]) }
            guard Letters.isDigit(before), Letters.isASCIILetter(point) else { return nil }
            let end = line.end(from: index) { Letters.isASCIILetter($0) }
            let word = String(codePoints: line[index..<end])
            if word == "s", line[index - 1] == 0x30, reader == .english { return nil }
            // Ordinals, and what the front end separates itself: capitals and units.
            if kept.contains(word.lowercased())
                || word.allSatisfy(\.isUppercase) && !Letters.isDigit(line.at(end))
            {
                return nil
            }
            return (index + 1, [0x20, point])
        }
    }

    private static let kept: Set<String> = [
        "st", "nd", "rd", "th", "m", "km", "km²", "ft", "l", "tbsp", "tsp", "h", "min", "s", "kg", "g",
    ]
}

extension TextRepair {
    /// Telephone numbers: digits, with pauses between their groups.
    static func telephones(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard line.contains(0x2D), reader == .english || reader.isChinese else { return line }
        return line.rewriting { line, index in
            guard Letters.isDigit(line[index]), index == 0 || !isPart(line[index - 1]) else { return nil }
            var groups = [line[index..<line.digits(from: index)]]
            var end = index + groups[0].count
            while line.at(end) == 0x2D, Letters.isDigit(line.at(end + 1)), groups.count < 5 {
                let next = line.digits(from: end + 1)
                groups.append(line[(end + 1)..<next])
                end = next
            }
            guard !isPart(line.at(end)), isTelephone(groups.map(\.count), reader, first: line[index]) else {
                return nil
            }
            let spoken = groups.map { group in
                Array(
                    group.map { reader.isChinese ? [chinese[Int($0 - 0x30)]] : [$0] }.joined(
                        separator: reader.isChinese ? [] : [0x20]))
            }
            return (end, Array(spoken.joined(separator: reader.isChinese ? [0xFF0C] : [0x2C, 0x20])))
        }
    }

    private static let chinese: [CodePoint] = Array("零幺二三四五六七八九")

    private static func isPart(_ point: CodePoint) -> Bool {
        Letters.isDigit(point) || Letters.isASCIILetter(point) || point == 0x2D || point == 0x2E
            || point == 0x2F
    }

    /// Lengths of groups that telephone numbers have.
    private static func isTelephone(_ lengths: [Int], _ reader: RepairReader, first: CodePoint) -> Bool {
        switch lengths {
        case [3, 4], [3, 3, 4], [1, 3, 3, 4]: true
        case [3, 8], [4, 7], [4, 8], [3, 7]: first == 0x30
        case [3, 4, 4]: reader.isChinese
        default: false
        }
    }
}
