import Foundation
import Models
import Tensor
import TestSupport
import Testing

@testable import Synthesis

/// v4 as the engine speaks it, on a small network.
@Suite struct FlowMatchingTests {
    private static let version = "v4"

    private static func request(_ voice: RecordedVoice, _ text: String = "a|c|b", seed: Int64 = 3)
        -> SynthesisRequest
    {
        var request = voice.request(text)
        (request.delivery, request.topK, request.seed, request.sampleSteps) = (.fragments, 15, seed, 3)
        return request
    }

    private static func samples(
        _ stream: AsyncThrowingStream<AudioFragment, any Error>
    ) async throws -> [[Int16]] {
        var result: [[Int16]] = []
        for try await fragment in stream {
            #expect(fragment.sampleRateHz == 48_000)
            result.append(fragment.samples)
        }
        return result
    }

    /// Each number of threads in a process of its own.
    @Test(arguments: ["v2", "v4"]) func threadsDoNotChangeTheSound(_ version: String) async throws {
        let place = try TemporaryPlace()
        let path = place.path
        for threads in 1...3 {
            await #expect(processExitsWith: .success) {
                [path = path as String, threads = threads as Int, version = version as String] in
                ThreadPool.configure(threads: threads)
                let voice = try RecordedVoice(version)
                let samples = try voice.alone(FlowMatchingTests.request(voice)).flatMap {
                    $0
                }
                precondition(ThreadPool.shared.width == threads && samples.contains { $0 != 0 })
                try samples.withUnsafeBytes {
                    try Data($0).write(to: URL(fileURLWithPath: "\(path)/\(threads)"))
                }
            }
        }
        let sounds = try (1...3).map { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\($0)")) }
        #expect(sounds[0] == sounds[1] && sounds[0] == sounds[2] && sounds[0].count > 10_000)
    }

    @Test(arguments: [true, false]) func requestsSideBySideAreThoseAlone(_ isParallel: Bool) async throws {
        let voice = try RecordedVoice(Self.version)
        let engine = try Engine(models: voice.models, base: voice.base)
        let requests = ["a|c|b", "b", "c|c", "a|b"].enumerated().map { index, text in
            var request = Self.request(voice, text, seed: Int64(index))
            request.parallelInference = isParallel
            request.batchSize = 2
            return request
        }
        let streams = requests.map { engine.speak($0) }
        for (request, stream) in zip(requests, streams) {
            #expect(try await Self.samples(stream) == voice.alone(request))
        }
    }

    /// Parts of a sentence are its fragments.
    @Test func chunksAreFragments() throws {
        let voice = try RecordedVoice(Self.version)
        var request = Self.request(voice)
        let fragments = try voice.alone(request)
        #expect(fragments.count == 3)
        request.delivery = .chunks(fixedLength: false, minimumTokens: 8, overlapTokens: 2)
        #expect(try voice.alone(request) == fragments)
        request.delivery = .whole
        let whole = try voice.alone(request)
        #expect(whole.count == 1 && whole[0].count == fragments.reduce(0) { $0 + $1.count })
    }

    /// A longer text takes more samples and nothing else. In a process of its own, where no other test uses the pool.
    @Test func memoryDoesNotGrowWithTheText() async {
        await #expect(processExitsWith: .success) {
            let voice = try RecordedVoice(FlowMatchingTests.version)
            func peak(_ repetitions: Int) throws -> (bytes: Int, samples: Int) {
                var request = FlowMatchingTests.request(
                    voice, Array(repeating: "a|c|b", count: repetitions).joined(separator: "|"))
                request.sampleSteps = 1
                StoragePool.shared.restartPeak()
                let samples = try voice.alone(request).reduce(0) { $0 + $1.count }
                return (StoragePool.shared.peakBytes, samples)
            }
            _ = try peak(1)
            let (short, long) = (try peak(3), try peak(33))
            let added = 2 * (long.samples - short.samples)
            guard added > 500_000, long.bytes - short.bytes <= added / 10 else {
                fatalError("\(short) and \(long): \(added) bytes of samples")
            }
        }
    }
}
