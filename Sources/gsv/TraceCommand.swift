import ArgumentParser
import Checkpoint
import Foundation
import Models
import Synthesis
import Tensor

/// `gsv trace`: every intermediate result of one synthesis, for comparing with other implementations.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Write every intermediate result of one synthesis into a safetensors file.",
        discussion: """
            Names are upstream's module paths, with a number for repeated ones; layouts are time-major ([T, C]).

            Example:
              gsv trace "你好，世界。" --ref ref.wav --prompt-text "参考音频里说的话" --seed 1 -o trace.safetensors
            """)

    @Argument(help: "What to say.")
    var text: String

    @OptionGroup var voice: VoiceOptions
    @OptionGroup var request: RequestOptions

    @Option(name: .shortAndLong, help: "The file to write.")
    var output = "trace.safetensors"

    func run() throws {
        let (models, base) = try voice.load()
        let trace = ActivationTrace.recording()
        let request = try request.request(text: text, voice: voice.bundledVoice)
        let seed = SeededNoise.seed(requested: request.seed)
        let fragments = try SynchronousRunner.run(
            request, models: models, base: base, noise: SeededNoise(seed: seed), trace: trace)
        var values: [String: Tensor] = [:]
        var counts: [String: Int] = [:]
        for (name, value) in trace.recorded {
            let count = counts[name, default: 0]
            counts[name] = count + 1
            values[count == 0 ? name : "\(name)#\(count)"] = value
        }
        let samples = fragments.flatMap(\.samples)
        values["audio"] = Tensor(samples.map { Float($0) / 32768 }, [samples.count])
        let entries = values.map {
            SafetensorsEntry(name: $0.key, elementType: .float32, shape: $0.value.shape)
        }
        try SafetensorsWriter.write(
            to: output, entries: entries,
            metadata: ["seed": "\(seed)", "text": text, "version": models.version]
        ) { (entry, give) throws(CheckpointError) in
            let floats = values[entry.name]?.values ?? []
            try floats.withBytes(give)
        }
        Console.note("\(output): \(values.count) arrays, seed \(seed)")
    }
}

extension [Float] {
    /// The elements as bytes, with the caller's error type.
    fileprivate func withBytes<E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
        let result: Result<Void, E> = withUnsafeBytes { bytes in
            do throws(E) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }
}
