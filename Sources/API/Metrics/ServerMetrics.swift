import Foundation
import Synchronization
import Synthesis

/// The counters of `/metrics`.
final class ServerMetrics: Sendable {
    private struct Response: Hashable {
        let endpoint: String
        let status: Int
    }
    private struct State {
        var requests: [Response: Int] = [:]
        var rejected: [String: Int] = [:]
        var cancelled = 0
        var audioSeconds = 0.0
        var synthesisSeconds = 0.0
        var queueWait = Histogram([0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60])
        var firstAudio = Histogram([0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60])
    }
    private let state = Mutex(State())

    func responded(_ endpoint: String, status: Int) {
        state.withLock { $0.requests[Response(endpoint: endpoint, status: status), default: 0] += 1 }
    }
    func rejected(_ reason: ErrorCode) { state.withLock { $0.rejected[reason.rawValue, default: 0] += 1 } }
    func cancelled() { state.withLock { $0.cancelled += 1 } }
    func queueWait(seconds: Double) { state.withLock { $0.queueWait.observe(seconds) } }
    func firstAudio(seconds: Double) { state.withLock { $0.firstAudio.observe(seconds) } }
    func audio(seconds: Double) { state.withLock { $0.audioSeconds += seconds } }
    func synthesis(seconds: Double) { state.withLock { $0.synthesisSeconds += seconds } }

    /// Utterances whose client left before their end.
    var cancellations: Int { state.withLock { $0.cancelled } }

    /// Prometheus's text format, version 0.0.4.
    func text(admission: AdmissionController, engine: EngineStatistics, voice: VoiceDescription) -> String {
        let state = state.withLock { $0 }
        let counts = admission.counts
        var page = PrometheusPage()
        page.add("gsv_requests_total", .counter, "Responses by endpoint and status.") { family in
            for (key, count) in state.requests.sorted(by: {
                ($0.key.endpoint, $0.key.status) < ($1.key.endpoint, $1.key.status)
            }) {
                family.add(["endpoint": key.endpoint, "code": "\(key.status)"], Double(count))
            }
        }
        page.add("gsv_rejected_total", .counter, "Requests rejected for load, by reason.") { family in
            for (reason, count) in state.rejected.sorted(by: { $0.key < $1.key }) {
                family.add(["reason": reason], Double(count))
            }
        }
        page.add("gsv_cancelled_total", .counter, "Requests whose client left.", Double(state.cancelled))
        page.add("gsv_queue_depth", .gauge, "Requests that wait for a slot.", Double(counts.waiting))
        page.add("gsv_slots_busy", .gauge, "Requests in flight.", Double(counts.inFlight))
        page.add("gsv_slots", .gauge, "Requests that can be in flight.", Double(admission.limits.slots))
        page.add("gsv_queue_wait_seconds", "Time that requests waited for a slot.", state.queueWait)
        page.add(
            "gsv_time_to_first_audio_seconds", "Time from the slot to the first audio.", state.firstAudio)
        page.add("gsv_audio_seconds_total", .counter, "Speech synthesized, in seconds.", state.audioSeconds)
        page.add(
            "gsv_synthesis_seconds_total", .counter, "Time that requests spent in their slots.",
            state.synthesisSeconds)
        page.add("gsv_t2s_tokens_total", .counter, "Semantic tokens decoded.", Double(engine.tokens))
        page.add(
            "gsv_decode_step_seconds", "Time from one decode step to the next.", engine.decodeSteps)
        page.add("gsv_stage_seconds_total", .counter, "Time that requests spent in a stage.") { family in
            family.add(["stage": "preparation"], engine.preparationSeconds)
            family.add(["stage": "text"], engine.textSeconds)
            family.add(["stage": "tokens"], engine.tokenSeconds)
            family.add(["stage": "samples"], engine.sampleSeconds)
        }
        page.add(
            "gsv_ref_cache_hits_total", .counter, "References whose features were known.",
            Double(engine.referenceHits))
        page.add(
            "gsv_ref_cache_misses_total", .counter, "References that had to be analysed.",
            Double(engine.referenceMisses))
        page.add(
            "gsv_model_files", .gauge, "Weight files that are loaded, base models left out.",
            Double(engine.modelFiles))
        page.add("gsv_model_bytes", .gauge, "Their size.", Double(engine.modelBytes))
        page.add("gsv_build_info", .gauge, "What runs here.") { family in
            family.add(["model_version": voice.version], 1)
        }
        page.add("gsv_gemm_info", .gauge, "What computes dense products, by class.") { family in
            for (productClass, backend) in GEMMStatus.backends {
                family.add(["class": productClass, "backend": backend], 1)
            }
        }
        page.add("gsv_model_info", .gauge, "Weight files that new requests get.") { family in
            family.add(
                [
                    "model_version": voice.version, "gpt_weights": voice.textToSemanticFile,
                    "sovits_weights": voice.soVITSFile,
                ], 1)
        }
        page.add(
            "process_resident_memory_bytes", .gauge, "Memory of the process.",
            Double(ProcessFacts.residentBytes))
        page.add("process_open_fds", .gauge, "Open file descriptors.", Double(ProcessFacts.openFiles))
        return page.text
    }
}

/// Facts about this process from /proc.
enum ProcessFacts {
    /// Resident memory in bytes; 0 where it cannot be read.
    static var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Open file descriptors.
    static var openFiles: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}
