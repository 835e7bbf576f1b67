/// A spoken text: mono samples.
public struct Speech: Sendable, Equatable {
    /// Samples per second: 32,000, in v3 24,000 and in v4 48,000.
    public let sampleRateHz: Int
    /// Samples in playing order, −32,768 to 32,767, the pause after the last sentence included.
    public let samples: [Int16]

    /// How long it takes to play.
    public var durationSeconds: Double {
        sampleRateHz == 0 ? 0 : Double(samples.count) / Double(sampleRateHz)
    }
}

/// A part of a spoken text, at least a sentence long; see `Speech` for its units.
public struct AudioChunk: Sendable, Equatable {
    /// Samples per second.
    public let sampleRateHz: Int
    /// Samples that follow those of the chunk before.
    public let samples: [Int16]
}
