import Files
import Foundation
package import Logging
package import Synthesis

/// Synthesizes the lines of a file into a folder, several concurrently: their sentences are decoded together, and the audio
/// of a line does not depend on that.
///
/// A file is there only when it is whole, and in the manifest only when it is there; so a run may be killed at any moment,
/// and another one goes on.
package struct BatchRun: Sendable {
    private let engine: any SpeechEngine
    private let options: BatchOptions
    private let logger: Logger

    /// A run that has not begun.
    package init(engine: any SpeechEngine, options: BatchOptions, logger: Logger) {
        self.engine = engine
        self.options = options
        self.logger = logger
    }

    /// A line of this shard, or what is wrong with it.
    private struct Job: Sendable {
        let number: Int
        let id: String?
        let content: Result<(line: BatchLine, file: String), LineProblem>
    }

    /// Speaks what is not finished.
    ///
    /// - Parameters:
    ///   - text: the file.
    ///   - onProgress: called after every line, one call at a time.
    /// - Returns: what became of the lines. A line that cannot be spoken doesn't stop the others.
    /// - Throws: `BatchError` if the folder cannot be written.
    package func callAsFunction(
        _ text: [UInt8], onProgress: (BatchProgress) -> Void = { _ in }
    ) async throws -> BatchProgress {
        do {
            try FileManager.default.createDirectory(
                atPath: options.folder, withIntermediateDirectories: true)
        } catch {
            throw BatchError(description: "\(options.folder) cannot be made: \(error.localizedDescription)")
        }
        let requests = await BatchRequests(options, engine: engine, logger: logger)
        let jobs = jobs(text, requests)
        let manifest = try BatchManifest.open(
            in: options.folder, options.shard, isResumed: options.isResumed)
        defer { manifest.close() }
        let finished = options.isResumed ? BatchManifest.finished(in: options.folder) : []

        var progress = BatchProgress()
        progress.lines = jobs.count
        onProgress(progress)
        try await withThrowingTaskGroup(of: BatchRecord?.self) { group in
            func finish(_ record: BatchRecord?) throws {
                progress.problem = nil
                if let record {
                    try manifest.add(record)
                    progress.audioSeconds += record.seconds ?? 0
                    if let problem = record.problem {
                        progress.failed += 1
                        progress.problem = "line \(record.line): \(problem.message) (\(problem.code))"
                    } else {
                        progress.spoken += 1
                    }
                } else {
                    progress.skipped += 1
                }
                onProgress(progress)
            }
            for (index, job) in jobs.enumerated() {
                if index >= options.inFlight, let record = try await group.next() { try finish(record) }
                group.addTask { try await process(job, requests, finished) }
            }
            while let record = try await group.next() { try finish(record) }
        }
        return progress
    }

    /// The lines of this shard. All lines are looked at, so that every shard finds the same ones at fault when two want
    /// the same file.
    private func jobs(_ text: [UInt8], _ requests: BatchRequests) -> [Job] {
        var owners: [String: Int] = [:]
        return BatchLine.split(text).compactMap { number, bytes in
            var id: String?
            let content = Result<(line: BatchLine, file: String), LineProblem> {
                () throws(LineProblem) -> (line: BatchLine, file: String) in
                let line = try BatchLine(bytes, number: number)
                id = try line.id()
                let file = try requests.fileName(line)
                if let owner = owners[file] {
                    throw LineProblem(.invalidParameter, "id: \(id ?? file) is that of line \(owner) already")
                }
                owners[file] = number
                return (line, file)
            }
            return options.shard.contains(line: number) ? Job(number: number, id: id, content: content) : nil
        }
    }

    /// Writes a file that is whole whenever it is there, even after a kill or a loss of power. The run is the only writer of
    /// its names, so what a killed run left is overwritten.
    private static func write(_ bytes: [UInt8], to path: String) throws(BatchError) {
        do {
            try AtomicFile.write(bytes, to: path, .init(durability: .contentsAndName, temporary: .reused))
        } catch {
            throw BatchError(cannotWrite: error.path, reason: error.reason)
        }
    }

    /// Processes a line.
    ///
    /// - Returns: its record; nil if it was finished before.
    private func process(_ job: Job, _ requests: BatchRequests, _ finished: Set<FinishedFile>) async throws
        -> BatchRecord?
    {
        var record = BatchRecord(line: job.number, id: job.id)
        do {
            let (line, file) = try job.content.get()
            let request = try requests.request(line)
            if let bytes = RegularFile.size(options.folder + "/" + file),
                finished.contains(FinishedFile(file: file, bytes: bytes, request: request.digest))
            {
                return nil
            }
            (record.seed, record.request) = (request.synthesis.seed, request.digest)
            let speech = try await speak(request.synthesis)
            let bytes = try await EncoderThreads.run { [folder = options.folder] in
                let bytes = try request.encoding.file(speech.samples, sampleRateHz: speech.sampleRateHz)
                try Self.write(bytes, to: folder + "/" + file)
                return bytes.count
            }
            (record.file, record.bytes) = (file, bytes)
            record.seconds = Double(speech.samples.count) / Double(speech.sampleRateHz)
        } catch let error as BatchError {
            throw error
        } catch let problem as LineProblem {
            record.problem = problem
        } catch {
            try Task.checkCancellation()
            record.problem = LineProblem(error)
        }
        return record
    }

    private func speak(_ request: SynthesisRequest) async throws -> AudioFragment {
        var samples: [Int16] = []
        var rate = 0
        for try await fragment in engine.speak(request) {
            samples += fragment.samples
            rate = fragment.sampleRateHz
        }
        guard !samples.isEmpty, rate > 0 else {
            throw LineProblem(.noAudio, "the text gave no sound: is there something to speak in it?")
        }
        return AudioFragment(sampleRateHz: rate, samples: samples)
    }
}
