import Audio
import Models
import ParityStages
import Tensor
import TestSupport

/// The extension of 24 kHz to 48 kHz, step by step.
struct RecordedSuperSampling {
    /// The folder of the network.
    let folder: String

    func run(_ comparison: inout Comparison) throws {
        let golden = comparison.golden
        comparison.uses("audio24k")
        guard let network = try BandwidthExtension(folder: folder) else {
            throw ParityError("\(folder): no bandwidth extension")
        }
        let hidden = Tolerances.hidden()
        let resampled = SincResampler(from: 24_000, to: network.outputSampleRateHz)(
            try golden.floats("audio24k"))
        try comparison.check("resampled", resampled, Tolerances.audio)
        let transform = ShortTimeTransform(
            fftSize: network.fftSize, hopSamples: network.hopSamples, windowSamples: network.windowSamples)
        let analysis = try transform.analyze(resampled)
        let shape = [analysis.frames, network.fftSize / 2 + 1]
        try comparison.check(
            "amp_in", Tensor(analysis.amplitudes, shape).transposed().values, Tolerances.logAmplitude)
        // Angles turn freely where there is next to no amplitude, and by a whole turn at ±π; those of the lowest and the highest
        // frequency are 0 or π and exact.
        let expected = try golden.timeMajor("pha_in")
        try comparison.check(
            "pha_in",
            unwrapped(
                Tensor(analysis.phases, shape), near: expected, where: analysis.amplitudes, above: -8,
                exceptEdges: true
            ).transposed().values, Tolerances.phase)
        // What follows is compared on upstream's own spectrum.
        let amplitudes = try golden.timeMajor("amp_in")
        let wide = network(amplitude: amplitudes, phase: expected)
        try comparison.check("amp_out", wide.amplitude, hidden, axes: .channelsFirst)
        let phases = try golden.timeMajor("pha_out")
        try comparison.check(
            "pha_out",
            unwrapped(
                wide.phase, near: phases, where: wide.amplitude.values, above: -.infinity, exceptEdges: false
            ).transposed().values,
            Tolerances.phase)
        try comparison.check("rate", [network.outputSampleRateHz])
        try comparison.check(
            "audio48k",
            transform.synthesize(
                amplitudes: wide.amplitude.values, phases: wide.phase.values, frames: analysis.frames),
            Tolerances.waveform)
    }

    /// Angles moved by whole turns to those that are expected; where the amplitude's logarithm is not above a limit, the
    /// expected ones. With `exceptEdges`, the first and the last column stay as they are.
    private func unwrapped(
        _ found: Tensor, near expected: Tensor, where amplitudes: [Float], above limit: Float,
        exceptEdges: Bool
    ) -> Tensor {
        let bins = found.shape[1]
        let values = zip(zip(found.values, expected.values), amplitudes).enumerated().map {
            index, element -> Float in
            let ((angle, expected), amplitude) = element
            if exceptEdges, index % bins == 0 || index % bins == bins - 1 { return angle }
            guard amplitude > limit else { return expected }
            return angle - (2 * Float.pi * ((angle - expected) / (2 * Float.pi)).rounded())
        }
        return Tensor(values, expected.shape)
    }
}
