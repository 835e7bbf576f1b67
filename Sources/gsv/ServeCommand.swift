import API
import ArgumentParser
import Foundation
import Logging
import Synthesis

/// `gsv serve`: the HTTP server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve upstream's api_v2 endpoints over HTTP.",
        discussion: """
            Examples:
              gsv serve                                       (127.0.0.1:9880, GPT_SoVITS/configs/tts_infer.yaml)
              gsv serve -a 0.0.0.0 -p 9880 -c my_infer.yaml
              gsv serve --models GPT_SoVITS/pretrained_models --version v2
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

    @Option(help: "Sizes in the header of WAV streams: playable, or upstream (zero).")
    var wavHeader = "playable"

    func run() async throws {
        guard let set = DefaultSet(rawValue: defaults) else {
            throw ValidationError(
                "--defaults takes \(DefaultSet.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        guard let header = StreamingHeader(rawValue: wavHeader) else {
            throw ValidationError(
                "--wav-header takes \(StreamingHeader.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        let (models, base) = try voice.load()
        let engine = try Engine(models: models, base: base)
        let options = ServerOptions(address: address, port: port, defaults: set, streamingHeader: header)
        var logger = Logger(label: "gsv")
        logger.logLevel = .info
        let address = address
        let ending = try await Server(engine: engine, options: options, logger: logger).run { port in
            Console.note("listening on http://\(address == "None" ? "localhost" : address):\(port)/tts")
        }
        if ending == .restart { try ProcessRestart.replaceProcess() }
    }
}
