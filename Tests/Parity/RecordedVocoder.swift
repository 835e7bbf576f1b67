import Models
import ParityStages
import TestSupport

/// The vocoders of v3 and v4 on recorded spectrograms.
struct RecordedVocoder {
    let pretrained: PretrainedFiles
    let version: String

    private func model() throws -> Vocoder {
        version == "v3" ? try .bigVGAN(folder: pretrained.bigVGAN) : try .hiFiGAN(path: pretrained.v4Vocoder)
    }

    func run(_ comparison: inout Comparison) throws {
        comparison.uses("mel")
        try VocoderStages.vocoder(
            try model(), mel: try comparison.golden.timeMajor("mel"), &comparison)
    }

    /// The anti-aliasing filters, which upstream computes and stores with the weights; here they are read.
    func filters(_ comparison: inout Comparison) throws {
        let filters = try Vocoder.bigVGANFilters(folder: pretrained.bigVGAN)
        try comparison.check("up", filters.up, Tolerances.audio)
        try comparison.check("down", filters.down, Tolerances.audio)
    }
}
