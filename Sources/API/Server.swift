import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
package import Synthesis
import UnixSignals

/// The HTTP server: upstream's `api_v2` endpoints in front of an engine.
///
/// ```swift
/// let server = Server(engine: engine, options: ServerOptions(), logger: logger)
/// if try await server.run() == .restart { try ProcessRestart.replaceProcess() }
/// ```
package struct Server: Sendable {
    /// The state that the endpoints share.
    let services: Services
    private var options: ServerOptions { services.options }
    private let logger: Logger
    private let onControl: (@Sendable (ControlCommand) async -> Void)?

    /// Makes a server that doesn't listen yet.
    ///
    /// - Parameter onControl: Called for each command of `/control`, after its response has been sent. By
    ///   default both commands shut the server down gracefully, and `run` returns the command.
    package init(
        engine: any SpeechEngine, options: ServerOptions, logger: Logger,
        onControl: (@Sendable (ControlCommand) async -> Void)? = nil
    ) {
        services = Services(engine: engine, options: options, logger: logger)
        self.logger = logger
        self.onControl = onControl
    }

    /// Listens until SIGTERM, SIGINT or a `/control` command, then lets the requests in
    /// progress finish.
    ///
    /// - Parameters:
    ///   - onListening: Called with the port once connections are accepted.
    ///   - onWyoming: The same for the Wyoming protocol's port, if it is served.
    /// - Returns: Why it ended.
    /// - Throws: `ServerError` if it cannot listen.
    package func run(
        onListening: @escaping @Sendable (Int) -> Void = { _ in },
        onWyoming: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> ServerEnding {
        guard (0...65535).contains(options.port) else { throw ServerError.invalidPort(options.port) }
        // What a process that was killed left behind.
        StagedFolder.sweep(options.voicesFolder)
        let hosts = options.hosts
        for host in hosts.dropLast() {
            do {
                return try await run(on: host, onListening, onWyoming)
            } catch ServerError.addressUnavailable {
                logger.notice("IPv6 is not available here; listening on IPv4 only")
            }
        }
        return try await run(on: hosts.last ?? options.address, onListening, onWyoming)
    }

    private func run(
        on host: String, _ onListening: @escaping @Sendable (Int) -> Void,
        _ onWyoming: @escaping @Sendable (Int) -> Void
    ) async throws -> ServerEnding {
        let shutdown = ShutdownSwitch()
        let application = Application(
            router: router(onControl: onControl ?? { await shutdown.trigger($0) }),
            server: .http1(configuration: channelConfiguration),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: options.port), serverName: "gsv"),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
        var members: [any Service] = [
            application,
            SignalService(drain: services.admission.drain, seconds: options.drainSeconds) {
                await shutdown.trigger(nil)
            },
        ]
        if let port = options.wyomingPort {
            members.append(
                WyomingServer(
                    services: services, host: host, port: port, onListening: onWyoming, logger: logger))
        }
        var configuration = ServiceGroupConfiguration(
            services: members, gracefulShutdownSignals: [], logger: logger)
        configuration.maximumGracefulShutdownDuration = .milliseconds(
            Int64((options.shutdownSeconds.clamped(to: 0...86_400) * 1000).rounded()))
        let group = ServiceGroup(configuration: configuration)
        shutdown.group = group
        do {
            try await group.run()
        } catch let error as CancellationError {
            // Requests that outlast the grace period are cut; that is an orderly end too.
            if Task.isCancelled { throw error }
        } catch {
            throw ServerError(listening: host, port: options.port, failure: error)
        }
        return shutdown.command == .restart ? .restart : .stopped
    }

    private var channelConfiguration: HTTP1Channel.Configuration {
        let headBytes = options.limits.headBytes
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionWatch()],
            idleTimeout: .milliseconds(Int64((options.idleSeconds.clamped(to: 1...86_400) * 1000).rounded())),
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                maxHeaderFieldSize: headBytes, maxHeaderListSize: headBytes))
    }

    /// All endpoints.
    func router(onControl: @escaping @Sendable (ControlCommand) async -> Void) -> Router<SpeechContext> {
        let router = Router(context: SpeechContext.self)
        let origins = OriginPolicy(allowed: options.access.allowedOrigins)
        router.add(middleware: CrossOriginHeaders(origins: origins))
        router.add(middleware: RequestLog(metrics: services.metrics))
        router.add(
            middleware: RequestOriginCheck(
                hosts: HostPolicy(address: options.address, allowed: options.access.allowedHosts),
                origins: origins))
        router.add(middleware: Preflight())
        SpeechRoutes(services: services).add(to: router)
        VoiceRoutes(services: services).add(to: router)
        RegistryRoutes(services: services).add(to: router)
        SimilarityRoutes(services: services).add(to: router)
        OpenAIRoutes(services: services).add(to: router)
        ControlRoutes(limits: options.limits, access: options.access, onControl: onControl).add(to: router)
        InformationRoutes(services: services).add(to: router)
        OperationRoutes(services: services).add(to: router)
        if options.servesVersion1 { Version1Routes(services: services).add(to: router) }
        return router
    }
}

extension Double {
    /// The nearest value within `range`.
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
