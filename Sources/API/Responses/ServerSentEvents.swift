import Hummingbird
import NIOCore
import StrictJSON

/// Events as `text/event-stream`: one `data:` line of JSON each.
enum ServerSentEvents {
    /// An event.
    static func event(_ value: JSONValue, name: String? = nil) -> ByteBuffer {
        let text = JSONWriter.text(of: value, escaping: .careful)
        return ByteBuffer(string: (name.map { "event: \($0)\n" } ?? "") + "data: \(text)\n\n")
    }

    /// A response of events.
    static func response(
        _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(write))
    }
}
