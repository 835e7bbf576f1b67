import Audio
import Models
import Tensor

/// A request under way: phonemize a batch → decode → synthesize → assemble (upstream: `TTS.run`).
///
/// `next` finishes one batch. It owns the request's position in the plan, the batches that are being decoded, and the audio
/// that still has to leave; models and features are shared and immutable. One thread uses it.
final class Session {
    private let plan: Plan
    private let conditioning: Conditioning
    private let context: SynthesisContext
    private let decoder: any TokenDecoder
    private let noise: any SynthesisNoise
    private let acoustic: any AcousticModel
    private let assembler: Assembler

    /// The first batch of the plan that was not begun.
    private var nextBatch = 0
    /// Batches whose tokens are being decoded, with their sentences.
    private var inFlight: [(sentences: [PreparedSentence], tokens: any PendingTokens)] = []
    /// Whether a fragment has left.
    private var hasEmitted = false
    /// Syntheses begun, by which noise is addressed.
    private var synthesisCount = 0
    /// Whole delivery: the batches that are finished.
    private var finished: [SynthesizedBatch] = []

    init(
        _ plan: Plan, _ conditioning: Conditioning, _ context: SynthesisContext, decoder: any TokenDecoder,
        noise: any SynthesisNoise
    ) {
        (self.plan, self.conditioning, self.context) = (plan, conditioning, context)
        (self.decoder, self.noise) = (decoder, noise)
        acoustic = context.models.acoustic.model
        assembler = Assembler(
            sampleRateHz: acoustic.outputSampleRateHz, pauseSampleRateHz: acoustic.referenceSampleRateHz,
            pauseSeconds: plan.request.fragmentInterval,
            fullScale: context.fullScale,
            superSampler: plan.request.superSampling && acoustic.allowsSuperSampling
                ? context.base.superSampler : nil)
    }

    /// Finishes one batch and passes its audio to `emit`. Returns whether there is more to do.
    func next(_ emit: (AudioFragment) -> Void) throws -> Bool {
        if case .chunks(let fixed, let minimum, let overlap) = plan.request.delivery {
            let rule: ChunkRule =
                fixed ? .fixed(length: minimum) : .quiet(length: minimum, silence: silence(), threshold: 0)
            if let sentences = try phonemizeNext() {
                for (row, sentence) in sentences.enumerated() {
                    try stream(
                        sentence, decodeRequest(sentence, row: row), rule, overlapTokens: overlap, emit)
                }
            }
            return nextBatch < plan.batches.count
        }
        // The tokens of the batch after this one are decoded while this one is synthesized. Until the first fragment has
        // left, nothing is done for later text.
        let isAhead = decoder.isConcurrent && (hasEmitted || plan.request.delivery == .whole)
        while inFlight.count < (isAhead ? 2 : 1), let sentences = try phonemizeNext() {
            inFlight.append((sentences, try decode(sentences)))
        }
        guard !inFlight.isEmpty else { return false }
        let (sentences, pending) = inFlight.removeFirst()
        let tokens = try context.meter.time(\.tokenSeconds) { try pending.wait() }
        let batch = try synthesize(sentences, tokens)
        let isLast = inFlight.isEmpty && nextBatch >= plan.batches.count
        if plan.request.delivery == .whole {
            finished.append(batch)
            if isLast { emit(try assembler.fragment(finished, order: plan.order)) }
        } else {
            emit(try assembler.fragment([batch], order: nil))
            hasEmitted = true
        }
        return !isLast
    }

    /// The next batch that has something to speak, ready for the models.
    private func phonemizeNext() throws -> [PreparedSentence]? {
        while nextBatch < plan.batches.count {
            let batch = plan.batches[nextBatch]
            nextBatch += 1
            let sentences = try ThreadPool.shared.engage {
                try context.meter.time(\.textSeconds) { try PreparedSentence.prepare(batch, context) }
            }
            if !sentences.isEmpty { return sentences }
        }
        return nil
    }

    /// Whether upstream would decode sentences side by side. Without a prompt it decodes one after another.
    private var isParallel: Bool { plan.request.parallelInference && conditioning.prompt != nil }

    private func decode(_ sentences: [PreparedSentence]) throws -> any PendingTokens {
        try decoder.begin(
            sentences.enumerated().map { decodeRequest($1, row: $0) }, sideBySide: isParallel)
    }

    /// What the text-to-semantic model decodes of a sentence: the prompt's phonemes and features come before its own.
    private func decodeRequest(_ sentence: PreparedSentence, row: Int) -> DecodeRequest {
        let request = plan.request
        let prompt = conditioning.prompt
        let input = Text2Semantic.Input(
            phones: (prompt?.phonemes ?? []) + sentence.phonemes,
            bert: prompt.map { Tensor.concatenatingRows([$0.features, sentence.features]) }
                ?? sentence.features,
            prompt: prompt?.tokens)
        // Without a prompt, upstream's parallel mode loses the penalty on the way and falls back to 1.35.
        let penalty: Float = prompt == nil && request.parallelInference ? 1.35 : request.repetitionPenalty
        let sampling = SamplingOptions(
            topK: request.topK, topP: request.topP, temperature: request.temperature,
            repetitionPenalty: penalty)
        var decode = DecodeRequest(input, sampling, noise: noise.sampling(sentence: sentence.number))
        decode.sequence = row
        decode.maxNewTokens = Text2Semantic.maxNewTokens(
            earlyStop: context.models.textToSemantic.model.earlyStop)
        decode.truncation = isParallel ? .dropLastToken : .keepLastToken
        return decode
    }

    private func synthesize(_ sentences: [PreparedSentence], _ tokens: [[Int]]) throws -> SynthesizedBatch {
        let inputs = zip(tokens, sentences).map { AcousticInput(tokens: $0, phonemes: $1.phonemes) }
        let samples = try ThreadPool.shared.engage {
            try context.meter.time(\.sampleSeconds) {
                try acoustic.synthesize(inputs, setting(), checkpoint: context.checkpoint)
            }
        }
        return SynthesizedBatch(texts: sentences.map(\.text), samples: samples)
    }

    private func setting() -> AcousticSetting {
        var setting = AcousticSetting(
            conditioning.acoustic, speed: plan.request.speedFactor, trace: context.trace["vits"],
            overlapAdd: SOLA.join
        ) { [unowned self] shape in
            if shape.chunk == 0 { synthesisCount += 1 }
            return noise.latent(call: synthesisCount - 1, shape)
        }
        setting.sampleSteps = plan.request.sampleSteps
        setting.isParallel = plan.request.parallelInference
        return setting
    }

    /// Synthesizes a sentence chunk by chunk while it is decoded (upstream: the `streaming_mode` branch of `TTS.run`).
    private func stream(
        _ sentence: PreparedSentence, _ request: DecodeRequest, _ rule: ChunkRule, overlapTokens: Int,
        _ emit: (AudioFragment) -> Void
    ) throws {
        var text = sentence.text
        var crossfader = ChunkCrossfader(
            acoustic, setting(), phonemes: sentence.phonemes, overlapTokens: overlapTokens)
        try decoder.stream(request, rule: rule) { tokens, isLast in
            try context.checkpoint()
            let samples = try ThreadPool.shared.engage {
                try context.meter.time(\.sampleSeconds) { try crossfader.add(tokens, isLast: isLast) }
            }
            emit(try assembler.chunk(samples, text: text))
            text = ""
        }
        emit(assembler.pause())
    }

    /// How similar each token is to silence.
    private func silence() -> [Float] {
        context.models.textToSemantic.model.similarity(to: ChunkCrossfader.silentToken)
    }
}
