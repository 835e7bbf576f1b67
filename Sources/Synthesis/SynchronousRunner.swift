public import Audio
public import Models

/// Runs one request on the calling thread: for tools and tests that bring their own noise, or record activations.
public enum SynchronousRunner {
    /// All fragments of `request`, in order.
    public static func run(
        _ request: SynthesisRequest, models: ModelSet, base: BaseModels, noise: any SynthesisNoise,
        fullScale: Postprocess.FullScale = .clamp, taps: Taps = .none
    ) throws -> [AudioFragment] {
        let context = SynthesisContext(models: models, base: base, fullScale: fullScale, taps: taps)
        return try run(request, context, noise: noise)
    }

    static func run(_ request: SynthesisRequest, _ context: SynthesisContext, noise: any SynthesisNoise)
        throws
        -> [AudioFragment]
    {
        let plan = try Plan(request, context)
        let decoder = SynchronousDecoder(
            model: context.models.textToSemantic.model, taps: context.taps["t2s"],
            checkpoint: context.checkpoint)
        let session = Session(
            plan, try Conditioning(plan, context), context, decoder: decoder, noise: noise)
        var fragments: [AudioFragment] = []
        while try session.next({ fragments.append($0) }) {}
        return fragments
    }
}
