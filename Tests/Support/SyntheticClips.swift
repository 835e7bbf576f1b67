import Foundation

/// Reference clips of integer samples: triangle waves whose period and loudness change every 2,400 frames,
/// with noise. They are not stationary, and the same on every machine.
package enum SyntheticClips {
    /// Interleaved 16-bit samples.
    static func samples(_ name: String, frames: Int, channels: Int) -> [Int16] {
        var out = [Int16](repeating: 0, count: frames * channels)
        let segments = frames / 2400 + 1
        for channel in 0..<channels {
            let stream = "clip/\(name)/\(channel)/"
            let periods = SyntheticNumbers.integers(stream + "period", segments, below: 300).map { 40 + $0 }
            let levels = SyntheticNumbers.integers(stream + "loudness", segments, below: 9).map { 2 + $0 }
            let noise = SyntheticNumbers.integers(stream + "noise", frames, below: 2001)
            for i in 0..<frames {
                let (period, level) = (periods[i / 2400], levels[i / 2400])
                let triangle = abs(2 * (i % period) - period) * 2000 / period - 1000
                out[i * channels + channel] = Int16(triangle * level + ((noise[i] - 1000) * level) >> 2)
            }
        }
        return out
    }

    /// A WAV file of 16-bit samples.
    package static func wav(_ samples: [Int16], sampleRateHz: Int, channels: Int = 1) -> [UInt8] {
        func bytes(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(value >> (8 * $0) & 255) }
        }
        let size = samples.count * 2
        var file = Array("RIFF".utf8) + bytes(36 + size, 4) + Array("WAVEfmt ".utf8) + bytes(16, 4)
        file += bytes(1, 2) + bytes(channels, 2) + bytes(sampleRateHz, 4)
        file += bytes(sampleRateHz * channels * 2, 4) + bytes(channels * 2, 2) + bytes(16, 2)
        file += Array("data".utf8) + bytes(size, 4)
        for sample in samples { file += bytes(Int(UInt16(bitPattern: sample)), 2) }
        return file
    }

    /// 3.2 s at 32 kHz: the reference of the recorded utterances.
    package static func main() -> [UInt8] {
        wav(samples("main", frames: 102_400, channels: 1), sampleRateHz: 32_000)
    }

    /// 1.25 s at 24 kHz in stereo, for a second speaker vector.
    package static func second() -> [UInt8] {
        wav(samples("second", frames: 30_000, channels: 2), sampleRateHz: 24_000, channels: 2)
    }

    /// A clip of any length at 16 kHz.
    package static func seconds(_ duration: Double, name: String) -> [UInt8] {
        wav(samples(name, frames: Int(duration * 16_000), channels: 1), sampleRateHz: 16_000)
    }
}
