import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON
import Synthesis

/// What operators and balancers ask: whether the server lives and has room, what it does, what it did.
struct OperationRoutes: Sendable {
    let services: Services

    func add(to router: Router<SpeechContext>) {
        let (gate, engine, metrics) = (services.gate, services.engine, services.metrics)
        router.endpoint("/health", [.get, .head]) { _, _ in Self.status(.ok, "ok") }
        router.endpoint("/ready", [.get, .head]) { _, _ in
            if gate.isDraining { return Self.status(.serviceUnavailable, "shutting down") }
            return gate.hasRoom ? Self.status(.ok, "ok") : Self.status(.serviceUnavailable, "queue full")
        }
        router.endpoint("/metrics", [.get, .head]) { _, _ in
            let text = metrics.text(gate: gate, engine: await engine.statistics, voice: await engine.voice)
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
        router.endpoint("/slots", [.get, .head]) { request, _ in
            try services.options.access.checkAdmin(request)
            return Response(json: Self.slots(gate))
        }
    }

    private static func status(_ status: HTTPResponse.Status, _ text: String) -> Response {
        var response = Response(
            status: status, json: .object([JSONValue.Member("status", .string(text))]))
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// What is in work, and how many wait. Never the texts.
    private static func slots(_ gate: SpeechGate) -> JSONValue {
        let now = ContinuousClock.now
        let running = gate.occupants.sorted { $0.key < $1.key }.map { id, occupant in
            JSONValue.object([
                JSONValue.Member("id", .integer(Int64(id))),
                JSONValue.Member("endpoint", .string(occupant.ticket.endpoint)),
                JSONValue.Member("characters", .integer(Int64(occupant.ticket.characters))),
                JSONValue.Member("seconds", .number((now - occupant.since) / .seconds(1))),
                JSONValue.Member("speaking", .bool(occupant.hasSpoken)),
            ])
        }
        return .object([
            JSONValue.Member("total", .integer(Int64(gate.limits.slots))),
            JSONValue.Member("busy", .integer(Int64(running.count))),
            JSONValue.Member("waiting", .integer(Int64(gate.counts.waiting))),
            JSONValue.Member("places", .integer(Int64(gate.limits.places))),
            JSONValue.Member("slots", .array(running)),
        ])
    }
}
