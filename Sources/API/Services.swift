import Foundation
import Hummingbird
import Logging
import Synthesis

/// The state that the endpoints share.
struct Services: Sendable {
    let engine: any SpeechEngine
    let options: ServerOptions
    let voices: VoiceLibrary
    let admission: AdmissionController
    let metrics = ServerMetrics()

    init(engine: any SpeechEngine, options: ServerOptions, logger: Logger) {
        self.engine = engine
        self.options = options
        voices = VoiceLibrary(options, logger: logger)
        admission = AdmissionController(options.load)
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
        request.textRules = options.textRules
        request.weights = try weights(model: model, voice: voice)
        request.keptReferences = keptReferences(of: voice)
        return request
    }

    /// The clips beside which features are kept: the server writes into folders of voices only.
    func keptReferences(of voice: Voice?) -> Set<String> {
        guard let voice, options.keepsReferenceFeatures else { return [] }
        return Set([voice.reference] + voice.auxiliary)
    }

    /// A request for speech, for admission control.
    ///
    /// - Parameter caller: the key's number, as `checkUser` returns it; without one, the address counts.
    func admissionRequest(
        _ caller: String?, _ context: SpeechContext, endpoint: String, text: String
    ) -> AdmissionRequest {
        AdmissionRequest(
            caller: caller ?? context.channel.remoteAddress?.ipAddress ?? "",
            endpoint: endpoint, characters: text.unicodeScalars.count)
    }

    /// Waits for a slot.
    ///
    /// - Parameter connection: when its client disconnects, the request waits no longer.
    /// - Throws: a rejection for load, or `CancellationError`.
    func admit(
        _ request: AdmissionRequest, _ connection: ClientConnection, _ deadline: Deadline?
    ) async throws -> Permit {
        let start = ContinuousClock.now
        do {
            let permit = try await connection.cancellingOnClose(deadline: deadline) {
                try await admission.admit(request)
            }
            metrics.queueWait(seconds: (ContinuousClock.now - start) / .seconds(1))
            return permit
        } catch {
            if let error = error as? APIError { metrics.rejected(error.code) }
            if error is CancellationError { metrics.cancelled() }
            throw error
        }
    }

    /// The deadline of a request: the server's, or an earlier one that the client sets.
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
