/// Overlapping frames of a signal under a Hann window, and their spectra.
struct WindowedFrames: Sendable {
    /// Samples per frame, and from frame to frame.
    let fftSize: Int, hopSamples: Int
    /// The periodic window, centred in the frame; zero around it.
    let window: [Float]
    /// The transform of a frame.
    let transform: RealTransform

    /// - Precondition: `0 < hopSamples ≤ fftSize` and `0 < windowSamples ≤ fftSize`.
    init(fftSize: Int, hopSamples: Int, windowSamples: Int) {
        precondition(
            0 < hopSamples && hopSamples <= fftSize && 0 < windowSamples && windowSamples <= fftSize,
            "WindowedFrames: hop \(hopSamples) or window \(windowSamples) does not fit \(fftSize)")
        (self.fftSize, self.hopSamples) = (fftSize, hopSamples)
        let left = (fftSize - windowSamples) / 2
        window =
            [Float](repeating: 0, count: left) + Window.hann(windowSamples)
            + [Float](repeating: 0, count: fftSize - windowSamples - left)
        transform = RealTransform(length: fftSize)
    }

    /// A signal reflected at both ends by `padding` samples, fewer than it has.
    static func reflected(_ samples: [Float], by padding: Int) -> [Float] {
        samples[1..<padding + 1].reversed() + samples
            + samples[(samples.count - padding - 1)..<samples.count - 1].reversed()
    }

    /// Frames in a signal of so many samples.
    func count(in samples: Int) -> Int { (samples - fftSize) / hopSamples + 1 }

    /// The spectra of all frames of `signal`, a few frames at a time.
    ///
    /// - Parameter body: gets the frames' numbers, and the spectra, in which each frame has a lane.
    func forEach(in signal: [Float], _ body: (Range<Int>, RealTransform.Spectra) -> Void) {
        let frames = count(in: signal.count)
        var spectra = transform.makeSpectra()
        for first in stride(from: 0, to: frames, by: Lanes.scalarCount) {
            let lanes = min(Lanes.scalarCount, frames - first)
            for lane in 0..<lanes {
                let start = (first + lane) * hopSamples
                for index in 0..<fftSize {
                    // PyTorch rounds the windowed sample to single precision before it transforms.
                    spectra.set(Double(signal[start + index] * window[index]), at: index, lane: lane)
                }
            }
            transform.transform(&spectra)
            body(first..<first + lanes, spectra)
        }
    }
}
