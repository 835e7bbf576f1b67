import Audio
import Foundation
import Synchronization
import Synthesis
import Tensor

/// Hours of mixed requests, to see that memory and open files stay where they are: long and short texts, every delivery,
/// batches, speeds, and clients that disconnect, four requests at a time.
struct SoakBench {
    let engine: Engine
    let minutes: Double
    /// Pause after each request, so that a soak can run beside other programs.
    let pauseSeconds: Double

    /// Of the resident set after the first minutes, how far it may move: 5 %.
    private static let tolerance = 0.05
    private static let warmUpMinutes = 5.0
    private static let sentences = [
        "先帝创业未半而中道崩殂。", "今天下三分，益州疲弊。", "你好。", "春眠不觉晓，处处闻啼鸟，夜来风雨声，花落知多少。", "他在2024年3月5日买了3.5公斤苹果。",
        "不过一会儿，雨就停了。",
    ]

    /// Requests that ended.
    private final class Tally: Sendable {
        let finished = Atomic<Int>(0), failed = Atomic<Int>(0)
    }
    private struct Row {
        let minute: Double
        let requests: Int
        let residentMegabytes: Double
        let files: Int
    }

    /// Runs to the end; returns whether memory stayed flat.
    func run(reference: String) async throws -> Bool {
        let start = ContinuousClock.now
        let tally = Tally()
        Console.output("minute  requests  resident MB  open files  storage blocks")
        var rows: [Row] = []
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var random = SplitMix64(seed: UInt64(worker) &+ 1)
                    while Console.elapsed(since: start) < minutes * 60 {
                        let request = Self.request(&random, reference: reference)
                        // One client in eight disconnects after the first fragment.
                        await run(request, disconnects: random.below(8) == 0, tally)
                        try? await Task.sleep(for: .seconds(pauseSeconds))
                    }
                }
            }
            let interval = min(60, max(minutes * 60 / 20, 1))
            var samples: [Double] = []
            var next = interval
            while Console.elapsed(since: start) < minutes * 60 {
                try? await Task.sleep(for: .milliseconds(250))
                samples.append(Memory.megabytes("VmRSS"))
                guard Console.elapsed(since: start) >= next else { continue }
                next += interval
                let row = Row(
                    minute: Console.elapsed(since: start) / 60,
                    requests: tally.finished.load(ordering: .relaxed),
                    residentMegabytes: samples.sorted()[samples.count / 2], files: Self.openFiles())
                samples = []
                rows.append(row)
                Console.output(
                    String(
                        format: "%6.1f %9d %12.1f %11d %15d", row.minute, row.requests, row.residentMegabytes,
                        row.files, StoragePool.shared.systemAllocations))
            }
        }
        return Self.verdict(rows, minutes: minutes, failed: tally.failed.load(ordering: .relaxed))
    }

    private func run(_ request: SynthesisRequest, disconnects: Bool, _ tally: Tally) async {
        do {
            for try await _ in engine.speak(request) where disconnects { break }
            tally.finished.add(1, ordering: .relaxed)
        } catch {
            tally.failed.add(1, ordering: .relaxed)
        }
    }

    private static func request(_ random: inout SplitMix64, reference: String) -> SynthesisRequest {
        let count = 1 + random.below(6)
        let text = (0..<count).map { _ in sentences[random.below(sentences.count)] }.joined()
        var request = SynthesisRequest(
            text: text, textLanguage: "zh", referencePath: reference,
            promptText: random.below(4) == 0 ? "" : "参考音频里说的话。", promptLanguage: "zh")
        request.batchSize = 1 + random.below(8)
        request.seed = Int64(random.below(1000))
        request.speedFactor = [1, 1, 1, 1.25, 0.8][random.below(5)]
        switch random.below(4) {
        case 0: request.delivery = .whole
        case 1:
            request.delivery = .chunks(
                fixedLength: random.below(2) == 0, minimumTokens: 16, overlapTokens: 2)
        default: request.delivery = .fragments
        }
        return request
    }

    private static func openFiles() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }

    private static func verdict(_ rows: [Row], minutes: Double, failed: Int) -> Bool {
        let warmUp = min(warmUpMinutes, minutes / 4)
        let steady = rows.filter { $0.minute >= warmUp }
        guard let first = steady.first, let last = steady.last else { return false }
        // How many requests are in flight changes by the minute; the median of ten minutes shows what stays.
        let width = max(1, min(10, steady.count / 2))
        let values = stride(from: 0, to: steady.count - width + 1, by: width).map { start in
            steady[start..<start + width].map(\.residentMegabytes).sorted()[width / 2]
        }
        let base = values.first ?? 1
        let low = values.min() ?? base
        let high = values.max() ?? base
        let drift = max(high / base - 1, 1 - low / base)
        let isFlat = drift <= tolerance && last.files <= first.files + 8 && failed == 0
        Console.output(
            String(
                format:
                    "%d requests, %d failed; resident %.1f MB from minute %.0f on, then %.1f to %.1f MB (%.1f %%): %@",
                last.requests, failed, base, first.minute, low, high, drift * 100,
                isFlat ? "flat" : "NOT flat"))
        return isFlat
    }

    /// A clip for the requests: five seconds of a gliding tone with a little noise.
    static func writeReference() throws -> String {
        var random = SplitMix64(seed: 5)
        let rate = 32_000
        let samples = (0..<rate * 5).map { index in
            let t = Double(index) / Double(rate)
            return Int16(9000 * sin(2 * .pi * (180 + 30 * sin(3 * t)) * t) + Double(random.float()) * 900)
        }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gsv-soak-\(getpid()).wav")
            .path
        try AudioWriter.write(samples, sampleRateHz: rate, to: path)
        return path
    }
}
