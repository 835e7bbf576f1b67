import Hummingbird
import NIOCore

/// The context of a request.
struct SpeechContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The client's connection.
    let channel: any Channel
    /// Metadata of its log line.
    let logMetadata = RequestLogMetadata()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
