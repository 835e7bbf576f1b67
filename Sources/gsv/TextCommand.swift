import ArgumentParser
import Foundation
import Text

/// `gsv text`: what the front end makes of a text.
struct TextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "text",
        abstract: "Show normalised text and phones, or answer records line by line.",
        discussion: """
            Examples:
              gsv text "2024年5月1日，10%的人" --lang zh
              gsv text --jsonl < records.jsonl > answers.jsonl
            """)

    @Argument(help: "A text.")
    var text: String?

    @Option(help: "Language of the text.")
    var lang = "zh"

    @Option(help: "Symbols of v1 or v2.")
    var version = "v2"

    @Option(help: "cut0 to cut5.")
    var cut = "cut0"

    @Flag(help: "Read records from standard input, one JSON object a line, and write one answer for each.")
    var jsonl = false

    func run() throws {
        let frontEnd = try TextFrontEnd(lexicon: try Lexicon())
        if jsonl { return answerRecords(TextRecordAnswerer(frontEnd: frontEnd)) }
        guard let text else { throw ValidationError("a text, or --jsonl") }
        guard let language = LanguageCode(rawValue: lang), let symbols = SymbolVersion(rawValue: version)
        else {
            throw ValidationError("--lang \(lang) or --version \(version) is not known")
        }
        let table = SymbolTable.table(symbols)
        let sentences = try frontEnd.prepareAll(
            text, language: language, cut: try CutMethod(name: cut), version: symbols)
        for sentence in sentences {
            for segment in sentence.segments {
                Console.output("[\(segment.language)] \(segment.norm)")
                Console.output("    " + segment.phones.map(table.symbol).joined(separator: " "))
            }
        }
    }

    private func answerRecords(_ answerer: TextRecordAnswerer) {
        let input = FileHandle.standardInput
        var pending: [UInt8] = []
        func answer(_ line: [UInt8]) {
            guard line.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { return }
            FileHandle.standardOutput.write(Data(answerer.answer(line) + [0x0A]))
        }
        while case let chunk = input.readData(ofLength: 1 << 16), !chunk.isEmpty {
            pending += chunk
            var lines = pending.split(separator: 0x0A, omittingEmptySubsequences: false)
            pending = Array(lines.removeLast())
            for line in lines { answer(Array(line)) }
        }
        answer(pending)
    }
}
