import Audio
import Models

/// Synthesizes the chunks of a streamed sentence and joins them (upstream: the streaming branch of `TTS.run`).
///
/// Each chunk is synthesized from all tokens so far; only its end is kept, cross-faded with the chunk before in the
/// model's latent and, where the waveforms fit best, in the samples.
struct ChunkCrossfader {
    /// The token that upstream takes for silence.
    static let silentToken = 486
    /// Upstream gives short chunks more context, up to ten tokens.
    private static let shortChunk = 10

    private let model: any AcousticModel
    private let setting: AcousticSetting
    private let phonemes: [Int]
    private let overlapTokens: Int
    private let samplesPerToken: Double
    private let overlapSamples: Int
    private var tokens: [Int] = []
    private var previous: AcousticChunk?
    private var previousSamples: [Float]?

    init(_ model: any AcousticModel, _ setting: AcousticSetting, phonemes: [Int], overlapTokens: Int) {
        self.model = model
        self.setting = setting
        self.phonemes = phonemes
        self.overlapTokens = overlapTokens
        samplesPerToken = model.samplesPerToken(speed: setting.speed)
        overlapSamples = Int((Double(overlapTokens) * samplesPerToken).rounded(.up))
    }

    /// Samples to play for a chunk. nil tokens: the sentence ended exactly at the last cut, and what was held back for
    /// the cross-fade is all that is left.
    mutating func add(_ chunk: [Int]?, isLast: Bool) throws -> [Float] {
        guard let chunk else { return Array((previousSamples ?? []).suffix(overlapSamples)) }
        let isFirst = previousSamples == nil
        tokens += chunk
        let context =
            !isFirst && chunk.count < Self.shortChunk
            ? overlapTokens + (Self.shortChunk - chunk.count) : overlapTokens
        let result = model.synthesizeChunk(
            AcousticInput(tokens: tokens, phonemes: phonemes),
            resultTokens: isFirst ? nil : chunk.count + context, after: previous, overlapTokens: context,
            setting)
        var samples = result.samples
        if context > overlapTokens {
            samples = Array(samples.suffix(Int(Double(overlapTokens + chunk.count) * samplesPerToken)))
        }
        var played = samples
        if let before = previousSamples {
            if !isLast {
                let joined = try SOLA.join([before, samples], overlapSamples: overlapSamples)
                played = Array(joined.dropFirst(before.count - overlapSamples).dropLast(overlapSamples))
            }
        } else if !isLast {
            played = Array(samples.dropLast(overlapSamples))
        }
        previous = result
        previousSamples = samples
        return played
    }
}
