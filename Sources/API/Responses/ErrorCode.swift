/// Stable identifiers of errors, in the `code` field of every error response. Messages may change.
package enum ErrorCode: String, Sendable, CaseIterable {
    /// A value of the wrong type, or a body that isn't a JSON object (422).
    case invalidRequest = "invalid_request"
    /// The query string isn't percent-encoded UTF-8.
    case invalidEncoding = "invalid_encoding"
    /// A required parameter is missing or empty.
    case missingParameter = "missing_parameter"
    /// A number outside its range, or a NUL character in a string.
    case invalidParameter = "invalid_parameter"
    /// A text, a path or a list longer than the server accepts.
    case tooLong = "too_long"
    /// A language that the loaded version does not support.
    case unsupportedLanguage = "unsupported_language"
    /// A container that this server does not write.
    case unsupportedMediaType = "unsupported_media_type"
    /// A text splitting method that doesn't exist.
    case unsupportedSplitMethod = "unsupported_split_method"
    /// A streaming mode that doesn't exist or isn't offered.
    case unsupportedStreamingMode = "unsupported_streaming_mode"
    /// A command other than `restart` and `exit`.
    case unknownCommand = "unknown_command"
    /// The reference clip is missing, unreadable or not 3 to 10 s long.
    case invalidReference = "invalid_reference"
    /// The text has nothing to speak, or a part of it cannot be processed.
    case invalidText = "invalid_text"
    /// Weights that cannot be loaded or do not belong together.
    case invalidWeights = "invalid_weights"
    /// Language data or base models are missing on the server.
    case incompleteSetup = "incomplete_setup"
    /// Synthesis ended without a single sample.
    case noAudio = "no_audio"
    /// A web page of a foreign origin used the server, or tried to change it (403).
    case crossSite = "cross_site"
    /// The `Host` header is missing, given twice (400) or a name that is not this server's (421).
    case wrongHost = "wrong_host"
    /// A key is missing or wrong (401).
    case invalidKey = "invalid_key"
    /// The server has no admin key, and without one it may not be changed over HTTP (403).
    case keyRequired = "key_required"
    /// A voice that isn't there, or a name that no voice can have.
    case unknownVoice = "unknown_voice"
    /// A model that this server does not have.
    case unknownModel = "unknown_model"
    /// There is a voice of that name already (409).
    case voiceExists = "voice_exists"
    /// The folder of voices cannot be written (403, or 507 if the disk is full), or changed meanwhile (409).
    case notWritable = "not_writable"
    /// This server keeps no state between requests (409).
    case stateless = "stateless"
    /// The queue is full (503).
    case queueFull = "queue_full"
    /// This caller has as many requests in the queue as it may (429).
    case tooManyRequests = "too_many_requests"
    /// The server is about to end (503).
    case shuttingDown = "shutting_down"
    /// The request took longer than it may (504).
    case deadlineExceeded = "deadline_exceeded"
    /// No such endpoint (404).
    case notFound = "not_found"
    /// The endpoint exists, but not for this method (405).
    case methodNotAllowed = "method_not_allowed"
    /// The body is larger than the server accepts (413).
    case bodyTooLarge = "body_too_large"
    /// A fault of the server; its log has more.
    case internalError = "internal_error"
}
