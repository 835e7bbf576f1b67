import Foundation
import TestSupport
import Testing

@testable import Synthesis

/// Where words are by estimate.
@Suite struct WordTimesTests {
    private static let rate = 16_000

    /// Tones and silences, in seconds: positive ones sound.
    private static func sound(_ seconds: Double...) -> [Int16] {
        seconds.flatMap { length -> [Int16] in
            let count = Int(abs(length) * Double(rate))
            return (0..<count).map { length > 0 ? Int16(8_000 * sin(Double($0) * 0.3)) : Int16($0 % 3) }
        }
    }

    private static func places(_ text: String, _ samples: [Int16]) -> [String] {
        WordTimes.estimate(text, samples: samples[...], sampleRateHz: rate).map { word in
            let times = [word.samples.lowerBound, word.samples.upperBound].map {
                String(format: "%.2f", Double($0) / Double(rate))
            }
            return "\(word.text) \(times[0])-\(times[1])"
        }
    }

    @Test func withoutPausesTheWeightsDecide() {
        #expect(
            Self.places("夜来风雨", Self.sound(2)) == [
                "夜 0.00-0.50", "来 0.50-1.00", "风 1.00-1.50", "雨 1.50-2.00",
            ])
        // Three vowels and three consonants, one of each.
        #expect(Self.places("bababa ba", Self.sound(0.8)) == ["bababa 0.00-0.60", "ba 0.60-0.80"])
        #expect(
            Self.places("Oh, it's 42!", Self.sound(1)).map { $0.prefix { $0 != " " } } == [
                "Oh", "it's", "42",
            ])
    }

    /// Vowels in a row, an e at the end and two letters for one sound take no time of their own.
    @Test(arguments: [
        ("bat", 3.4), ("beat", 3.4), ("bate", 3.4), ("bath", 3.4), ("batt", 3.4), ("back", 3.4), ("be", 2.4),
        ("table", 5.8), ("it's", 3.4), ("42", 6), ("한국", 6), ("b", 1), ("ñ", 1),
    ])
    func weights(_ text: String, _ weight: Double) throws {
        let words = WordTimes.words(of: text)
        #expect(words.count == 1)
        #expect(abs(try #require(words.first).weight - weight) < Limit.decimalSum, "\(words)")
    }

    @Test func silenceAtTheEndsBelongsToNoWord() {
        #expect(Self.places("你好", Self.sound(-0.3, 1, -0.5)) == ["你 0.30-0.80", "好 0.80-1.30"])
    }

    /// The pause lies elsewhere than the weights say: at the mark all the same.
    @Test func marksArePauses() {
        #expect(
            Self.places("你好，世界", Self.sound(0.6, -0.4, 0.4))
                == ["你 0.00-0.30", "好 0.30-0.60", "世 1.00-1.20", "界 1.20-1.40"])
        // One without a mark goes to the nearest place.
        #expect(
            Self.places("一二三四", Self.sound(0.75, -0.2, 0.25)).last == "四 0.95-1.20")
        // What is shorter than a pause is a part of a word.
        #expect(Self.places("一二", Self.sound(0.45, -0.1, 0.45)) == ["一 0.00-0.50", "二 0.50-1.00"])
        // More marks than pauses.
        #expect(
            Self.places("一，二，三，四", Self.sound(0.5, -0.3, 0.5))
                == ["一 0.00-0.25", "二 0.25-0.50", "三 0.80-1.05", "四 1.05-1.30"])
    }

    @Test func morePausesThanPlaces() {
        let words = Self.places("一二", Self.sound(0.3, -0.2, 0.3, -0.2, 0.3))
        #expect(words.count == 2)
        #expect(words.first?.hasPrefix("一 0.00") == true && words.last?.hasSuffix("1.30") == true)
        #expect(Self.places("一", Self.sound(0.3, -0.2, 0.3)) == ["一 0.00-0.80"])
    }

    @Test func nothingComesOfNothing() {
        #expect(Self.places("", Self.sound(1)).isEmpty)
        #expect(Self.places("，。!", Self.sound(1)).isEmpty)
        #expect(Self.places("a", []).isEmpty)
        #expect(Self.places("a b", [0, 0]).count == 2)
        #expect(Self.places("a b", Self.sound(-1)) == ["a 0.00-0.58", "b 0.58-1.00"])
    }

    /// Places are indices of the slice, follow each other and stay in it.
    @Test func placesAreOrdered() {
        let samples = Self.sound(0.5, 0.4, -0.2, 1.2, -0.3, 0.7)
        let slice = samples[1_000..<samples.count - 77]
        let words = WordTimes.estimate(
            "One, two three 四五; six 777 그리고", samples: slice, sampleRateHz: Self.rate)
        #expect(words.map(\.text) == ["One", "two", "three", "四", "五", "six", "777", "그리고"])
        var end = slice.startIndex
        for word in words {
            #expect(word.samples.lowerBound >= end && word.samples.upperBound <= slice.endIndex)
            end = word.samples.upperBound
        }
    }
}
