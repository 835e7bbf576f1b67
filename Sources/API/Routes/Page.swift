import HTTPTypes
import Hummingbird
import NIOCore
import Synthesis

/// What is at `/`: a page for browsers, and for programs what the server is.
enum Page {
    private static let html = ByteBuffer(bytes: PackageResources.index_html)

    /// The page, if the client reads HTML.
    static func answer(_ request: Request, _ engine: any SpeechEngine) async -> Response {
        let accepts = request.headers[.accept]?.lowercased() ?? ""
        guard accepts.contains("text/html") else { return await InformationRoutes.about(engine) }
        return Response(
            status: .ok,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-cache", .vary: "Accept"],
            body: ResponseBody(byteBuffer: html))
    }
}
