import Audio

/// The sound of a batch of sentences.
struct SynthesizedBatch {
    /// The sentences' texts, and the samples of each in −1 … 1.
    let texts: [String]
    let samples: [[Float]]
}

/// Joins synthesized sentences to 16-bit fragments.
struct Assembler {
    let sampleRateHz: Int
    /// The rate by which upstream counts the samples of a pause: that of the clips, also where the output has another.
    let pauseSampleRateHz: Int
    /// Silence after each sentence.
    let pauseSeconds: Double
    let fullScale: Postprocess.FullScale
    /// Extends fragments to a higher rate; nil where that is not wanted.
    var superSampler: SuperSampler?

    private var pauseSamples: Int { Int(Double(pauseSampleRateHz) * pauseSeconds) }

    /// The sentences of `batches` with the pause after each.
    ///
    /// - Parameter order: the sentences' numbers, batch by batch, where they are not in the order of the text.
    func fragment(_ batches: [SynthesizedBatch], order: [[Int]]?) throws -> AudioFragment {
        let sentences = batches.map(\.samples)
        let samples = try Postprocess.join(
            sentences, order: order, pauseSeconds: pauseSeconds, sampleRateHz: pauseSampleRateHz)
        func inOrder<T>(_ values: [[T]]) throws -> [T] {
            try order.map { try Postprocess.restore(values, order: $0) } ?? values.flatMap { $0 }
        }
        let lengths = try inOrder(sentences.map { $0.map(\.count) })
        var start = 0
        let places = zip(try inOrder(batches.map(\.texts)), lengths).map { text, length in
            defer { start += length + pauseSamples }
            return SpokenSentence(text: text, samples: start..<start + length)
        }
        let fragment = AudioFragment(
            sampleRateHz: sampleRateHz, samples: Postprocess.toInt16(samples, fullScale: fullScale),
            sentences: places)
        return try superSampler.map { try superSampled(fragment, samples, $0) } ?? fragment
    }

    /// The fragment at the higher rate; as it is, where the network is not there.
    private func superSampled(
        _ fragment: AudioFragment, _ samples: [Float], _ superSampler: SuperSampler
    ) throws -> AudioFragment {
        guard let wide = try superSampler(samples, sampleRateHz: sampleRateHz) else {
            var fragment = fragment
            fragment.lacksSuperSampling = true
            return fragment
        }
        func place(_ sample: Int) -> Int {
            min(sample * wide.sampleRateHz / sampleRateHz, wide.samples.count)
        }
        return AudioFragment(
            sampleRateHz: wide.sampleRateHz,
            samples: Postprocess.toInt16(Postprocess.normalizePeak(wide.samples), fullScale: fullScale),
            sentences: fragment.sentences.map {
                SpokenSentence(
                    text: $0.text, samples: place($0.samples.lowerBound)..<place($0.samples.upperBound))
            })
    }

    /// A chunk of a streamed sentence.
    ///
    /// - Parameter text: the sentence's text for its first chunk, empty for the others.
    func chunk(_ samples: [Float], text: String) throws -> AudioFragment {
        let played = try Postprocess.assemble(
            [[samples]], order: nil, pauseSeconds: 0, sampleRateHz: sampleRateHz, fullScale: fullScale)
        return AudioFragment(
            sampleRateHz: sampleRateHz, samples: played,
            sentences: [SpokenSentence(text: text, samples: 0..<played.count)])
    }

    /// The pause after a streamed sentence.
    func pause() -> AudioFragment {
        AudioFragment(sampleRateHz: sampleRateHz, samples: [Int16](repeating: 0, count: pauseSamples))
    }
}
