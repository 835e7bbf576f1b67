import StrictJSON

/// Processes records line by line: the engine of `gsv text --jsonl`.
///
/// A record is a JSON object; its fields determine the task:
///
/// | field | task | fields of the response |
/// |---|---|---|
/// | `cut` | pieces of a text | `texts` |
/// | `default_lang`, or `task` = `seg` | segments by language | `segments` |
/// | `threshold`, or `task` = `lid` | language of a text | `result` |
/// | `calls`, or `task` = `full` | phonemes of a sentence | `norm`, `ids` |
/// | none of these | phonemes of a text in one language | `norm`, `phones`, `word2ph`, `ids` |
///
/// Every response has the record's `id` and an `error`, null or an object of `type` and `message`. Invalid input yields
/// an error record, never a failure.
package final class TextRecordAnswerer: Sendable {
    private let frontEnd: TextFrontEnd
    private let repairsTexts: Bool

    /// - Parameters:
    ///   - frontEnd: its polyphone network, if it has one, is not used for records with readings of their own (`mode` =
    ///     `g2pwstub`) or with pypinyin's (`mode` = `pypinyin`).
    ///   - repairsTexts: whether `TextRepair` goes before it.
    package init(frontEnd: TextFrontEnd, repairsTexts: Bool = false) {
        self.frontEnd = frontEnd
        self.repairsTexts = repairsTexts
    }

    /// Processes one line, UTF-8 without the line break, and returns the response in the same form.
    package func answer(_ line: [UInt8]) -> [UInt8] {
        var identity = TextRecord.Identity.none
        do {
            let record = try TextRecord(line)
            identity = record.identity
            var writer = JSONWriter()
            writer.raw("{\"id\": ")
            write(identity, to: &writer)
            try answer(record, to: &writer)
            writer.raw(", \"error\": null}")
            return writer.bytes
        } catch {
            return errorRecord(error, identity: identity)
        }
    }

    /// Processes one line of text.
    package func answer(_ line: String) -> String {
        String(decoding: answer(Array(line.utf8)), as: UTF8.self)
    }

    private func errorRecord(_ error: any Error, identity: TextRecord.Identity) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"id\": ")
        write(identity, to: &writer)
        writer.raw(", \"error\": {\"type\": ")
        writer.string((error as? TextError)?.name ?? "\(type(of: error))")
        writer.raw(", \"message\": ")
        writer.string("\(error)")
        writer.raw("}}")
        return writer.bytes
    }

    private func write(_ identity: TextRecord.Identity, to writer: inout JSONWriter) {
        switch identity {
        case .none: writer.raw("null")
        case .text(let points): writer.string(points)
        case .number(let value): writer.raw(String(value))
        }
    }

    private func answer(_ record: TextRecord, to writer: inout JSONWriter) throws {
        guard var text = record.text else { throw TextError.badRecord("no field text") }
        if repairsTexts, let language = LanguageCode(rawValue: record.language ?? "zh") {
            text = TextRepair(language: language)(text)
        }
        if let cut = record.cut {
            try answerPieces(text, cut: cut, language: record.language ?? "zh", to: &writer)
        } else if record.defaultLanguage != nil || record.task == "seg" {
            try answerSegments(text, fallback: record.defaultLanguage ?? "", to: &writer)
        } else if record.threshold != nil || record.task == "lid" {
            try answerLanguages(text, record, to: &writer)
        } else if record.hasCalls || record.task == "full" {
            try answerSentence(text, record, to: &writer)
        } else {
            try answerPhones(text, record, to: &writer)
        }
    }

    private func answerPieces(
        _ text: [CodePoint], cut: String, language: String, to writer: inout JSONWriter
    ) throws {
        let method = try CutMethod(name: cut)
        let pieces = try PreSegmentation.pieces(
            PreSegmentation.collapsingPunctuation(text), isEnglish: language == "en", cut: method)
        writer.raw(", \"texts\": ")
        writer.array(pieces) { $0.string($1) }
    }

    private func answerSegments(
        _ text: [CodePoint], fallback: String, to writer: inout JSONWriter
    ) throws {
        let language = SegmentLanguage(default: fallback)
        guard language != nil || fallback.isEmpty else {
            throw TextError.badRecord("default_lang is \(fallback); leave it empty, or use zh, ja, ko or en")
        }
        let segments = try frontEnd.splitting.segmenter.segments(
            of: LanguageSplitting.collapsingSpaces(text), fallback: language)
        writer.raw(", \"segments\": ")
        writer.array(segments) { writer, segment in
            writer.raw("[\"\(segment.language.rawValue)\", ")
            writer.string(segment.text)
            writer.raw("]")
        }
    }

    private func answerLanguages(
        _ text: [CodePoint], _ record: TextRecord, to writer: inout JSONWriter
    ) throws {
        let guesses = try frontEnd.splitting.segmenter.identifier.guesses(
            text, limit: record.limit ?? 1, threshold: Float(record.threshold ?? 0))
        writer.raw(", \"result\": ")
        writer.array(guesses) { writer, guess in
            writer.raw("[")
            writer.string(guess.language)
            writer.raw(", \((Double(guess.probability) * 1_000_000).rounded() / 1_000_000)]")
        }
    }

    private func answerSentence(
        _ text: [CodePoint], _ record: TextRecord, to writer: inout JSONWriter
    ) throws {
        let name = record.language ?? "auto"
        guard let language = LanguageCode(rawValue: name) else { throw TextError.languageNotBuilt(name) }
        let sentence = try frontEnd.prepare(text, language: language, version: try version(record))
        writer.raw(", \"norm\": ")
        writer.string(sentence.normalizedText)
        writer.raw(", \"ids\": ")
        writer.array(sentence.phonemes) { $0.raw("\($1)") }
    }

    private func answerPhones(
        _ text: [CodePoint], _ record: TextRecord, to writer: inout JSONWriter
    ) throws {
        let cleaned = try frontEnd.clean(
            text, language: record.language ?? "zh", version: try version(record),
            readings: readings(record))
        writer.raw(", \"norm\": ")
        writer.string(cleaned.normalizedText)
        writer.raw(", \"phones\": ")
        writer.array(cleaned.symbols) { $0.string($1) }
        writer.raw(", \"word2ph\": ")
        if let counts = cleaned.wordToPhone {
            writer.array(counts) { $0.raw("\($1)") }
        } else {
            writer.raw("null")
        }
        writer.raw(", \"ids\": ")
        writer.array(cleaned.phonemes) { $0.raw("\($1)") }
    }

    private func readings(_ record: TextRecord) -> PolyphoneReadings {
        switch (record.mode, record.readings) {
        case ("g2pwstub", let readings?): .recorded(readings)
        case ("pypinyin", _): .dictionary
        default: .network
        }
    }

    private func version(_ record: TextRecord) throws(TextError) -> SymbolVersion {
        let name = record.version ?? "v2"
        guard let version = SymbolVersion(rawValue: name) else { throw .badRecord("no version \(name)") }
        return version
    }
}

extension JSONWriter {
    /// Appends an array, spaced as Python does.
    fileprivate mutating func array<Element>(
        _ items: [Element], _ write: (inout JSONWriter, Element) -> Void
    ) {
        raw("[")
        for (index, item) in items.enumerated() {
            if index > 0 { raw(", ") }
            write(&self, item)
        }
        raw("]")
    }
}
