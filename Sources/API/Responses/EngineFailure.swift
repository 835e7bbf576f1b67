import Audio
import Logging
import Synthesis

/// What an engine's errors become.
enum EngineFailure {
    /// The answer with upstream's `message`. An error that isn't one of the engine's own kinds is a fault,
    /// and its description is for the log alone: it may say more of the machine than a stranger should
    /// know.
    static func answer(_ message: String, _ error: any Error, logger: Logger) -> APIError {
        if let error = error as? AudioError {
            // The reference's errors come as the engine's; this one is of the container that was asked for.
            return .badRequest(.unsupportedMediaType, "media_type: \(error)")
        }
        if !(error is APIError), !(error is SynthesisError) {
            logger.error("a fault in the engine", metadata: ["error": .string(String(describing: error))])
        }
        return APIError.failed(message, cause: error)
    }

    /// Runs `body`, which asks something of the engine, and throws its errors as answers. A request that was given up
    /// stays a `CancellationError`.
    static func answering<R>(_ message: String, logger: Logger, _ body: () async throws -> R) async throws
        -> R
    {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw answer(message, error, logger: logger)
        }
    }

    /// What the log says of an error: the engine's own may quote the text, so only their code.
    static func logged(_ error: any Error) -> String {
        if let error = error as? SynthesisError { return error.code.rawValue }
        if let error = error as? APIError { return error.code.rawValue }
        return String(describing: error)
    }
}
