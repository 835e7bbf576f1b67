import Logging
import StrictJSON
import Synthesis

/// Makes requests of lines, by the rules of `/tts`.
struct BatchRequests: Sendable {
    private let options: BatchOptions
    private let services: Services
    private let voice: VoiceDescription
    /// What every line gets that doesn't say otherwise, and what goes with the flags' clip.
    private let common: [String: JSONValue], clip: [String: JSONValue]

    init(_ options: BatchOptions, engine: any SpeechEngine, logger: Logger) async {
        self.options = options
        var server = ServerOptions(
            defaults: .upstream, voicesFolder: options.voicesFolder, readsAnyPath: true)
        server.ffmpeg = options.ffmpeg
        server.limits.textLength = 100_000
        services = Services(engine: engine, options: server, logger: logger)
        voice = await engine.voice
        let request = options.request
        common = [
            "text_lang": .string(request.textLanguage), "top_k": .integer(Int64(request.topK)),
            "top_p": Self.number(request.topP), "temperature": Self.number(request.temperature),
            "repetition_penalty": Self.number(request.repetitionPenalty),
            "text_split_method": .string(request.splitMethod),
            "text_rules": .string(request.textRules.rawValue),
            "batch_size": .integer(Int64(request.batchSize)),
            "speed_factor": .number(request.speedFactor),
            "fragment_interval": .number(request.fragmentInterval),
            "sample_steps": .integer(Int64(request.sampleSteps)),
            "super_sampling": .bool(request.superSampling),
            "seed": .integer(request.seed), "media_type": .string(options.format),
        ]
        clip =
            options.voice.map { ["voice": .string($0)] } ?? [
                "ref_audio_path": .string(request.referencePath), "prompt_text": .string(request.promptText),
                "prompt_lang": .string(request.promptLanguage),
                "aux_ref_audio_paths": .array(request.auxiliaryReferencePaths.map { .string($0) }),
            ]
    }

    /// The nearest decimal, as the flag had it: 1.35 and not 1.35000002.
    private static func number(_ value: Float) -> JSONValue { .number(Double("\(value)") ?? Double(value)) }

    /// The request of a line.
    struct LineRequest: Sendable {
        let synthesis: SynthesisRequest
        let encoding: AudioEncoding
        /// Recognises the request with its weights.
        let digest: String
    }

    /// The name of a line's file.
    func fileName(_ line: BatchLine) throws(LineProblem) -> String {
        let type = line.members["media_type"]?.string ?? options.format
        let container: AudioContainer
        do {
            container = try AudioContainer(mediaType: type, ffmpeg: options.ffmpeg)
        } catch {
            throw LineProblem(error)
        }
        return try line.stem() + "." + container.rawValue
    }

    /// The parameters of a line, with those of the options.
    private func parameters(_ line: BatchLine) -> [String: JSONValue] {
        var values = common
        let (voice, reference) = (line.members["voice"]?.string, line.members["ref_audio_path"]?.string)
        if voice ?? "" == "" && reference ?? "" == "" {
            values.merge(clip) { $1 }
        } else if voice ?? "" == "" {
            values["prompt_lang"] = .string(options.promptLanguage)
        }
        values.merge(line.members) { $1 }
        // A line becomes a file: there is nothing to stream.
        values["streaming_mode"] = nil
        values["return_timestamps"] = nil
        values["id"] = nil
        return values
    }

    /// Validates a line.
    ///
    /// - Throws: the first problem of the line.
    func request(_ line: BatchLine) throws(LineProblem) -> LineRequest {
        let values = parameters(line)
        do {
            let validated = try ValidatedRequest(
                try Parameters(RawParameters(body: values), table: SpeechParameters.all, defaults: .upstream),
                voice: voice, services: services)
            var synthesis = validated.synthesis
            if synthesis.seed < 0 { synthesis.seed = line.seed }
            return LineRequest(
                synthesis: synthesis, encoding: validated.encoding,
                digest: digest(values, seed: synthesis.seed))
        } catch {
            throw LineProblem(error)
        }
    }

    private func digest(_ values: [String: JSONValue], seed: Int64) -> String {
        let members = values.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value) }
        let weights = [voice.textToSemanticPath, voice.soVITSPath].map { JSONValue.string($0) }
        return String(
            TextDigest.sha256(JSONWriter.text(of: .array([.object(members), .integer(seed)] + weights)))
                .prefix(16))
    }
}
