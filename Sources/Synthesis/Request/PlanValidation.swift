import Models

/// The checks of a request that need neither text nor audio.
struct PlanValidation {
    let request: SynthesisRequest
    let models: ModelSet
    let base: BaseModels

    /// - Throws: `SynthesisError`.
    func check() throws {
        try models.checkAgreement()
        if models.acoustic.model.requiresPrompt, request.promptText.isEmpty {
            throw SynthesisError(
                .parameter,
                "prompt_text cannot be empty with \(models.version) voices, which continue the reference clip: say what it says"
            )
        }
        try checkFeatures()
        try checkLanguages()
        try checkDelivery()
    }

    private func checkFeatures() throws {
        let (given, read) = (base.text.featureCount, models.textToSemantic.model.bertFeatureCount)
        guard given == read else {
            throw SynthesisError(
                .weights, "BERT gives \(given) features, \(models.textToSemantic.path) reads \(read)")
        }
    }

    private func checkLanguages() throws {
        let prompted = request.promptText.isEmpty ? [] : [request.promptLanguage]
        for language in [request.textLanguage] + prompted where !models.languages.contains(language) {
            throw SynthesisError(.language, "\(language) is not supported in version \(models.version)")
        }
    }

    /// Chunks are cross-faded over `overlapTokens`, so even the shortest one must hold them.
    private func checkDelivery() throws {
        guard case .chunks(let fixed, let minimum, let overlap) = request.delivery,
            models.acoustic.model.supportsChunks
        else { return }
        let tokenCount = models.textToSemantic.model.tokenCount
        guard fixed || tokenCount > ChunkCrossfader.silentToken else {
            throw SynthesisError(
                .weights,
                "\(models.textToSemantic.path) has \(tokenCount) tokens and none for silence "
                    + "(\(ChunkCrossfader.silentToken)); ask for parts of a fixed length")
        }
        guard minimum >= 1, overlap >= 0, minimum >= overlap else {
            throw SynthesisError(
                .parameter,
                "parts of at least \(minimum) tokens cannot overlap by \(overlap); min_chunk_length must be at least "
                    + "1 and not less than overlap_length")
        }
    }
}
