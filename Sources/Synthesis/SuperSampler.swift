import Audio
import Models
import Synchronization
import Tensor

/// Extends finished speech from v3's 24 kHz to 48 kHz (upstream: `tools.audio_sr.AP_BWE`). The network is read when the
/// first request needs it, and kept.
package final class SuperSampler: Sendable {
    /// The network, once it was read. One reader at a time: two would take twice the memory.
    private let known = Mutex<BandwidthExtension?>(nil)
    /// Where it is looked for.
    package let folders: [String]

    /// A network in the first of `folders` that has one.
    package init(folders: [String]) { self.folders = folders }

    /// The network; nil where no folder has it. A file that comes later is found.
    ///
    /// - Throws: `SynthesisError` for a file that cannot be used.
    private func network() throws -> BandwidthExtension? {
        try known.withLock { known in
            if known == nil { known = try VoiceLoader.bandwidthExtension(folders) }
            return known
        }
    }

    /// Speech at a higher rate; nil where no network is there.
    ///
    /// - Parameter samples: speech at `sampleRateHz`, joined.
    /// - Throws: `SynthesisError`; `AudioError` for speech that is too short.
    func callAsFunction(
        _ samples: [Float], sampleRateHz: Int
    ) throws -> (samples: [Float], sampleRateHz: Int)? {
        guard let network = try network() else { return nil }
        let output = network.outputSampleRateHz
        let transform = ShortTimeTransform(
            fftSize: network.fftSize, hopSamples: network.hopSamples, windowSamples: network.windowSamples)
        let (amplitudes, phases, frames) = try transform.analyze(
            SincResampler(from: sampleRateHz, to: output)(samples))
        let shape = [frames, network.fftSize / 2 + 1]
        let wide = network(amplitude: Tensor(amplitudes, shape), phase: Tensor(phases, shape))
        return (
            transform.synthesize(
                amplitudes: wide.amplitude.values, phases: wide.phase.values, frames: frames), output
        )
    }
}
