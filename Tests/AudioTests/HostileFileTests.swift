import Audio
import Tensor
import TestSupport
import Testing

/// A WAV file built field by field, to put wrong numbers into it.
struct CraftedWAV {
    var formatTag = 1
    var channels = 1
    var sampleRateHz = 16_000
    var bits = 16
    var claimedBytes: Int?
    var data: [UInt8] = []

    var bytes: [UInt8] {
        let size = claimedBytes ?? data.count
        let frame = channels * bits / 8
        var bytes = Array("RIFF".utf8) + word(size + 36, 4) + Array("WAVEfmt ".utf8) + word(16, 4)
        bytes += word(formatTag, 2) + word(channels, 2) + word(sampleRateHz, 4)
        bytes += word(sampleRateHz * frame, 4) + word(frame, 2) + word(bits, 2)
        return bytes + Array("data".utf8) + word(size, 4) + data
    }

    static func floats(_ samples: [Float]) -> CraftedWAV {
        CraftedWAV(formatTag: 3, bits: 32, data: samples.flatMap { Self().word(Int($0.bitPattern), 4) })
    }

    private func word(_ value: Int, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

@Suite struct HostileFileTests {
    private func failure(_ bytes: [UInt8], limits: AudioLimits = .standard) -> AudioError? {
        do {
            _ = try AudioReader.read(bytes: bytes, limits: limits, source: "upload")
            return nil
        } catch { return error }
    }

    @Test func pathsThatAreNoFiles() throws {
        let folder = try TemporaryFolder()
        #expect(throws: AudioError.fileNotFound(path: folder.path + "/none.wav")) {
            try AudioReader.read(path: folder.path + "/none.wav")
        }
        #expect(throws: AudioError.notARegularFile(path: folder.path, kind: "directory")) {
            try AudioReader.read(path: folder.path)
        }
        let pipe = try folder.pipe("pipe.wav")
        #expect(throws: AudioError.notARegularFile(path: pipe, kind: "pipe")) {
            try AudioReader.read(path: pipe)
        }
        #expect(throws: AudioError.notARegularFile(path: "/dev/zero", kind: "device")) {
            try AudioReader.read(path: "/dev/zero")
        }
        #expect(throws: AudioError.fileNotFound(path: "")) { try AudioReader.read(path: "") }
        // A C string would end at the NUL and name the existing file.
        let path = Fixtures.path("format_s16.wav") + "\0.txt"
        #expect(throws: AudioError.fileNotFound(path: path)) { try AudioReader.read(path: path) }
    }

    @Test func textAndEmptyFiles() throws {
        let folder = try TemporaryFolder()
        let before = openDescriptors()
        for content in ["", "hello\n", String(repeating: "This is no audio. ", count: 500)] {
            let path = try folder.file("text.wav", Array(content.utf8))
            let error = #expect(throws: AudioError.self) { try AudioReader.read(path: path) }
            #expect(error?.code == "audio_not_audio")
            #expect(error?.description.contains(path) == true)
        }
        #expect(openDescriptors() <= before)
        #expect(failure([])?.code == "audio_not_audio")
    }

    @Test func noFrames() {
        #expect(failure(CraftedWAV().bytes) == .noSamples(source: "upload"))
        #expect(failure(CraftedWAV(claimedBytes: 64_000).bytes) == .noSamples(source: "upload"))
    }

    @Test func samplesThatAreNotFinite() {
        #expect(
            failure(CraftedWAV.floats([0, .nan, 0]).bytes)
                == .nonFiniteSample(source: "upload", channel: 0, frame: 1))
        #expect(
            failure(CraftedWAV.floats([0, 0, -.infinity]).bytes)
                == .nonFiniteSample(source: "upload", channel: 0, frame: 2))
        #expect(
            failure(CraftedWAV.floats([1e30]).bytes)
                == .implausibleLevel(
                    source: "upload", channel: 0, frame: 0, value: 1e30, limit: AudioClip.levelLimit))
        #expect(failure(CraftedWAV.floats([-2_147_483_648]).bytes) == nil)
    }

    @Test func limitsBite() {
        let data = [UInt8](repeating: 0, count: 18 * 100)
        #expect(
            failure(CraftedWAV(channels: 9, data: data).bytes)
                == .tooManyChannels(source: "upload", found: 9, limit: 8))
        #expect(failure(CraftedWAV(channels: 8, data: data).bytes) == nil)
        for rate in [999, 384_001, 2_000_000_000] {
            #expect(
                failure(CraftedWAV(sampleRateHz: rate, data: data).bytes)
                    == .sampleRateOutOfRange(source: "upload", foundHz: rate, allowed: 1_000...384_000))
        }
        #expect(failure(CraftedWAV(sampleRateHz: 1_000, data: data).bytes) == nil)
        var limits = AudioLimits.standard
        limits.maximumDurationSeconds = 0.05
        #expect(
            failure(CraftedWAV(data: data).bytes, limits: limits)
                == .tooLong(source: "upload", durationSeconds: 0.05625, limitSeconds: 0.05))
        #expect(failure(CraftedWAV(data: Array(data[..<1_600])).bytes, limits: limits) == nil)
        limits = .standard
        limits.maximumSamples = 899
        #expect(
            failure(CraftedWAV(data: data).bytes, limits: limits)
                == .tooManySamples(source: "upload", found: 900, limit: 899))
    }

    /// Eleven minutes of compressed silence are rejected by the header, without decoding them.
    @Test func longClipsAreRefusedEarly() throws {
        let silence = [Int16](repeating: 0, count: 661 * 8_000)
        let bytes = try AudioWriter.encode(silence, sampleRateHz: 8_000, format: .flac)
        #expect(
            failure(bytes) == .tooLong(source: "upload", durationSeconds: 661, limitSeconds: 600))
    }

    /// Damage far behind the header is an error that names the frame, not a clip that ends early.
    @Test func damageInTheMiddle() throws {
        var random = SplitMix64(seed: 1)
        let noise = Postprocess.toInt16(random.noise(60_000), fullScale: .clamp)
        let flac = try AudioWriter.encode(noise, sampleRateHz: 32_000, format: .flac)
        #expect(failure(flac)?.code == nil)
        var damaged = flac
        for index in flac.count / 2..<flac.count / 2 + 64 { damaged[index] ^= 0x55 }
        for bytes in [damaged, Array(flac[..<(flac.count / 2)])] {
            guard case .readFailed("upload", let frame, _)? = failure(bytes) else {
                Issue.record("expected a failed read")
                continue
            }
            #expect((20_000..<40_000).contains(frame))
        }
    }

    /// A truncated Ogg file has no length; the samples that it has are read.
    @Test func oggWithoutItsEnd() throws {
        var random = SplitMix64(seed: 2)
        let noise = Postprocess.toInt16(random.noise(60_000), fullScale: .clamp)
        let ogg = try AudioWriter.encode(noise, sampleRateHz: 32_000, format: .ogg)
        let clip = try AudioReader.read(bytes: Array(ogg[..<(ogg.count / 2)]))
        #expect((10_000..<40_000).contains(clip.frames))
    }

    /// Files cut at every length, and 2,000 with random bytes in their headers: each gives a clip within the
    /// limits or a typed error.
    @Test(arguments: [
        "u8.wav", "s16.wav", "f32.wav", "ima.wav", "gsm.wav", "s16.aiff", "s16.au", "s16.flac", "vorbis.ogg",
        "opus.opus",
    ])
    func damagedHeaders(_ name: String) throws {
        let original = try SafetensorsFixture.contents(of: Fixtures.path("format_" + name))
        var limits = AudioLimits.standard
        limits.maximumDurationSeconds = 5
        limits.maximumSamples = 200_000
        var random = SplitMix64(seed: UInt64(original.count))
        var outcomes = Set<String>()
        let cuts = (0..<min(original.count, 160)).map { Array(original[..<$0]) }
        let mutants = (0..<200).map { _ in mutate(original, &random) }
        for bytes in cuts + mutants {
            do {
                let clip = try AudioReader.read(bytes: bytes, limits: limits)
                #expect(clip.frames > 0 && clip.frames * clip.channels.count <= limits.maximumSamples)
                #expect(limits.sampleRatesHz.contains(clip.sampleRateHz))
                #expect(clip.channels.allSatisfy { $0.allSatisfy(\.isFinite) })
                outcomes.insert("clip")
            } catch {
                #expect(!error.description.isEmpty)
                outcomes.insert(error.code)
            }
        }
        // Both ways out were taken: the damage was neither harmless throughout nor always fatal.
        #expect(outcomes.contains("audio_not_audio") && outcomes.contains("clip"))
    }

    private func mutate(_ original: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let index = Int.random(in: 0..<min(bytes.count, 128), using: &random)
            bytes[index] =
                [0, 0xFF, 0x7F, 0x80, UInt8.random(in: 0...255, using: &random)]
                .randomElement(using: &random) ?? 0
        }
        return bytes
    }
}
