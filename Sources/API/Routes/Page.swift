import HTTPTypes
import Hummingbird
import NIOCore
import Synthesis

/// The endpoint `/`: a page for browsers, a description of the server for other clients.
enum Page {
    private static let html = ByteBuffer(bytes: PackageResources.index_html)

    /// The page, if the client reads HTML.
    static func response(_ request: Request, _ engine: any SpeechEngine) async -> Response {
        let accepts = request.headers[.accept]?.lowercased() ?? ""
        guard accepts.contains("text/html") else { return await InformationRoutes.about(engine) }
        return Response(
            status: .ok,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-cache", .vary: "Accept"],
            body: ResponseBody(byteBuffer: html))
    }
}
