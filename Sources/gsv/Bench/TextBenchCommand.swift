import ArgumentParser
import Foundation
import Synthesis
import Text

/// `gsv bench text`: how fast texts become phones, and what the language data cost.
struct TextBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "text",
        abstract: "Time the text front end: opening, memory, and the records of files.",
        discussion: """
            A file has records as gsv text --jsonl takes them, one JSON object a line. Each is answered several times on \
            one thread, from the record's bytes to the answer's; of its times the median counts. Without files, sentences \
            in every language are timed.

            Examples:
              gsv bench text
              gsv bench text en.jsonl ja.jsonl --json
            """)

    @Argument(help: "Files of records.", completion: .file(extensions: ["jsonl"]))
    var files: [String] = []

    @Option(help: "Times that each record is answered, after once to warm up.")
    var runs = 5

    @Flag(help: "One JSON object instead of tables.")
    var json = false

    /// One file's figures, in milliseconds.
    private struct Row {
        let name: String
        let records: Int
        let median: Double, ninetieth: Double, slowest: Double

        init(name: String, times: [Double]) {
            let sorted = times.sorted()
            (self.name, records) = (name, times.count)
            median = sorted[sorted.count / 2]
            ninetieth = sorted[sorted.count * 9 / 10]
            slowest = sorted[sorted.count - 1]
        }
    }

    func run() throws {
        guard (1...1000).contains(runs) else { throw ValidationError("--runs takes 1 to 1000") }
        let corpora = try files.map {
            (name: URL(fileURLWithPath: $0).lastPathComponent, lines: try lines($0))
        }
        var memory = [Memory(name: "start")]
        var figures: [(name: String, value: Double)] = []
        let lexicon = try Lexicon()
        let size = try FileManager.default.attributesOfItem(atPath: lexicon.path)[.size] as? Int ?? 0
        figures.append(("language_data_mb", Double(size) / 1_048_576))
        let start = ContinuousClock.now
        let (frontEnd, _) = try FrontEndLoader.open()
        figures.append(("open_ms", Console.elapsed(since: start) * 1000))
        memory.append(Memory(name: "open"))
        let answerer = TextRecordAnswerer(frontEnd: frontEnd)
        let samples = Self.samples
        for line in samples { _ = answerer.answer(line) }
        memory.append(Memory(name: "every_language"))
        let all = corpora.isEmpty ? [(name: "sentences", lines: samples)] : corpora
        report(rows: all.map { Row(name: $0.name, times: times(of: $0.lines, answerer)) }, figures, memory)
    }

    /// The lines of a file that hold anything.
    private func lines(_ path: String) throws -> [[UInt8]] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let lines = bytes.split(separator: 0x0A).map(Array.init).filter {
            $0.contains { $0 != 0x20 && $0 != 0x0D }
        }
        guard !lines.isEmpty else { throw ValidationError("\(path) has no records") }
        return lines
    }

    private func times(of lines: [[UInt8]], _ answerer: TextRecordAnswerer) -> [Double] {
        var times = [[Double]](repeating: [], count: lines.count)
        for run in 0...runs {
            for (index, line) in lines.enumerated() {
                let start = ContinuousClock.now
                _ = answerer.answer(line)
                if run > 0 { times[index].append(Console.elapsed(since: start) * 1000) }
            }
        }
        return times.map { $0.sorted()[$0.count / 2] }
    }

    private func report(rows: [Row], _ figures: [(name: String, value: Double)], _ memory: [Memory]) {
        if json {
            var fields = figures.map { "\"\($0.name)\": \(number($0.value))" }
            fields += memory.flatMap {
                [
                    "\"rss_\($0.name)_mb\": \(number($0.resident))",
                    "\"rss_\($0.name)_mapped_mb\": \(number($0.mapped))",
                ]
            }
            fields += rows.map {
                "\"\($0.name)\": {\"records\": \($0.records), \"median_ms\": \(number($0.median)), "
                    + "\"p90_ms\": \(number($0.ninetieth)), \"max_ms\": \(number($0.slowest))}"
            }
            return Console.output("{" + fields.joined(separator: ", ") + "}")
        }
        for (name, value) in figures { Console.output(column(name) + String(format: "%12.1f", value)) }
        Console.output("\n" + column("memory after, MB") + "    resident      mapped")
        for stage in memory {
            Console.output(column(stage.name) + String(format: "%12.1f%12.1f", stage.resident, stage.mapped))
        }
        Console.output("\n" + column("ms a record") + "     records      median         90%     slowest")
        for row in rows {
            Console.output(
                column(row.name)
                    + String(
                        format: "%12d%12.4f%12.4f%12.4f", row.records, row.median, row.ninetieth, row.slowest)
            )
        }
    }

    private func number(_ value: Double) -> String { String(format: "%.6g", value) }

    private func column(_ text: String) -> String { text.padding(toLength: 32, withPad: " ", startingAt: 0) }

    /// A sentence in each of the five languages, one for the segmenter, and one with words to guess.
    private static let samples: [[UInt8]] = [
        #"{"task": "full", "lang": "zh", "version": "v2", "text": "明天下午三点，我在图书馆门口等你，别忘了带书。"}"#,
        #"{"task": "full", "lang": "en", "version": "v2", "text": "The record shows 25 qualified votes; please record it at 3:30 p.m."}"#,
        #"{"task": "full", "lang": "ja", "version": "v2", "text": "明日の午後三時に図書館の前で待っています。"}"#,
        #"{"task": "full", "lang": "ko", "version": "v2", "text": "내일 오후 3시에 도서관 앞에서 기다릴게요."}"#,
        #"{"task": "full", "lang": "yue", "version": "v2", "text": "聽日下晝三點，我喺圖書館門口等你。"}"#,
        #"{"task": "full", "lang": "auto", "version": "v2", "text": "我用 iPhone 15 拍的，すごいね！정말 좋아요. See you tomorrow."}"#,
        #"{"task": "full", "lang": "en", "version": "v2", "text": "The glorpian vexler quindled its brastive nomplets."}"#,
    ].map { Array($0.utf8) }
}
