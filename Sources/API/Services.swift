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
            throw .refused(
                .invalidParameter,
                "X-Request-Timeout: \(header.prefix(20)) is no number of seconds up to 86400")
        }
        return Deadline(seconds: limit > 0 ? min(limit, seconds) : seconds)
    }
}
