import Audio
import TestSupport
import Testing

@Suite struct ReaderTests {
    /// Integer and float formats decode to the very bits that soundfile returns.
    @Test(arguments: [
        "u8.wav", "s16.wav", "s24.wav", "s32.wav", "f32.wav", "f64.wav", "alaw.wav", "ulaw.wav", "ima.wav",
        "msadpcm.wav", "gsm.wav", "wavex.wav", "s16.aiff", "s16.au", "s16.flac", "s24.flac",
    ])
    func losslessFormatsAreExact(_ name: String) throws {
        try compare(name, limit: Limit.exact)
    }

    @Test(arguments: ["vorbis.ogg", "layer3.mp3", "opus.opus"])
    func lossyFormatsAgree(_ name: String) throws {
        try compare(name, limit: Limit.codec)
    }

    private func compare(_ name: String, limit: Float) throws {
        let key = String(name.map { $0 == "." ? "_" : $0 })
        let expected = try Fixtures.arrays("formats")[key]
        let path = Fixtures.path("format_" + name)
        let clip = try AudioReader.read(path: path)
        #expect([clip.channels.count, clip.frames] == expected.shape)
        #expect(maximumError(clip.channels.flatMap { $0 }, expected.floats) <= limit)
        #expect(clip.sampleRateHz == 8_000)
        // The same bytes from memory give the same clip.
        #expect(try AudioReader.read(bytes: SafetensorsFixture.contents(of: path)) == clip)
    }

    @Test func monoIsTheMeanOfTheChannels() throws {
        let clip = try AudioClip(channels: [[1, 0.25], [0.5, -0.75], [0, 2]], sampleRateHz: 8_000)
        #expect(clip.mono() == [0.5, 0.5])
        #expect(try AudioClip(channels: [[0.1, 0.2]], sampleRateHz: 8_000).mono() == [0.1, 0.2])
    }

    @Test func clipsInMemoryAreChecked() {
        #expect(throws: AudioError.inconsistentChannels(lengths: [])) {
            try AudioClip(channels: [], sampleRateHz: 8_000)
        }
        #expect(throws: AudioError.inconsistentChannels(lengths: [1, 2])) {
            try AudioClip(channels: [[0], [0, 0]], sampleRateHz: 8_000)
        }
        #expect(throws: AudioError.noSamples(source: "the audio")) {
            try AudioClip(channels: [[]], sampleRateHz: 8_000)
        }
    }

    @Test func durationAndFrames() throws {
        let clip = try Fixtures.clip("stereo44k")
        #expect(clip.frames == 17_647)
        #expect(clip.channels.count == 2)
        #expect(clip.durationSeconds == 17_647.0 / 44_100)
    }
}
