import NIOCore

/// The two sizes in the header of a WAV stream, whose length nobody knows when the header is sent.
public enum StreamingHeader: String, Sendable, CaseIterable {
    /// 0xFFFFFFFF: players read on until the stream ends.
    case playable
    /// Upstream's bytes: RIFF size 36, data size 0. Some players show an empty file.
    case upstream
}

/// The canonical 44 bytes before 16-bit mono PCM.
enum WAVHeader {
    /// Length in bytes.
    static let length = 44

    /// The header of a file with `sampleCount` samples.
    static func file(sampleCount: Int, sampleRateHz: Int) -> ByteBuffer {
        let dataSize = UInt32(clamping: sampleCount.multipliedReportingOverflow(by: 2).partialValue)
        let riffSize = dataSize.addingReportingOverflow(36)
        return header(
            riffSize: riffSize.overflow ? .max : riffSize.partialValue, dataSize: dataSize,
            sampleRateHz: sampleRateHz)
    }

    /// The header of a stream.
    static func stream(_ style: StreamingHeader, sampleRateHz: Int) -> ByteBuffer {
        switch style {
        case .playable: header(riffSize: .max, dataSize: .max, sampleRateHz: sampleRateHz)
        case .upstream: header(riffSize: 36, dataSize: 0, sampleRateHz: sampleRateHz)
        }
    }

    private static func header(riffSize: UInt32, dataSize: UInt32, sampleRateHz: Int) -> ByteBuffer {
        let rate = UInt32(clamping: sampleRateHz)
        var buffer = ByteBuffer()
        buffer.reserveCapacity(length)
        buffer.writeString("RIFF")
        buffer.writeInteger(riffSize, endianness: .little)
        buffer.writeString("WAVEfmt ")
        buffer.writeInteger(UInt32(16), endianness: .little)  // size of this chunk
        buffer.writeInteger(UInt16(1), endianness: .little)  // PCM
        buffer.writeInteger(UInt16(1), endianness: .little)  // channels
        buffer.writeInteger(rate, endianness: .little)
        buffer.writeInteger(rate &* 2, endianness: .little)  // bytes a second
        buffer.writeInteger(UInt16(2), endianness: .little)  // bytes a frame
        buffer.writeInteger(UInt16(16), endianness: .little)  // bits a sample
        buffer.writeString("data")
        buffer.writeInteger(dataSize, endianness: .little)
        return buffer
    }
}

extension ByteBuffer {
    /// Appends samples as 16-bit little-endian PCM.
    mutating func writePCM(_ samples: [Int16]) {
        reserveCapacity(minimumWritableBytes: samples.count * 2)
        for sample in samples { writeInteger(sample, endianness: .little) }
    }
}
