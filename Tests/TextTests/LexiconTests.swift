import Foundation
import Tensor
import Testing

@testable import Text

@Suite(.serialized) struct LexiconTests {
    private func scratch() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("gsv-\(UUID().uuidString).gsvpack").path
    }

    private func pack() throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: try Support.lexicon.get().path)))
    }

    /// Opens the pack made of these bytes as the front end does.
    private func open(_ bytes: [UInt8]) throws -> TextFrontEnd {
        let path = scratch()
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let lexicon = try Lexicon(path: path)
        // Also the sections that the front end opens only with a polyphone network.
        for name in lexicon.sectionNames { _ = try lexicon.section(name) }
        return try TextFrontEnd(lexicon: lexicon)
    }

    private func reason(_ bytes: [UInt8]) -> TextError? {
        do {
            _ = try open(bytes)
            return nil
        } catch {
            return error as? TextError
        }
    }

    @Test func missing() {
        #expect(throws: TextError.packMissing(searched: ["/nowhere/lexicon.gsvpack"])) {
            try Lexicon(path: "/nowhere/lexicon.gsvpack")
        }
        #expect("\(TextError.packMissing(searched: ["x"]))".contains("make data"))
        // A folder is no pack.
        #expect(throws: TextError.packMissing(searched: ["/"])) { try Lexicon(path: "/") }
    }

    @Test func everyMessageNamesTheCommand() {
        let errors: [TextError] = [
            .packMissing(searched: []), .packDamaged(path: "p", reason: "r"),
            .packVersion(path: "p", found: 0, expected: 1),
        ]
        for error in errors { #expect("\(error)".contains("make data")) }
    }

    @Test func sections() throws {
        let names = try Support.lexicon.get().sectionNames
        for (language, count) in [("zh", 16), ("en", 8), ("seg", 3), ("ja", 6), ("ko", 6), ("yue", 3)] {
            #expect(names.filter { $0.hasPrefix(language + ".") }.count == count)
        }
        #expect(throws: TextError.self) { try Support.lexicon.get().section("xx.none") }
    }

    @Test func damage() throws {
        let pack = try pack()
        #expect(reason(pack) == nil)
        for length in [1, 8, 63, 64, 500, pack.count / 2, pack.count - 1] {
            guard case .packDamaged = reason(Array(pack[..<length])) else {
                Issue.record("a pack cut to \(length) bytes was opened")
                continue
            }
        }
        guard case .packDamaged = reason([]) else {
            Issue.record("an empty pack was opened")
            return
        }
        var older = pack
        older[8] = 0
        guard case .packVersion(_, let found, let expected) = reason(older) else {
            Issue.record("an older pack was opened")
            return
        }
        #expect(found == 0)
        #expect(expected == Int(PackFormat.version))
        var generator = SplitMix64(seed: 3)
        for _ in 0..<8 {
            // One changed bit is detected everywhere except in the padding between sections.
            var flipped = pack
            let index = Int.random(in: 64..<pack.count - 64, using: &generator)
            guard pack[index] != 0 else { continue }
            flipped[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            guard case .packDamaged = reason(flipped) else {
                Issue.record("a flipped bit at \(index) was not noticed")
                continue
            }
        }
    }

    /// Altered packs with corrected hashes: an error or some result, never a crash.
    @Test func hostile() throws {
        let pack = try pack()
        let count = Int(pack[12])
        var generator = SplitMix64(seed: 4)
        func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
            bytes[offset..<offset + 8].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        }
        func store(_ value: UInt64, _ bytes: inout [UInt8], _ offset: Int) {
            for index in 0..<8 {
                bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8))
            }
        }
        var opened = 0
        for round in 0..<40 {
            var bytes = pack
            let entry = 64 + Int.random(in: 0..<count, using: &generator) * 48
            let (offset, length) = (Int(word(bytes, entry + 24)), Int(word(bytes, entry + 32)))
            for _ in 0..<(round % 2 == 0 ? 1 : 2000) {
                // Counts come first; the rest is tables.
                let index =
                    round % 2 == 0
                    ? Int.random(in: 0..<16, using: &generator)
                    : Int.random(in: 0..<length, using: &generator)
                bytes[offset + index] = UInt8.random(in: 0...255, using: &generator)
            }
            if round % 8 == 7 {
                store(UInt64.random(in: 0...UInt64.max, using: &generator), &bytes, entry + 32)
            }
            let section = bytes[offset..<offset + length].withUnsafeBytes(PackHash.of)
            store(section, &bytes, entry + 40)
            store(bytes[64..<64 + count * 48].withUnsafeBytes(PackHash.of), &bytes, 24)
            do {
                let frontEnd = try open(bytes)
                opened += 1
                for text in ["先帝创业未半而中道崩殂，2024年一点儿。", "癞蛤蟆想吃天鹅肉不不一一玹魑魅魍魉", "繁體字測試很好。"] {
                    _ = try? frontEnd.clean(text, language: "zh", version: .v2)
                }
                for text in [
                    "Read the record, Aarav's planina and qzxv will project $5.", "thisisacompoundword",
                ] {
                    _ = try? frontEnd.clean(text, language: "en", version: .v2)
                }
            } catch {
                #expect(error is TextError)
            }
        }
        #expect(opened > 5)
    }

    /// The hash detects any single changed byte, at any length.
    @Test func hash() {
        for length in [1, 7, 8, 31, 32, 33, 64, 100] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }
            let whole = bytes.withUnsafeBytes(PackHash.of)
            for index in 0..<length {
                var changed = bytes
                changed[index] ^= 0x10
                #expect(changed.withUnsafeBytes(PackHash.of) != whole)
            }
            #expect((bytes + [0]).withUnsafeBytes(PackHash.of) != whole)
        }
    }
}
