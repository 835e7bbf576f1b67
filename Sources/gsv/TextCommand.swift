import ArgumentParser
import Foundation
import Synthesis
import Text

/// `gsv text`: what the front end makes of a text.
struct TextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "text",
        abstract: "Show normalised text and phones, or answer records line by line.",
        discussion: """
            Examples:
              gsv text "我用iPhone 15拍的，すごいね！"
              gsv text "2024年5月1日，10%的人" --lang zh --version v1
              gsv text --jsonl < records.jsonl > answers.jsonl
            """)

    @Argument(help: "A text.")
    var text: String?

    @Option(help: "Language of the text, as in requests: auto finds out, zh keeps English, all_zh does not.")
    var lang = "auto"

    @Option(help: "Symbols of v1 or v2.")
    var version = "v2"

    @Option(help: "cut0 to cut5.")
    var cut = "cut0"

    @Option(
        help:
            "careful writes out what upstream's front end loses or misreads; upstream leaves the text as it is, as records are left if not given."
    )
    var textRules: TextRules?

    @Flag(help: "Read records from standard input, one JSON object a line, and write one answer for each.")
    var jsonl = false

    func run() throws {
        let (frontEnd, note) = try FrontEndLoader.open()
        if jsonl {
            return answerRecords(
                TextRecordAnswerer(frontEnd: frontEnd, repairsTexts: textRules == .careful))
        }
        guard let text else { throw ValidationError("a text, or --jsonl") }
        guard let language = LanguageCode(rawValue: lang), let symbols = SymbolVersion(rawValue: version)
        else {
            throw ValidationError("--lang \(lang) or --version \(version) is not known")
        }
        let isCareful = textRules != .upstream
        let repaired = isCareful ? TextRepair(language: language)(text) : text
        let sentences = try frontEnd.prepareAll(
            repaired, language: isCareful ? TextRepair.language(language, of: repaired) : language,
            cut: try CutMethod(name: cut), version: symbols)
        Console.note(note)
        for (number, sentence) in sentences.enumerated() {
            if sentences.count > 1 { Console.output("Sentence \(number + 1) of \(sentences.count)") }
            for line in PhoneTable(sentence, version: symbols).lines { Console.output(line) }
        }
    }

    private func answerRecords(_ answerer: TextRecordAnswerer) {
        let input = FileHandle.standardInput
        var pending: [UInt8] = []
        func answer(_ line: [UInt8]) {
            guard line.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { return }
            FileHandle.standardOutput.write(Data(answerer.answer(line) + [0x0A]))
        }
        // The output so far, so that a program can send a line at a time.
        while case let chunk = input.availableData, !chunk.isEmpty {
            let parts = chunk.split(separator: 0x0A, omittingEmptySubsequences: false)
            for part in parts.dropLast() {
                answer(pending + part)
                pending.removeAll()
            }
            pending += parts[parts.count - 1]
        }
        answer(pending)
    }
}
