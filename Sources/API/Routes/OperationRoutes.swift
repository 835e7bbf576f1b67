import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON
import Synthesis

/// Endpoints for operators and balancers: liveness, capacity, requests in flight, metrics.
struct OperationRoutes: Sendable {
    let services: Services

    func add(to router: Router<SpeechContext>) {
        let (admission, engine, metrics) = (services.admission, services.engine, services.metrics)
        router.endpoint("/health", [.get, .head]) { _, _ in
            Self.status(
                .ok, "ok",
                InformationRoutes.weights(await engine.voice)
                    + [JSONValue.Member("gemm", .string(GEMMStatus.summary))])
        }
        router.endpoint("/ready", [.get, .head]) { _, _ in
            if admission.isDraining { return Self.status(.serviceUnavailable, "shutting down") }
            return admission.hasCapacity
                ? Self.status(.ok, "ok") : Self.status(.serviceUnavailable, "queue full")
        }
        router.endpoint("/metrics", [.get, .head]) { _, _ in
            let text = metrics.text(
                admission: admission, engine: await engine.statistics, voice: await engine.voice)
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
        router.endpoint("/slots", [.get, .head]) { request, _ in
            try services.options.access.checkAdmin(request)
            return Response(json: Self.slots(admission))
        }
    }

    private static func status(
        _ status: HTTPResponse.Status, _ text: String, _ facts: [JSONValue.Member] = []
    ) -> Response {
        var response = Response(
            status: status, json: .object([JSONValue.Member("status", .string(text))] + facts))
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// Requests in flight, and how many wait. Never the texts.
    private static func slots(_ admission: AdmissionController) -> JSONValue {
        let now = ContinuousClock.now
        let running = admission.inFlight.sorted { $0.key < $1.key }.map { id, entry in
            JSONValue.object([
                JSONValue.Member("id", .integer(Int64(id))),
                JSONValue.Member("endpoint", .string(entry.request.endpoint)),
                JSONValue.Member("characters", .integer(Int64(entry.request.characters))),
                JSONValue.Member("seconds", .number((now - entry.since) / .seconds(1))),
                JSONValue.Member("speaking", .bool(entry.hasAudio)),
            ])
        }
        return .object([
            JSONValue.Member("total", .integer(Int64(admission.limits.slots))),
            JSONValue.Member("busy", .integer(Int64(running.count))),
            JSONValue.Member("waiting", .integer(Int64(admission.counts.waiting))),
            JSONValue.Member("places", .integer(Int64(admission.limits.queueCapacity))),
            JSONValue.Member("slots", .array(running)),
        ])
    }
}
