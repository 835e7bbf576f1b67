import Foundation
import Hummingbird
import Logging
import Synthesis

/// What the endpoints share.
struct Services: Sendable {
    let engine: any SpeechEngine
    let options: ServerOptions
    let voices: VoiceLibrary
    let gate: SpeechGate
    let metrics = ServerMetrics()

    init(engine: any SpeechEngine, options: ServerOptions, logger: Logger) {
        self.engine = engine
        self.options = options
        voices = VoiceLibrary(options, logger: logger)
        gate = SpeechGate(options.load)
    }

    /// The weights of a request: those of the model that it names, else of the voice's model, else the voice's own.
    ///
    /// - Throws: `unknown_model`.
    func weights(model: String, voice: Voice?) throws(APIError) -> VoiceWeights? {
        let isNamed = !model.isEmpty && !NamedModel.reserved.contains(model)
        guard let name = isNamed ? model : voice?.model else { return voice?.weights }
        guard let found = options.models.first(where: { $0.name == name }) else {
            throw .badRequest(
                .unknownModel, "there is no model \(name.prefix(VoiceName.maximumLength)); see /v1/models",
                at: "model")
        }
        return found.weights
    }

    /// A request in a registered voice.
    func request(
        _ text: String, language: String, voice: Voice, model: String = ""
    ) throws(APIError) -> SynthesisRequest {
        var request = SynthesisRequest(
            text: text, textLanguage: language, referencePath: voice.reference,
            promptText: voice.promptText, promptLanguage: voice.language)
        request.auxiliaryReferencePaths = voice.auxiliary
        request.weights = try weights(model: model, voice: voice)
        request.keptReferences = keptReferences(of: voice)
        return request
    }

    /// The clips beside which the features are kept: a voice's folder is the server's to write in, others are not.
    func keptReferences(of voice: Voice?) -> Set<String> {
        guard let voice, options.keepsReferenceFeatures else { return [] }
        return Set([voice.reference] + voice.auxiliary)
    }

    /// The ticket of a request for speech, and a note of its text for the log.
    ///
    /// - Parameter caller: the key's number, as `checkUser` gives it; without one, the address counts.
    func ticket(
        _ caller: String?, _ context: SpeechContext, endpoint: String, text: String
    ) -> SpeechGate.Ticket {
        context.notes.note(text, isLogged: options.logsText)
        return SpeechGate.Ticket(
            caller: caller ?? context.channel.remoteAddress?.ipAddress ?? "",
            endpoint: endpoint, characters: text.unicodeScalars.count)
    }

    /// When a request must be finished: what the server allows, or less if the client asked for that.
    func deadline(_ request: Request) throws(APIError) -> Deadline? {
        let limit = options.load.deadlineSeconds
        guard let header = request.headers[.requestTimeout] else {
            return limit > 0 ? Deadline(seconds: limit) : nil
        }
        guard let number = DecimalText(header), let seconds = Double(number.text), seconds > 0,
            seconds <= 86_400
        else {
            throw .badRequest(
                .invalidParameter,
                "X-Request-Timeout: \(header.prefix(20)) is no number of seconds up to 86400")
        }
        return Deadline(seconds: limit > 0 ? min(limit, seconds) : seconds)
    }
}
