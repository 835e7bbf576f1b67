/// A decoded piece of audio: one array of samples per channel, full scale at ±1.0.
package struct AudioClip: Sendable, Equatable {
    /// Samples `[channel][frame]`; at least one channel, all of one length, at least one frame.
    package let channels: [[Float]]
    /// Frames per second and channel, in Hz.
    package let sampleRateHz: Int

    /// A clip of samples that are already in memory.
    ///
    /// - Parameters:
    ///   - channels: samples `[channel][frame]`.
    ///   - sampleRateHz: frames per second.
    ///   - limits: what may be accepted; the same rules as for a file.
    ///   - source: what to call this clip in an error.
    /// - Throws: ``AudioError`` for no samples, channels of different length, samples that are not finite, and
    ///   everything beyond `limits`.
    package init(
        channels: [[Float]], sampleRateHz: Int, limits: AudioLimits = .standard, source: String = "the audio"
    ) throws(AudioError) {
        let frames = channels.first?.count ?? 0
        guard !channels.isEmpty, channels.allSatisfy({ $0.count == frames }) else {
            throw .inconsistentChannels(lengths: channels.map(\.count))
        }
        try limits.check(
            channels: channels.count, sampleRateHz: sampleRateHz, frames: frames, source: source)
        guard frames > 0 else { throw .noSamples(source: source) }
        for (index, samples) in channels.enumerated() {
            try Self.checkLevels(samples, channel: index, source: source)
        }
        self.channels = channels
        self.sampleRateHz = sampleRateHz
    }

    /// Samples per channel.
    package var frames: Int { channels.first?.count ?? 0 }

    /// Length in seconds.
    package var durationSeconds: Double { Double(frames) / Double(sampleRateHz) }

    /// Largest absolute sample that is accepted: 2³², above 32-bit integers written as floats, and far below where the
    /// squares in a spectrogram would overflow single precision.
    package static let levelLimit: Float = 4_294_967_296

    /// The mean of the channels, in single precision: the sum first, then one division, as NumPy and PyTorch do.
    package func mono() -> [Float] {
        guard channels.count > 1 else { return channels.first ?? [] }
        let divisor = Float(channels.count)
        if channels.count == 2 {
            let (left, right) = (channels[0], channels[1])
            return left.indices.map { (left[$0] + right[$0]) / divisor }
        }
        return (0..<frames).map { sumOfChannels(at: $0) / divisor }
    }

    /// NumPy adds eight values pairwise and fewer in order.
    private func sumOfChannels(at frame: Int) -> Float {
        if channels.count == 8 {
            let x = channels.map { $0[frame] }
            return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]))
        }
        return channels.reduce(0) { $0 + $1[frame] }
    }

    private static func checkLevels(_ samples: [Float], channel: Int, source: String) throws(AudioError) {
        // NaN fails the comparison too, so one test per sample covers all three faults.
        guard let frame = samples.firstIndex(where: { !(abs($0) <= levelLimit) }) else { return }
        let value = samples[frame]
        guard value.isFinite else {
            throw .nonFiniteSample(source: source, channel: channel, frame: frame)
        }
        throw .implausibleLevel(
            source: source, channel: channel, frame: frame, value: value, limit: levelLimit)
    }
}

/// How much audio may be decoded. Checked against the header before memory is taken, and again while decoding.
package struct AudioLimits: Sendable, Equatable {
    /// Longest clip, in seconds.
    package var maximumDurationSeconds: Double
    /// Most channels.
    package var maximumChannels: Int
    /// Most samples over all channels; bounds memory at four bytes each, twice while decoding.
    package var maximumSamples: Int
    /// Sampling rates that are accepted, in Hz.
    package var sampleRatesHz: ClosedRange<Int>

    /// Ten minutes, eight channels, 1–384 kHz, and at most what ten minutes of 48 kHz stereo hold.
    package static let standard = AudioLimits(
        maximumDurationSeconds: 600, maximumChannels: 8, maximumSamples: 600 * 48_000 * 2,
        sampleRatesHz: 1_000...384_000)

    /// Limits with every bound given.
    package init(
        maximumDurationSeconds: Double, maximumChannels: Int, maximumSamples: Int,
        sampleRatesHz: ClosedRange<Int>
    ) {
        self.maximumDurationSeconds = maximumDurationSeconds
        self.maximumChannels = maximumChannels
        self.maximumSamples = maximumSamples
        self.sampleRatesHz = sampleRatesHz
    }

    /// Throws the ``AudioError`` of the first limit that is exceeded.
    func check(channels: Int, sampleRateHz: Int, frames: Int, source: String) throws(AudioError) {
        guard channels <= maximumChannels else {
            throw .tooManyChannels(source: source, found: channels, limit: maximumChannels)
        }
        guard sampleRatesHz.contains(sampleRateHz) else {
            throw .sampleRateOutOfRange(source: source, foundHz: sampleRateHz, allowed: sampleRatesHz)
        }
        let seconds = Double(frames) / Double(sampleRateHz)
        guard seconds <= maximumDurationSeconds else {
            throw .tooLong(
                source: source, durationSeconds: seconds, limitSeconds: maximumDurationSeconds)
        }
        let (samples, overflow) = frames.multipliedReportingOverflow(by: channels)
        guard !overflow, samples <= maximumSamples else {
            throw .tooManySamples(
                source: source, found: overflow ? Int.max : samples, limit: maximumSamples)
        }
    }
}
