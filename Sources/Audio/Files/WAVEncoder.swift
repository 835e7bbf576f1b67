/// WAV with 16-bit samples and the canonical 44-byte header, and raw samples.
package enum WAVEncoder {
    /// Values of the two size fields of a header.
    package enum Size: Sendable, Equatable {
        /// This many bytes of samples follow.
        case known(dataBytes: Int)
        /// The length is not known yet: both fields hold 0xFFFFFFFF, which players take as "until the end".
        case unbounded
        /// The values of upstream's streaming header, those of an empty file: RIFF 36, data 0. Many players then play
        /// nothing; offered for clients that compare bytes.
        case empty
    }

    /// Bytes of a header.
    package static let headerBytes = 44

    /// Most bytes of samples that the 32-bit size fields can express.
    package static let maximumDataBytes = Int(UInt32.max) - (headerBytes - 8)

    /// The header that comes before 16-bit samples.
    ///
    /// - Throws: ``AudioError/tooLargeForWAV(dataBytes:limit:)``, or ``AudioError/cannotEncode(format:sampleRateHz:channels:reason:)``
    ///   for rates and channel counts that the header cannot hold.
    package static func header(
        sampleRateHz: Int, channels: Int = 1, size: Size
    ) throws(AudioError) -> [UInt8] {
        guard (1...Int(UInt16.max) / 2).contains(channels), sampleRateHz > 0,
            sampleRateHz <= Int(UInt32.max) / (2 * channels)
        else {
            throw .cannotEncode(
                format: "wav", sampleRateHz: sampleRateHz, channels: channels,
                reason: "the numbers do not fit its header")
        }
        let (riffSize, dataSize): (UInt32, UInt32)
        switch size {
        case .known(let dataBytes):
            guard (0...maximumDataBytes).contains(dataBytes) else {
                throw .tooLargeForWAV(dataBytes: dataBytes, limit: maximumDataBytes)
            }
            (riffSize, dataSize) = (UInt32(dataBytes + headerBytes - 8), UInt32(dataBytes))
        case .unbounded: (riffSize, dataSize) = (.max, .max)
        case .empty: (riffSize, dataSize) = (UInt32(headerBytes - 8), 0)
        }
        var bytes = [UInt8]()
        bytes.reserveCapacity(headerBytes)
        bytes += "RIFF".utf8
        append(riffSize, to: &bytes)
        bytes += "WAVEfmt ".utf8
        append(UInt32(16), to: &bytes)  // bytes of this chunk
        append(UInt16(1), to: &bytes)  // integer PCM
        append(UInt16(channels), to: &bytes)
        append(UInt32(sampleRateHz), to: &bytes)
        append(UInt32(sampleRateHz * channels * 2), to: &bytes)  // bytes per second
        append(UInt16(channels * 2), to: &bytes)  // bytes per frame
        append(UInt16(16), to: &bytes)  // bits per sample
        bytes += "data".utf8
        append(dataSize, to: &bytes)
        return bytes
    }

    /// A whole WAV file.
    ///
    /// - Parameters:
    ///   - samples: 16-bit samples, interleaved when there are several channels.
    ///   - sampleRateHz: frames per second.
    ///   - channels: channels per frame.
    /// - Throws: as ``header(sampleRateHz:channels:size:)`` does.
    package static func encode(
        _ samples: [Int16], sampleRateHz: Int, channels: Int = 1
    ) throws(AudioError) -> [UInt8] {
        try header(
            sampleRateHz: sampleRateHz, channels: channels, size: .known(dataBytes: samples.count * 2))
            + pcm(samples)
    }

    /// Raw samples, little-endian, two bytes each: the "raw" format.
    package static func pcm(_ samples: some Collection<Int16>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: samples.count * 2) { buffer, count in
            for sample in samples {
                let bits = UInt16(bitPattern: sample)
                buffer[count] = UInt8(truncatingIfNeeded: bits)
                buffer[count + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                count += 2
            }
        }
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
