/// How a word changes the accent of the phrase it joins: a column of naist-jdic, such as `C1` or `動詞%F2@0/形容詞%F1`.
package struct ChainRule: Equatable, Sendable {
    /// The kinds of change. F: particles and auxiliaries, C: nouns, P: suffixes.
    package enum Kind: UInt8, CaseIterable, Sendable {
        case none, f2, f3, f4, f5, c1, c2, c3, c4, p1, p2, p6, p14

        fileprivate static func named(_ name: [CodePoint]) -> Kind {
            // F1 and C5 leave everything as it is, like a name no rule knows.
            switch name.string {
            case "F2": .f2
            case "F3": .f3
            case "F4": .f4
            case "F5": .f5
            case "C1": .c1
            case "C2": .c2
            case "C3": .c3
            case "C4": .c4
            case "P1": .p1
            case "P2": .p2
            case "P6": .p6
            case "P14": .p14
            default: .none
            }
        }
    }

    package let kind: Kind
    /// What F rules add to the number of moras in front.
    package let shift: Int

    /// The change of a rule after a word of a class: the first alternative for that class or for
    /// all (Open JTalk's `get_rule`).
    ///
    /// A class is meant if its label holds the alternative's, so 動詞 is also 助動詞.
    package init(_ rule: String, behind previous: PartOfSpeech.Name) {
        let text = [CodePoint](rule)
        let label = [CodePoint](previous.label)
        var position = 0
        var delimiter: CodePoint = 0x20
        // Up to the next of % @ / or the end, which is 0.
        func token() -> [CodePoint] {
            var token: [CodePoint] = []
            delimiter = 0
            while position < text.count {
                let point = text[position]
                position += 1
                if point == 0x25 || point == 0x40 || point == 0x2F {
                    delimiter = point
                    break
                }
                token.append(point)
            }
            return token
        }
        while delimiter != 0 {
            let name = token()
            let isForClass = delimiter == 0x25
            if isForClass, !label.contains(name) {
                while delimiter == 0x25 || delimiter == 0x40 { _ = token() }
                continue
            }
            kind = Kind.named(isForClass ? token() : name)
            shift = delimiter == 0x40 ? ChainRule.leadingNumber(token()) : 0
            return
        }
        kind = .none
        shift = 0
    }

    package init(kind: Kind, shift: Int) {
        self.kind = kind
        self.shift = shift
    }

    /// C's `atoi`.
    private static func leadingNumber(_ text: [CodePoint]) -> Int {
        var digits = text[...]
        let isNegative = digits.first == 0x2D
        if isNegative { digits = digits.dropFirst() }
        var value = 0
        for point in digits.prefix(4) {
            guard (0x30...0x39).contains(point) else { break }
            value = value * 10 + Int(point - 0x30)
        }
        return isNegative ? -value : value
    }
}

extension Array where Element == CodePoint {
    /// True if it contains `other`; the empty text always.
    fileprivate func contains(_ other: [CodePoint]) -> Bool {
        other.isEmpty || (0..<count).contains { has(other, at: $0) }
    }
}
