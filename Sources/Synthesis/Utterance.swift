import Audio
import Foundation
import Models
import Tensor

/// One request on its way through the models: a state machine whose `next` makes one batch of sentences.
///
/// Upstream: `TTS.run`. It owns its noise, its place in the text and the audio that still has to leave; weights and
/// features are shared and immutable.
final class Utterance {
    private let request: SynthesisRequest
    private let models: ModelSet
    private let base: BaseModels
    private let noise: any SynthesisNoise
    private let source: any TokenSource
    private let fullScale: Postprocess.FullScale
    private let isCancelled: @Sendable () -> Bool
    private let taps: Taps
    private let meter: EngineMeter

    private let prompt: ModelSentence?
    private let promptTokens: [Int]?
    private let speaker: Tensor

    /// The text, cut into the pieces that are spoken together; sentences are prepared when their turn comes.
    private var batches: [Batch]
    private var nextBatch = 0
    /// Batches whose tokens are on their way.
    private var underway: [(batch: Batch, tokens: any PendingTokens)] = []
    private var calls = 0
    /// Whole mode: fragments of finished batches, and the places of their sentences.
    private var finished: [[[Float]]] = []
    private var finishedTexts: [[String]] = []
    private var order: [[Int]]?

    private struct Batch {
        var indices: [Int]
        var pieces: [String] = []
        var sentences: [ModelSentence] = []
        /// The text of each sentence.
        var texts: [String] = []
    }

    /// Prepares everything that can fail before a sound is made: reference, prompt and text.
    init(
        _ request: SynthesisRequest, models: ModelSet, base: BaseModels, references: References,
        noise: any SynthesisNoise, source: any TokenSource = DirectTokens(),
        fullScale: Postprocess.FullScale = .clamp, taps: Taps = .none,
        meter: EngineMeter = EngineMeter(), isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        self.request = request
        self.models = models
        self.base = base
        self.noise = noise
        self.source = source
        self.fullScale = fullScale
        self.taps = taps
        self.meter = meter
        self.isCancelled = isCancelled
        try models.checkAgreement()
        try Self.checkLanguages(request, models)
        try Self.checkDelivery(request.delivery, models)

        let main = try references.features(
            path: request.referencePath, models: models, base: base, needsPrompt: true,
            isKept: request.keptReferences.contains(request.referencePath))
        var speakers = [main.speaker]
        for path in request.auxiliaryReferencePaths where FileManager.default.fileExists(atPath: path) {
            speakers.append(
                try references.features(
                    path: path, models: models, base: base, needsPrompt: false,
                    isKept: request.keptReferences.contains(path)
                ).speaker)
        }
        speaker = speakers.count == 1 ? main.speaker : Tensor.concatenatingRows(speakers).meanOfRows()
        prompt = try Self.preparedPrompt(request, models, base)
        promptTokens = prompt == nil ? nil : main.prompt
        batches = []
        try batchPieces()
        guard !batches.isEmpty else { throw Self.nothingToSpeak }
    }

    private static let nothingToSpeak = SynthesisError(
        .text, "the text has nothing to speak: no character of it has a sound")

    /// Parts are cross-faded over `overlapTokens`, so even the shortest one must hold them.
    private static func checkDelivery(_ delivery: Delivery, _ models: ModelSet) throws {
        guard case .parts(let fixed, let minimum, let overlap) = delivery else { return }
        guard fixed || models.textToSemantic.tokenCount > PartJoiner.silentToken else {
            throw SynthesisError(
                .weights,
                "\(models.textToSemanticPath) has \(models.textToSemantic.tokenCount) tokens and none for silence "
                    + "(\(PartJoiner.silentToken)); ask for parts of a fixed length")
        }
        guard minimum >= 1, overlap >= 0, minimum >= overlap else {
            throw SynthesisError(
                .parameter,
                "parts of at least \(minimum) tokens cannot overlap by \(overlap); min_chunk_length must be at least "
                    + "1 and not less than overlap_length")
        }
    }

    private static func checkLanguages(_ request: SynthesisRequest, _ models: ModelSet) throws {
        let prompted = request.promptText.isEmpty ? [] : [request.promptLanguage]
        for language in [request.textLanguage] + prompted where !models.languages.contains(language) {
            throw SynthesisError(.language, "\(language) is not supported in version \(models.version)")
        }
    }

    /// Characters that end a sentence (upstream's `splits`).
    private static let sentenceEnds = Set("，。？！,.?!~:：—…".unicodeScalars)

    private static func preparedPrompt(
        _ request: SynthesisRequest, _ models: ModelSet, _ base: BaseModels
    ) throws -> ModelSentence? {
        guard !request.promptText.isEmpty else { return nil }
        var scalars = request.promptText.unicodeScalars[...]
        while scalars.first == "\n" { scalars.removeFirst() }
        while scalars.last == "\n" { scalars.removeLast() }
        guard let last = scalars.last else {
            throw SynthesisError(
                .text, "prompt_text holds only line breaks; leave it out to speak without a prompt")
        }
        var text = String(String.UnicodeScalarView(scalars))
        if !sentenceEnds.contains(last) { text += request.promptLanguage == "en" ? "." : "。" }
        let sentence = try base.sentences.prepare(
            text, language: request.promptLanguage, version: models.version)
        try check(sentence, models)
        return sentence
    }

    /// Ids must lie in both tables; a front end of another version would give others.
    private static func check(_ phones: [Int], _ models: ModelSet) throws {
        let limit = min(models.textToSemantic.phoneCount, models.soVITS.phoneCount)
        if let wrong = phones.first(where: { !(0..<limit).contains($0) }) {
            throw SynthesisError(
                .weights, "phone \(wrong) is outside the \(limit) phones of the loaded weights")
        }
    }

    private static func check(_ sentence: ModelSentence, _ models: ModelSet) throws {
        try check(sentence.phones, models)
        guard sentence.bert.shape[1] == models.textToSemantic.bertFeatureCount else {
            throw SynthesisError(
                .weights,
                "BERT gives \(sentence.bert.shape[1]) features, \(models.textToSemanticPath) reads "
                    + "\(models.textToSemantic.bertFeatureCount)")
        }
    }

    /// Cuts the text into batches. Every piece is read, so that a text that cannot be spoken to its end is refused before
    /// its first sound; BERT, which takes most of the time, waits for the batch's turn.
    private func batchPieces() throws {
        var pieces = try base.sentences.pieces(
            request.text, language: request.textLanguage, cut: request.splitMethod)
        var outlines = try pieces.map { piece in
            try checkpoint()
            let outline = try base.sentences.outline(
                piece, language: request.textLanguage, version: models.version)
            try Self.check(outline.phones, models)
            return outline
        }
        guard outlines.contains(where: { !$0.phones.isEmpty }) else { throw Self.nothingToSpeak }
        if case .whole = request.delivery {
            // Upstream drops what has no sound before it makes batches here, and afterwards in the other modes.
            let spoken = pieces.indices.filter { !outlines[$0].norm.isEmpty && !outlines[$0].phones.isEmpty }
            (pieces, outlines) = (spoken.map { pieces[$0] }, spoken.map { outlines[$0] })
            // Upstream gives up its buckets when the speed is changed.
            let buckets = request.splitBucket && request.speedFactor == 1
            let indices = Batching.batches(
                lengths: outlines.map(\.norm.unicodeScalars.count), size: request.batchSize,
                threshold: request.batchThreshold, buckets: buckets)
            batches = indices.map { rows in Batch(indices: rows, pieces: rows.map { pieces[$0] }) }
            order = buckets ? indices : nil
        } else {
            // Parts are cut from the tokens of one sentence while it is decoded: a batch then holds one sentence.
            var size = request.batchSize
            if case .parts = request.delivery { size = 1 }
            batches = Batching.batches(
                lengths: pieces.map { _ in 1 }, size: size, threshold: 0, buckets: false
            ).map { rows in Batch(indices: rows, pieces: rows.map { pieces[$0] }) }
        }
    }

    private func checkpoint() throws {
        if isCancelled() { throw CancellationError() }
    }

    /// Makes one batch. Hands finished audio to `emit`; false when there is nothing left to do.
    func next(_ emit: (AudioFragment) -> Void) throws -> Bool {
        if case .parts(let fixed, let minimum, let overlap) = request.delivery {
            if let (batch, number) = try nextPrepared() {
                try stream(batch, number: number, fixed: fixed, minimum: minimum, overlap: overlap, emit)
            }
            return nextBatch < batches.count
        }
        // The tokens of the batch after this one are decoded while this one is spoken.
        while underway.count < (source.isConcurrent ? 2 : 1), let (batch, number) = try nextPrepared() {
            underway.append((batch, try source.begin(tokenOrder(batch, number: number))))
        }
        guard !underway.isEmpty else { return false }
        let (batch, pending) = underway.removeFirst()
        let tokens = try meter.time(\.tokenSeconds) { try pending.wait() }
        let spoken = try ThreadPool.shared.engage {
            try meter.time(\.sampleSeconds) { try speak(batch, tokens: tokens) }
        }
        let isLast = underway.isEmpty && nextBatch >= batches.count
        if request.delivery == .whole {
            finished.append(spoken)
            finishedTexts.append(batch.texts)
            if isLast { emit(try fragment(finished, texts: finishedTexts, order: order)) }
        } else {
            emit(try fragment([spoken], texts: [batch.texts], order: nil))
        }
        return !isLast
    }

    /// The next batch that has something to speak, ready for the models, and its number.
    private func nextPrepared() throws -> (Batch, Int)? {
        while nextBatch < batches.count {
            var batch = batches[nextBatch]
            nextBatch += 1
            try ThreadPool.shared.engage { try meter.time(\.textSeconds) { try prepare(&batch) } }
            if !batch.sentences.isEmpty { return (batch, nextBatch - 1) }
        }
        return nil
    }

    /// Prepares the pieces of a batch; those without a sound are left out, as upstream does.
    private func prepare(_ batch: inout Batch) throws {
        let sentences = try base.sentences.prepare(
            batch.pieces, language: request.textLanguage, version: models.version, checkpoint: checkpoint)
        var indices: [Int] = []
        for (place, sentence) in sentences.enumerated() {
            try Self.check(sentence, models)
            guard !sentence.phones.isEmpty else { continue }
            batch.sentences.append(sentence)
            batch.texts.append(batch.pieces[place])
            indices.append(batch.indices[place])
        }
        batch.indices = indices
    }

    /// The silence after a sentence.
    private var pauseSamples: Int { Int(Double(models.soVITS.sampleRateHz) * request.fragmentInterval) }

    /// The sentences of `batches`, in the order of the text, with the pause after each.
    private func fragment(_ batches: [[[Float]]], texts: [[String]], order: [[Int]]?) throws -> AudioFragment
    {
        let rate = models.soVITS.sampleRateHz
        let samples = try Postprocess.assemble(
            batches, order: order, pauseSeconds: request.fragmentInterval, sampleRateHz: rate,
            fullScale: fullScale)
        let lengths = try order.map { try Postprocess.restore(batches.map { $0.map(\.count) }, order: $0) }
        let names = try order.map { try Postprocess.restore(texts, order: $0) } ?? texts.flatMap { $0 }
        let pause = pauseSamples
        var start = 0
        let sentences = zip(names, lengths ?? batches.flatMap { $0.map(\.count) }).map { text, length in
            defer { start += length + pause }
            return SpokenSentence(text: text, samples: start..<start + length)
        }
        return AudioFragment(sampleRateHz: rate, samples: samples, sentences: sentences)
    }

    /// A part of a streamed sentence; its first one carries the text.
    private func part(_ samples: [Float], text: String) throws -> AudioFragment {
        let rate = models.soVITS.sampleRateHz
        let played = try Postprocess.assemble(
            [[samples]], order: nil, pauseSeconds: 0, sampleRateHz: rate, fullScale: fullScale)
        return AudioFragment(
            sampleRateHz: rate, samples: played,
            sentences: [SpokenSentence(text: text, samples: 0..<played.count)])
    }

    private var sampling: SamplingOptions {
        // Without a prompt, upstream's parallel mode loses the penalty on the way and falls back to 1.35.
        let penalty: Float = prompt == nil && request.parallelInference ? 1.35 : request.repetitionPenalty
        return SamplingOptions(
            topK: request.topK, topP: request.topP, temperature: request.temperature,
            repetitionPenalty: penalty)
    }

    /// What the text-to-semantic model reads for a sentence: the prompt's phones and features before its own.
    private func input(_ sentence: ModelSentence) -> Text2Semantic.Input {
        guard let prompt else {
            return Text2Semantic.Input(phones: sentence.phones, bert: sentence.bert, prompt: nil)
        }
        return Text2Semantic.Input(
            phones: prompt.phones + sentence.phones,
            bert: Tensor.concatenatingRows([prompt.bert, sentence.bert]), prompt: promptTokens)
    }

    /// Steps after which a sentence is cut (upstream: `hz * max_sec`).
    private var earlyStop: Int { 50 * models.textToSemantic.maximumSeconds }

    private func tokenOrder(_ batch: Batch, number: Int) -> TokenBatchOrder {
        TokenBatchOrder(
            model: models.textToSemantic,
            orders: batch.sentences.enumerated().map { TokenOrder(input: input($1), index: $0) },
            options: sampling, earlyStop: earlyStop,
            isParallel: request.parallelInference && prompt != nil,
            noise: { [noise] in noise.sampling(batch: number, sentences: batch.indices) },
            taps: taps["t2s"], checkpoint: { [self] in try checkpoint() })
    }

    /// Speech of a batch, one array of samples per sentence.
    private func speak(_ batch: Batch, tokens: [[Int]]) throws -> [[Float]] {
        try checkpoint()
        let soVITS = models.soVITS
        if request.speedFactor == 1 {
            // Upstream joins the sentences of a batch, speaks them as one, and cuts the result.
            let samples = speak(tokens.flatMap { $0 }, batch.sentences.flatMap(\.phones))
            var start = 0
            return tokens.map { codes in
                let end = start + codes.count * soVITS.framesPerToken * soVITS.samplesPerFrame
                defer { start = end }
                return Array(samples[min(start, samples.count)..<min(end, samples.count)])
            }
        }
        return try zip(tokens, batch.sentences).map { codes, sentence in
            try checkpoint()
            return speak(codes, sentence.phones)
        }
    }

    private func speak(_ codes: [Int], _ phones: [Int]) -> [Float] {
        let soVITS = models.soVITS
        let frames = soVITS.frameCount(tokens: codes.count, speed: request.speedFactor)
        let latent = noise.latent(call: calls, frames: frames, channels: soVITS.latentChannels)
        calls += 1
        return soVITS.decode(
            codes: codes, phones: phones, speaker: speaker, speed: request.speedFactor, noise: latent,
            taps: taps["vits"]
        ).values
    }

    /// A sentence spoken part by part, cross-faded (upstream: the `streaming_mode` branch of `TTS.run`).
    private func stream(
        _ batch: Batch, number: Int, fixed: Bool, minimum: Int, overlap: Int, _ emit: (AudioFragment) -> Void
    ) throws {
        let gpt = models.textToSemantic
        guard let sentence = batch.sentences.first else { return }
        var text = batch.texts.first ?? ""
        let rule: ChunkRule =
            fixed
            ? .fixed(length: minimum)
            : .quiet(length: minimum, silence: gpt.similarity(to: PartJoiner.silentToken), threshold: 0)
        var joiner = PartJoiner(soVITS: models.soVITS, speed: request.speedFactor, overlapTokens: overlap)
        try source.stream(
            tokenOrder(batch, number: number), rule: rule
        ) { tokens, isLast in
            try checkpoint()
            let samples = try ThreadPool.shared.engage {
                try meter.time(\.sampleSeconds) {
                    try joiner.part(tokens, isLast: isLast, phones: sentence.phones, speaker: speaker) {
                        frames in
                        defer { calls += 1 }
                        return noise.latent(
                            call: calls, frames: frames, channels: models.soVITS.latentChannels)
                    }
                }
            }
            emit(try part(samples, text: text))
            text = ""
        }
        emit(
            AudioFragment(
                sampleRateHz: models.soVITS.sampleRateHz,
                samples: [Int16](repeating: 0, count: pauseSamples)))
    }
}
