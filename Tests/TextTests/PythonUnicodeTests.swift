import Testing

@testable import Text

/// Counts and checksums over all of Unicode, computed with Python 3.11.
@Suite struct PythonUnicodeTests {
    private func members(_ condition: (CodePoint) -> Bool) -> [CodePoint] {
        (CodePoint(0)...0x10FFFF).filter(condition)
    }

    @Test func decimals() {
        let found = members(PythonUnicode.isDecimal)
        #expect(found.count == 660)
        #expect(found.prefix(11) == [0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x660])
        // Digits added to Unicode after version 14.
        #expect(!PythonUnicode.isDecimal(0x11F50))
    }

    @Test func digits() {
        #expect(members(PythonUnicode.isDigit).count == 788)
        #expect(PythonUnicode.isDigit(0xB2))
        #expect(PythonUnicode.isDigit(0x2460))
        #expect(!PythonUnicode.isDigit(0xBD))
    }

    @Test func words() {
        let found = members(PythonUnicode.isWord)
        #expect(found.count == 133_548)
        #expect(found.reduce(UInt64(0)) { ($0 &* 1_000_003 &+ UInt64($1)) % (1 << 32) } == 2_102_998_656)
    }

    @Test func spaces() {
        #expect(members(PythonUnicode.isSpace).count == 29)
    }

    @Test func numericIdeographs() {
        #expect((CodePoint(0x4E00)...0x9FFF).filter(PythonUnicode.isNumericIdeograph).count == 54)
    }

    private func checksum(_ points: some Sequence<CodePoint>) -> UInt64 {
        points.reduce(UInt64(0)) { ($0 &* 1_000_003 &+ UInt64($1)) % (1 << 32) }
    }

    @Test func capitals() {
        #expect(members { PythonUnicode.isUpper([$0]) }.count == 1951)
        // Characters allowed next to a capital: all but lower and title case letters.
        let found = members { PythonUnicode.isUpper([0x41, $0]) }
        #expect(found.count == 1_111_610)
        #expect(checksum(found) == 1_388_990_668)
    }

    @Test func smallLetters() {
        let changed = members { PythonUnicode.lowercased([$0]) != [$0] }
        #expect(changed.count == 1433)
        let pairs = changed.flatMap { [$0] + PythonUnicode.lowercased([$0]) }
        #expect(checksum(pairs) == 3_648_823_689)
    }

    /// Characters that make the sigma after or before them a final one.
    @Test func finalSigma() {
        var final: [CodePoint] = []
        for point in CodePoint(0)...0x10FFFF where !(0xD800..<0xE000).contains(point) {
            if PythonUnicode.lowercased([0x41, point, 0x3A3]).last == 0x3C2 { final.append(point) }
            if PythonUnicode.lowercased([0x41, 0x3A3, point])[1] == 0x3C2 { final.append(point + 7) }
        }
        #expect(final.count == 1_114_666)
        #expect(checksum(final) == 3_792_344_848)
    }
}
