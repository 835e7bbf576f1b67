import StrictJSON

/// nltk's English tagger in the forms users have it: the archive or pickle up to nltk 3.8, the folder or archive of
/// three JSON files since nltk 3.9. All hold the same weights.
struct NltkTaggerFile: Sendable {
    private let path: String

    /// Looks at what is at a path: an archive, a pickle, or a folder of either. Weights are not read yet.
    /// - Returns: nil if there is nothing of the kind.
    /// - Throws: `taggerDamaged` for a file of another kind, or a folder where not all is.
    init?(_ path: String) throws(TextError) {
        self.path = path
        switch try content() {
        case nil: return nil
        case .archive, .json: break
        case .pickle(let bytes):
            guard bytes.first == 0x80 else { throw damaged("it is neither an archive nor a pickle") }
        }
    }

    /// Reads the weights.
    /// - Throws: `taggerDamaged`.
    func tagger() throws(TextError) -> PerceptronTagger {
        switch try content() {
        case nil: throw damaged("it is gone")
        case .pickle(let bytes): return try tagger(pickle: bytes)
        case .json(let weights, let fixedTags, let classes):
            return try tagger(weights: weights, fixedTags: fixedTags, classes: classes)
        case .archive(let archive, let member):
            func unpacked(_ name: String) throws(TextError) -> [UInt8] {
                guard let content = archive.content(name) else { throw damaged("\(name) cannot be unpacked") }
                return content
            }
            guard member.hasSuffix(Self.weights) else { return try tagger(pickle: try unpacked(member)) }
            let stem = String(member.dropLast(Self.weights.count))
            return try tagger(
                weights: try unpacked(member), fixedTags: try unpacked(stem + Self.fixedTags),
                classes: try unpacked(stem + Self.classes))
        }
    }

    // MARK: Forms

    private enum Content {
        case pickle([UInt8])
        case json(weights: [UInt8], fixedTags: [UInt8], classes: [UInt8])
        /// An archive, and its member that is the pickle or the weights.
        case archive(ZipArchive, member: String)
    }

    private func content() throws(TextError) -> Content? {
        if let bytes = try bytes(of: path) {
            guard bytes.starts(with: "PK".utf8) else { return .pickle(bytes) }
            guard let archive = ZipArchive(bytes) else { throw damaged("the archive is cut short") }
            for name in [Self.pickle, Self.jsonName + Self.weights] {
                if let member = archive.names.first(where: { $0 == name || $0.hasSuffix("/" + name) }) {
                    return .archive(archive, member: member)
                }
            }
            throw damaged("the archive holds no tagger")
        }
        let stem = "\(path)/\(Self.jsonName)"
        if let weights = try bytes(of: stem + Self.weights) {
            guard let fixedTags = try bytes(of: stem + Self.fixedTags),
                let classes = try bytes(of: stem + Self.classes)
            else { throw damaged("of its three files not all are there") }
            return .json(weights: weights, fixedTags: fixedTags, classes: classes)
        }
        return try bytes(of: "\(path)/\(Self.pickle)").map { .pickle($0) }
    }

    private static let weights = ".weights.json"
    private static let fixedTags = ".tagdict.json"
    private static let classes = ".classes.json"
    private static let pickle = "averaged_perceptron_tagger.pickle"
    private static let jsonName = "averaged_perceptron_tagger_eng"
    private static let maximumTags = 255

    private func damaged(_ reason: String) -> TextError { .taggerDamaged(path: path, reason: reason) }

    private func bytes(of path: String) throws(TextError) -> [UInt8]? {
        do { return try MappedFile.open(path).map { Array($0.bytes) } } catch {
            throw damaged("\(path) is empty or cannot be read")
        }
    }

    // MARK: Pickle

    private func tagger(pickle: [UInt8]) throws(TextError) -> PerceptronTagger {
        var reader = PickleReader(pickle)
        guard let root = reader.read(), let parts = reader.items(root), parts.count == 3,
            let weights = reader.items(parts[0]), let fixedTags = reader.items(parts[1]),
            let classes = reader.items(parts[2])
        else { throw damaged("it is no pickle of weights, tags of words and a set of tags") }
        let tags = try TagNumbers(classes.map { reader.text($0) }, file: self)
        var table = FeatureWeights(capacity: weights.count / 2)
        var row: [(tag: UInt8, value: Double)] = []
        for place in stride(from: 0, to: weights.count - 1, by: 2) {
            guard let name = reader.text(weights[place]), let items = reader.items(weights[place + 1]) else {
                throw damaged("a feature is no string with weights")
            }
            row.removeAll(keepingCapacity: true)
            for item in stride(from: 0, to: items.count - 1, by: 2) {
                guard let label = reader.text(items[item]), case .number(let value) = items[item + 1] else {
                    throw damaged("a weight is no number")
                }
                if let tag = tags.number(label) { row.append((tag, value)) }
            }
            table.insert(name, row)
        }
        var fixed: [[UInt8]: UInt8] = [:]
        for place in stride(from: 0, to: fixedTags.count - 1, by: 2) {
            guard let word = reader.text(fixedTags[place]), let label = reader.text(fixedTags[place + 1]),
                let tag = tags.number(label)
            else { throw damaged("a word has no tag") }
            fixed[Array(word)] = tag
        }
        return PerceptronTagger(tagNames: tags.names, weights: table, fixedTags: fixed)
    }

    // MARK: JSON

    private func tagger(
        weights: [UInt8], fixedTags: [UInt8], classes: [UInt8]
    ) throws(TextError) -> PerceptronTagger {
        do {
            let names = try JSONReader.read(classes).items ?? []
            let tags = try TagNumbers(names.map { $0.string.map { Array($0.utf8)[...] } }, file: self)
            var table = FeatureWeights(capacity: weights.count / 48)
            var reader = JSONReader(weights)
            var row: [(tag: UInt8, value: Double)] = []
            try reader.object { (reader, name) throws(JSONError) in
                row.removeAll(keepingCapacity: true)
                try reader.object { (reader, label) throws(JSONError) in
                    let value: Double
                    switch try reader.value() {
                    case .integer(let whole): value = Double(whole)
                    case .number(let number): value = number
                    default: return
                    }
                    if let tag = tags.number(Array(label.utf8)[...]) { row.append((tag, value)) }
                }
                table.insert(Array(name.utf8), row)
            }
            var fixed: [[UInt8]: UInt8] = [:]
            var words = JSONReader(fixedTags)
            try words.object { (reader, word) throws(JSONError) in
                guard let label = try reader.value().string else { return }
                fixed[Array(word.utf8)] = tags.number(Array(label.utf8)[...])
            }
            return PerceptronTagger(tagNames: tags.names, weights: table, fixedTags: fixed)
        } catch let error as TextError {
            throw error
        } catch {
            throw damaged("\(error)")
        }
    }

    /// Tags by number, in the order of their names.
    private struct TagNumbers {
        let names: [String]
        /// The names' bytes as numbers: there are few, so a look through all is fast.
        private let codes: [UInt64]

        init(_ labels: [ArraySlice<UInt8>?], file: NltkTaggerFile) throws(TextError) {
            let sorted = labels.compactMap { $0 }.sorted { $0.lexicographicallyPrecedes($1) }
            codes = sorted.compactMap(Self.code)
            guard !codes.isEmpty, codes.count == labels.count, codes.count <= maximumTags else {
                throw file.damaged("its set of tags cannot be used")
            }
            names = sorted.map { String(decoding: $0, as: UTF8.self) }
        }

        func number(_ label: ArraySlice<UInt8>) -> UInt8? {
            guard let code = Self.code(label) else { return nil }
            return codes.firstIndex(of: code).map { UInt8($0) }
        }

        private static func code(_ label: ArraySlice<UInt8>) -> UInt64? {
            label.count <= 8 ? label.reduce(0) { $0 << 8 | UInt64($1) } : nil
        }
    }
}
