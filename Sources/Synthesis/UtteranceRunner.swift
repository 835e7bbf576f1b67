public import Audio
public import Models

/// Runs one utterance on the calling thread: for tools and tests that bring their own noise, or want the taps.
public enum UtteranceRunner {
    /// All fragments of `request`, in order.
    public static func run(
        _ request: SynthesisRequest, models: ModelSet, base: BaseModels, noise: any SynthesisNoise,
        fullScale: Postprocess.FullScale = .clamp, taps: Taps = .none
    ) throws -> [AudioFragment] {
        let utterance = try Utterance(
            request, models: models, base: base, references: References(), noise: noise, fullScale: fullScale,
            taps: taps)
        var fragments: [AudioFragment] = []
        while try utterance.next({ fragments.append($0) }) {}
        return fragments
    }
}
