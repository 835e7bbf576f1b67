import Audio
import TestSupport
import Testing

@Suite struct WAVTests {
    @Test func canonicalFile() throws {
        let bytes = try WAVEncoder.encode([1, -2, 256], sampleRateHz: 32_000)
        let expected: [UInt8] =
            Array("RIFF".utf8) + [42, 0, 0, 0] + Array("WAVEfmt ".utf8)
            + [16, 0, 0, 0, 1, 0, 1, 0, 0, 0x7D, 0, 0, 0, 0xFA, 0, 0, 2, 0, 16, 0]
            + Array("data".utf8) + [6, 0, 0, 0, 1, 0, 0xFE, 0xFF, 0, 1]
        #expect(bytes == expected)
        #expect(WAVEncoder.pcm([1, -2, 256]) == Array(expected[44...]))
        let clip = try AudioReader.read(bytes: bytes)
        #expect(clip.sampleRateHz == 32_000)
        #expect(clip.channels == [[0x1p-15, -0x1p-14, 0x1p-7] as [Float]])
    }

    @Test func stereoHeader() throws {
        let bytes = try WAVEncoder.encode([1, 2, 3, 4], sampleRateHz: 48_000, channels: 2)
        #expect(try AudioReader.read(bytes: bytes).channels.map(\.count) == [2, 2])
        #expect(Array(bytes[28..<34]) == [0x00, 0xEE, 0x02, 0x00, 4, 0])  // 192,000 bytes/s, 4 per frame
    }

    @Test func streamingHeaders() throws {
        let empty = try WAVEncoder.header(sampleRateHz: 32_000, size: .empty)
        #expect(Array(empty[4..<8]) == [36, 0, 0, 0] && Array(empty[40..<44]) == [0, 0, 0, 0])
        let unbounded = try WAVEncoder.header(sampleRateHz: 32_000, size: .unbounded)
        let all = [UInt8](repeating: 0xFF, count: 4)
        #expect(Array(unbounded[4..<8]) == all && Array(unbounded[40..<44]) == all)
        #expect(empty.count == WAVEncoder.headerBytes && unbounded.count == WAVEncoder.headerBytes)
    }

    @Test func numbersThatDoNotFit() throws {
        let limit = WAVEncoder.maximumDataBytes
        #expect(limit == 4_294_967_259)
        let last = try WAVEncoder.header(sampleRateHz: 1, size: .known(dataBytes: limit))
        #expect(Array(last[4..<8]) == [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: AudioError.tooLargeForWAV(dataBytes: limit + 1, limit: limit)) {
            try WAVEncoder.header(sampleRateHz: 1, size: .known(dataBytes: limit + 1))
        }
        #expect(throws: AudioError.self) {
            try WAVEncoder.header(sampleRateHz: 1, size: .known(dataBytes: -1))
        }
        for (rate, channels) in [(0, 1), (-5, 1), (Int.max, 1), (32_000, 0), (32_000, 40_000)] {
            let error = #expect(throws: AudioError.self) {
                try WAVEncoder.header(sampleRateHz: rate, channels: channels, size: .unbounded)
            }
            #expect(error?.code == "audio_cannot_encode")
        }
    }
}

@Suite struct EncoderTests {
    /// One second of two tones.
    private static func tones(_ count: Int, rate: Int) -> [Int16] {
        (0..<count).map { index in
            let t = Double(index) / Double(rate)
            let phase = { (hz: Double) in (t * hz).truncatingRemainder(dividingBy: 1) }
            // Parabolas instead of sines: harmonics enough to make a codec work.
            let wave = { (x: Double) in x < 0.5 ? 16 * x * (0.5 - x) : -16 * (x - 0.5) * (1 - x) }
            return Int16(9_000 * wave(phase(220)) + 4_000 * wave(phase(1_310)))
        }
    }

    /// The normalised correlation of two signals over their common length, at the best of a few thousand delays.
    private func similarity(_ a: [Float], _ b: [Float], delays: ClosedRange<Int>) -> Float {
        var best: Float = 0
        for delay in delays where delay < a.count {
            let pairs = zip(a.dropFirst(delay), b)
            var (ab, aa, bb): (Float, Float, Float) = (0, 0, 0)
            for (x, y) in pairs { (ab, aa, bb) = (ab + x * y, aa + x * x, bb + y * y) }
            best = max(best, ab / (aa * bb).squareRoot())
        }
        return best
    }

    @Test(arguments: [AudioFileFormat.wav, .flac])
    func losslessFormatsReturnTheSamples(_ format: AudioFileFormat) throws {
        let samples = Self.tones(32_000, rate: 32_000)
        let bytes = try AudioWriter.encode(samples, sampleRateHz: 32_000, format: format)
        let clip = try AudioReader.read(bytes: bytes)
        #expect(clip.sampleRateHz == 32_000)
        #expect(Postprocess.toInt16(clip.mono(), fullScale: .clamp) == samples)
    }

    @Test(arguments: [
        (AudioFileFormat.ogg, 32_000, 0...0), (.opus, 48_000, 0...0), (.mp3, 32_000, 0...2_400),
    ])
    func lossyFormatsResembleTheSamples(_ format: AudioFileFormat, _ rate: Int, _ delays: ClosedRange<Int>)
        throws
    {
        let samples = Self.tones(32_000, rate: 32_000)
        let bytes = try AudioWriter.encode(samples, sampleRateHz: 32_000, format: format)
        #expect(bytes.count < 32_000)
        let clip = try AudioReader.read(bytes: bytes)
        #expect(clip.sampleRateHz == rate)
        #expect(abs(clip.durationSeconds - 1) < 0.12)
        let original = try LibrosaResampler.resample(
            samples.map { Float($0) / 32_768 }, fromHz: 32_000, toHz: rate)
        #expect(similarity(clip.mono(), original, delays: delays) > 0.99)
    }

    /// Vorbis in one call overflows the library's stack with long signals; ours writes blocks.
    @Test func longVorbis() throws {
        let samples = [Int16](repeating: 100, count: 1_500_000)
        let bytes = try AudioWriter.encode(samples, sampleRateHz: 32_000, format: .ogg)
        #expect(try AudioReader.read(bytes: bytes).frames == samples.count)
    }

    @Test func nothingToWrite() throws {
        #expect(try AudioWriter.encode([], sampleRateHz: 32_000, format: .raw).isEmpty)
        #expect(try AudioWriter.encode([], sampleRateHz: 32_000, format: .wav).count == 44)
        for format in [AudioFileFormat.flac, .ogg, .opus, .mp3] {
            #expect(throws: AudioError.noSamples(source: "the speech to encode")) {
                try AudioWriter.encode([], sampleRateHz: 32_000, format: format)
            }
        }
    }

    /// The pieces put together decode to what the whole decodes to.
    @Test(arguments: StreamingEncoder.formats)
    func streamsEqualFiles(_ format: AudioFileFormat) throws {
        let samples = Self.tones(100_000, rate: 32_000)
        var encoder = try StreamingEncoder(format: format, sampleRateHz: 32_000)
        var pieces = [[UInt8]]()
        for start in stride(from: 0, to: samples.count, by: 9_001) {
            pieces.append(try encoder.append(Array(samples[start..<min(start + 9_001, samples.count)])))
        }
        pieces.append(encoder.finish())
        #expect(encoder.finish().isEmpty)
        // Bytes are returned before the end.
        #expect(pieces.dropLast().filter { !$0.isEmpty }.count > 2)
        let stream = pieces.flatMap { $0 }
        let whole = try AudioWriter.encode(samples, sampleRateHz: 32_000, format: format)
        switch format {
        case .raw: #expect(stream == whole)
        case .wav:
            #expect(stream[44...] == whole[44...])
            #expect(try AudioReader.read(bytes: stream) == AudioReader.read(bytes: whole))
        case .mp3:
            // The tag with the encoder's delay is written last and cannot be sent: a stream starts later.
            let found = try AudioReader.read(bytes: stream).mono()
            #expect((samples.count...samples.count + 3_456).contains(found.count))
            #expect(similarity(found, samples.map { Float($0) / 32_768 }, delays: 0...2_400) > 0.99)
        default:
            let (found, expected) = try (AudioReader.read(bytes: stream), AudioReader.read(bytes: whole))
            #expect(found.frames == expected.frames)
            #expect(maximumError(found.mono(), expected.mono()) <= Limit.codec)
        }
    }

    /// A stream resampled in pieces is the one that is resampled in one go.
    @Test func resamplingHasNoSeams() throws {
        let samples = Self.tones(40_000, rate: 32_000)
        var pieces = try StreamingResampler(fromHz: 32_000, toHz: 24_000)
        var found: [Int16] = []
        for start in stride(from: 0, to: samples.count, by: 777) {
            found += try pieces.append(Array(samples[start..<min(start + 777, samples.count)]))
        }
        #expect(!found.isEmpty)  // is returned before the end
        found += try pieces.finish()
        let whole = try LibrosaResampler.resample(
            samples.map { Float($0) / 32_768 }, fromHz: 32_000, toHz: 24_000)
        let expected = Postprocess.toInt16(whole, fullScale: .clamp)
        #expect(abs(found.count - expected.count) <= 1)
        #expect(zip(found, expected).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }

    /// The header of a streamed FLAC is sent before the length is known; the format writes that as zero.
    @Test func aStreamedFLACSaysThatItsLengthIsUnknown() throws {
        var encoder = try StreamingEncoder(format: .flac, sampleRateHz: 32_000)
        var bytes = try encoder.append(Self.tones(20_000, rate: 32_000))
        #expect(bytes.count > 10_000)
        bytes += encoder.finish()
        #expect(bytes.starts(with: "fLaC".utf8))
        #expect(bytes[21] & 0x0F == 0)
        #expect(bytes[22..<26].allSatisfy { $0 == 0 })
    }

    @Test func formatsByExtension() throws {
        let expected: [(String, AudioFileFormat)] = [
            ("a.wav", .wav), ("b/c.FLAC", .flac), ("x.y.ogg", .ogg), ("o.opus", .opus), ("m.mp3", .mp3),
            ("r.raw", .raw), ("r.pcm", .raw),
        ]
        for (path, format) in expected { #expect(try AudioFileFormat(path: path) == format) }
        for path in ["", "wav", "a.", "a.wav/", "folder.wav/name", "a.exe"] {
            let error = #expect(throws: AudioError.self) { try AudioFileFormat(path: path) }
            #expect(error?.code == "audio_unsupported_format")
        }
    }

    @Test func filesAreWrittenWhole() throws {
        let folder = try TemporaryFolder()
        let samples = Self.tones(500, rate: 32_000)
        for name in ["a.wav", "a.flac", "a.ogg"] {
            let path = folder.path + "/" + name
            try AudioWriter.write([1, 2, 3], sampleRateHz: 32_000, to: path)
            try AudioWriter.write(samples, sampleRateHz: 32_000, to: path)  // replaces
            #expect(try AudioReader.read(path: path).frames == samples.count)
        }
        #expect(folder.names == ["a.flac", "a.ogg", "a.wav"])  // no partial files left
    }

    @Test func pathsThatCannotBeWritten() throws {
        let folder = try TemporaryFolder()
        let paths = [folder.path + "/none/a.wav", folder.path + "/a\0.wav", "/proc/self/a.wav"]
        for path in paths {
            let error = #expect(throws: AudioError.self) {
                try AudioWriter.write([1], sampleRateHz: 32_000, to: path)
            }
            #expect(error?.code == "audio_write_failed")
        }
        #expect(folder.names.isEmpty)
    }

    @Test func ratesThatEncodersRefuse() {
        for format in [AudioFileFormat.mp3, .flac] {
            let error = #expect(throws: AudioError.self) {
                try AudioWriter.encode([1, 2], sampleRateHz: -1, format: format)
            }
            #expect(error?.code == "audio_cannot_encode")
        }
    }
}
