import Audio
import Models
import Tensor

/// Speaks the chunks of a streamed sentence and joins them (upstream: the streaming branch of `TTS.run`).
///
/// Each chunk is synthesised from all tokens so far; only its end is kept, cross-faded with the part before in the
/// encoder's output and, where the waveforms fit best, in the samples.
struct PartJoiner {
    /// The token that upstream takes for silence.
    static let silentToken = 486
    /// Upstream gives short chunks more context, up to ten tokens.
    private static let shortChunk = 10

    private let soVITS: SoVITS
    private let speed: Double
    private let overlapTokens: Int
    private let samplesPerToken: Double
    private let overlapSamples: Int
    private var tokens: [Int] = []
    private var lastLatent: Tensor?
    private var lastSamples: [Float]?

    init(soVITS: SoVITS, speed: Double, overlapTokens: Int) {
        self.soVITS = soVITS
        self.speed = speed
        self.overlapTokens = overlapTokens
        samplesPerToken = Double(soVITS.samplesPerFrame) * (Double(soVITS.framesPerToken) / speed)
        overlapSamples = Int((Double(overlapTokens) * samplesPerToken).rounded(.up))
    }

    /// Samples to play for a chunk. nil tokens: the sentence ended exactly at the last cut, and what was held back for
    /// the cross-fade is all that is left.
    mutating func part(
        _ chunk: [Int]?, isLast: Bool, phones: [Int], speaker: Tensor, noise: (Int) -> Tensor
    ) throws -> [Float] {
        guard let chunk else { return Array((lastSamples ?? []).suffix(overlapSamples)) }
        let isFirst = lastSamples == nil
        tokens += chunk
        let context =
            !isFirst && chunk.count < Self.shortChunk
            ? overlapTokens + (Self.shortChunk - chunk.count) : overlapTokens
        let overlap = lastLatent.map { latent in
            let n = min(context * soVITS.framesPerToken, latent.shape[0])
            return latent.rows(latent.shape[0] - n..<latent.shape[0])
        }
        let result = soVITS.decodePart(
            codes: tokens, phones: phones, speaker: speaker, speed: speed,
            resultTokens: isFirst ? nil : chunk.count + context, overlap: overlap, noise: noise)
        var samples = result.samples.values
        if context > overlapTokens {
            samples = Array(samples.suffix(Int(Double(overlapTokens + chunk.count) * samplesPerToken)))
        }
        var played = samples
        if let before = lastSamples {
            if !isLast {
                let joined = try SOLA.join([before, samples], overlapSamples: overlapSamples)
                played = Array(joined.dropFirst(before.count - overlapSamples).dropLast(overlapSamples))
            }
        } else if !isLast {
            played = Array(samples.dropLast(overlapSamples))
        }
        lastLatent = result.latent
        lastSamples = samples
        return played
    }
}
