package import Audio
package import Models

/// Runs one request on the calling thread: for tools and tests that bring their own noise, or record activations.
package enum SynchronousRunner {
    /// All fragments of `request`, in order.
    package static func run(
        _ request: SynthesisRequest, models: ModelSet, base: BaseModels, noise: any SynthesisNoise,
        fullScale: Postprocess.FullScale = .clamp, trace: ActivationTrace = .none
    ) throws -> [AudioFragment] {
        let context = SynthesisContext(models: models, base: base, fullScale: fullScale, trace: trace)
        return try run(request, context, noise: noise)
    }

    static func run(_ request: SynthesisRequest, _ context: SynthesisContext, noise: any SynthesisNoise)
        throws
        -> [AudioFragment]
    {
        let plan = try Plan(request, context)
        let decoder = SynchronousDecoder(
            model: context.models.textToSemantic.model, trace: context.trace["t2s"],
            checkpoint: context.checkpoint)
        let session = Session(
            plan, try Conditioning(plan, context), context, decoder: decoder, noise: noise)
        var fragments: [AudioFragment] = []
        while try session.next({ fragments.append($0) }) {}
        return fragments
    }
}
