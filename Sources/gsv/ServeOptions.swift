import API
import ArgumentParser
import Foundation

/// How a server is protected: keys, hosts, origins, folders, state.
struct AccessOptions: ParsableArguments {
    @Option(help: "Key that permits speech; may be repeated. Also $GSV_API_KEY, comma-separated.")
    var apiKey: [String] = []

    @Option(help: "A file of such keys, one a line. Unlike --api-key it does not show up in ps.")
    var apiKeyFile: String?

    @Option(
        help:
            "Key that also permits changes of voices and weights, and /control; may be repeated. Also $GSV_ADMIN_KEY. Without one the server refuses changes."
    )
    var adminKey: [String] = []

    @Option(help: "A file of such keys, one a line.")
    var adminKeyFile: String?

    @Flag(
        help:
            "Waive the keys that are not given, as upstream: everyone who can connect may request speech and change the server."
    )
    var insecure = false

    @Option(
        name: .customLong("allow-host"),
        help:
            "Host name under which the server is reached, as behind a proxy; .example.com for subdomains, * for any; may be repeated."
    )
    var allowedHosts: [String] = []

    @Option(
        name: .customLong("cors"),
        help:
            "Origin whose pages may use the server, besides those of this machine: https://app.example.com, or * for any; may be repeated."
    )
    var allowedOrigins: [String] = []

    @Option(help: "Folder of voices: voices/NAME/{ref.wav, ref.txt, voice.yaml}.")
    var voices = "voices"

    @Flag(help: "Keep no features of voices' clips in files beside them.")
    var noReferenceCache = false

    @Option(
        name: .customLong("root"),
        help:
            "Folder in which clips and weights that requests name may lie, instead of the working directory; may be repeated."
    )
    var roots: [String] = []

    @Flag(help: "Refuse /set_… with 409: for servers behind a balancer.")
    var stateless = false

    /// The rules for a server that listens on `address`.
    ///
    /// - Throws: what keeps such a server from starting: a source of keys without a key, an address that other machines
    ///   reach without keys, a folder that would allow every file.
    func control(address: String) throws -> AccessControl {
        do {
            let environment = ProcessInfo.processInfo.environment
            let access = AccessControl(
                userKeys: try KeySource(
                    flag: "--api-key", values: apiKey, file: apiKeyFile, variable: "GSV_API_KEY",
                    environment: environment["GSV_API_KEY"]
                ).keys(),
                adminKeys: try KeySource(
                    flag: "--admin-key", values: adminKey, file: adminKeyFile, variable: "GSV_ADMIN_KEY",
                    environment: environment["GSV_ADMIN_KEY"]
                ).keys(),
                isInsecure: insecure, allowedHosts: allowedHosts, allowedOrigins: allowedOrigins)
            try access.check(address: address)
            try RequestFiles.check(roots: roots)
            return access
        } catch let error as AccessError {
            throw ValidationError(error.description)
        }
    }
}

/// Limits of load.
struct LoadOptions: ParsableArguments {
    @Option(help: "Requests that are processed concurrently.")
    var slots = 16

    @Option(help: "Requests that may wait; one more gets 503.")
    var queue = 64

    @Option(help: "Requests of one key or address that may wait; one more gets 429.")
    var queuePerKey: Int?

    @Option(help: "Longest time of a request in seconds; 0 means any.")
    var deadline = 0.0

    @Option(help: "Characters of a text.")
    var maxText = 10_000

    @Option(help: "Bytes of a request's body.")
    var maxBody = 1 << 20

    @Option(help: "Bytes of a clip that is uploaded.")
    var maxUpload = 20 << 20

    @Option(help: "After SIGTERM, seconds in which /ready fails and requests are still answered.")
    var drainSeconds = 0.0

    func limits() throws -> (load: LoadLimits, request: RequestLimits) {
        guard (1...1_000).contains(slots), (0...100_000).contains(queue), (queuePerKey ?? 0) >= 0,
            (0...86_400).contains(deadline), (1...10_000_000).contains(maxText),
            (1_024...1 << 30).contains(maxBody), (1_024...1 << 30).contains(maxUpload),
            (0...3_600).contains(drainSeconds)
        else {
            throw ValidationError(
                "out of range: --slots 1…1000, --queue 0…100000, --queue-per-key ≥ 0, --deadline 0…86400, --max-text "
                    + "1…10000000, --max-body and --max-upload 1024…1073741824, --drain-seconds "
                    + "0…3600")
        }
        return (
            LoadLimits(
                slots: slots, queueCapacity: queue, queueCapacityPerCaller: queuePerKey,
                deadlineSeconds: deadline),
            RequestLimits(bodyBytes: maxBody, textLength: maxText, uploadBytes: maxUpload)
        )
    }
}

/// The log of a server.
struct LogOptions: ParsableArguments {
    @Option(help: "The log: text, or json with an object a line.")
    var logFormat = "text"

    @Flag(help: "Log the texts; without it the log has digests of them.")
    var logText = false

    func validate() throws {
        guard ["text", "json"].contains(logFormat) else {
            throw ValidationError("--log-format takes text or json")
        }
    }
}

/// The encoder of AAC.
struct EncoderOptions: ParsableArguments {
    @Option(help: "The ffmpeg program, which encodes AAC; the default is the one in $PATH, none disables it.")
    var ffmpeg: String?

    func program() throws -> FFmpeg? {
        guard let ffmpeg else { return FFmpeg.find() }
        if ffmpeg == "none" { return nil }
        guard let program = FFmpeg(path: ffmpeg) else {
            throw ValidationError("--ffmpeg: \(ffmpeg) is no program's path")
        }
        return program
    }
}
