import Audio
import Logging
import Synthesis

/// Maps errors of the engine to error responses.
enum EngineFailure {
    /// The error response with upstream's `message`. An error that isn't of the engine's own types is a fault, whose
    /// description goes to the log only: it may reveal details of the machine.
    static func apiError(_ message: String, _ error: any Error, logger: Logger) -> APIError {
        if let error = error as? AudioError {
            // Errors of the reference are `SynthesisError`s; this one comes from the encoder of the requested container.
            return .badRequest(.unsupportedMediaType, "media_type: \(error)")
        }
        if !(error is APIError), !(error is SynthesisError) {
            logger.error("a fault in the engine", metadata: ["error": .string(String(describing: error))])
        }
        return APIError.failed(message, cause: error)
    }

    /// Runs `body`, which uses the engine, and maps its errors. A `CancellationError` stays one.
    static func mapping<R>(_ message: String, logger: Logger, _ body: () async throws -> R) async throws
        -> R
    {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw apiError(message, error, logger: logger)
        }
    }

    /// The log's description of an error: of the engine's own, which may quote the text, only the code.
    static func logged(_ error: any Error) -> String {
        if let error = error as? SynthesisError { return error.code.rawValue }
        if let error = error as? APIError { return error.code.rawValue }
        return String(describing: error)
    }
}
