import API
import ArgumentParser
import Foundation
import Logging
import Models
import Synthesis

/// `gsv serve`: the HTTP server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve upstream's api_v2 endpoints over HTTP.",
        discussion: """
            Examples:
              gsv serve                                       (127.0.0.1:9880, GPT_SoVITS/configs/tts_infer.yaml)
              gsv serve -a 0.0.0.0 -c my_infer.yaml --api-key-file keys --admin-key-file admin-keys
              gsv serve --models GPT_SoVITS/pretrained_models --model-version v2
              gsv serve --root clips --allow-host tts.example.com --log-format json     (behind a proxy)
              gsv serve --model anna=anna.ckpt,anna.pth       (requests with model=anna)
              gsv serve --wyoming-port 10200                  (Home Assistant)
            """)

    @OptionGroup var voice: VoiceOptions

    @Option(
        name: [.short, .customLong("bind_addr"), .customLong("address")],
        help: "Address to listen on; None for IPv4 and IPv6.")
    var address = "127.0.0.1"

    @Option(name: .shortAndLong, help: "TCP port.")
    var port = 9880

    @Option(help: "Defaults of omitted parameters: classic (top_k 5, cut0) or upstream (15, cut5).")
    var defaults = "classic"

    @Option(
        help:
            "Texts whose requests do not say: careful writes out what upstream's front end loses or misreads; upstream leaves them as they are."
    )
    var textRules = TextRules.careful

    @Option(help: "Sizes in the header of WAV streams: playable, or upstream (zero).")
    var wavHeader = "playable"

    @Option(help: "Also serve endpoints of the API before api_v2: v1.")
    var compat: String?

    @OptionGroup var encoder: EncoderOptions

    @Option(help: "Also serve the Wyoming protocol on this port.")
    var wyomingPort: Int?

    @Flag(help: "Require no key of clients of the Wyoming protocol where others need one.")
    var wyomingOpen = false

    @OptionGroup(title: "Models") var named: ModelOptions
    @OptionGroup(title: "Access") var access: AccessOptions
    @OptionGroup(title: "Load") var load: LoadOptions
    @OptionGroup(title: "Log") var log: LogOptions

    func run() async throws {
        guard compat == nil || compat == "v1" else { throw ValidationError("--compat takes v1") }
        guard let set = DefaultSet(rawValue: defaults) else {
            throw ValidationError(
                "--defaults takes \(DefaultSet.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        guard let header = StreamingHeader(rawValue: wavHeader) else {
            throw ValidationError(
                "--wav-header takes \(StreamingHeader.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        let limits = try load.limits()
        let (models, modelBudgetBytes) = try named.named()
        var options = ServerOptions.standard
        (options.address, options.port) = (address, port)
        (options.defaults, options.streamingHeader) = (set, header)
        options.textRules = textRules
        options.ffmpeg = try encoder.program()
        (options.load, options.limits) = limits
        options.access = try access.control(address: address)
        options.voicesFolder = access.voices
        options.bundledVoiceFolder = voice.bundledVoice?.folder
        options.protectedVoiceFolder = BundledVoice.find()?.folder
        options.keepsReferenceFeatures = !access.noReferenceCache
        options.models = models
        options.roots = access.roots
        options.isStateless = access.stateless
        options.servesVersion1 = compat == "v1"
        options.logsText = log.logText
        options.drainSeconds = load.drainSeconds
        (options.wyomingPort, options.wyomingIsOpen) = (wyomingPort, wyomingOpen)
        let (main, base) = try voice.load()
        // The weights in use and, for a switch of version, the base models.
        options.weightFolders =
            [main.textToSemantic.path, main.acoustic.path].map {
                URL(fileURLWithPath: $0).deletingLastPathComponent().path
            } + [URL(fileURLWithPath: base.pretrained.folder).path]
        let engine = try Engine(
            models: main, base: base, slots: limits.load.slots, modelBudgetBytes: modelBudgetBytes)
        if log.logFormat == "json" { LoggingSystem.bootstrap { _ in JSONLogHandler() } }
        var logger = Logger(label: "gsv")
        logger.logLevel = .info
        for note in options.access.notes { logger.notice("\(note)") }
        if options.roots.isEmpty, FileManager.default.currentDirectoryPath == "/" {
            logger.notice("the working directory is /: requests reach the folder of voices only; see --root")
        }
        let shown = address == "None" ? "localhost" : address
        let ending = try await Server(engine: engine, options: options, logger: logger).run(
            onListening: { Console.note("listening on http://\(shown):\($0)/tts") },
            onWyoming: { Console.note("listening for Wyoming on tcp://\(shown):\($0)") })
        if ending == .restart { try ProcessRestart.replaceProcess() }
    }
}
