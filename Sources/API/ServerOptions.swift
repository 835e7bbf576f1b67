/// How a server listens and what it accepts.
public struct ServerOptions: Sendable, Equatable {
    /// Address to listen on. As in upstream, `None` means every address of both IP versions.
    public var address: String
    /// TCP port; 0 takes a free one.
    public var port: Int
    /// Which defaults requests get.
    public var defaults: DefaultSet
    /// Sizes in the header of WAV streams.
    public var streamingHeader: StreamingHeader
    /// How much a request may bring.
    public var limits: RequestLimits
    /// How long requests in progress may take after a shutdown began, in seconds; then they are cut.
    public var shutdownSeconds: Double
    /// How long a connection may be silent between requests, or while it sends one, in seconds.
    public var idleSeconds: Double

    /// Options with defaults: upstream's address and port.
    public init(
        address: String = "127.0.0.1", port: Int = 9880, defaults: DefaultSet = .classic,
        streamingHeader: StreamingHeader = .playable, limits: RequestLimits = RequestLimits(),
        shutdownSeconds: Double = 30, idleSeconds: Double = 120
    ) {
        self.address = address
        self.port = port
        self.defaults = defaults
        self.streamingHeader = streamingHeader
        self.limits = limits
        self.shutdownSeconds = shutdownSeconds
        self.idleSeconds = idleSeconds
    }

    /// The hosts to try, in order. Linux serves IPv4 on `::` as well; a kernel without IPv6 needs the second.
    var hosts: [String] { address == "None" ? ["::", "0.0.0.0"] : [address] }
}
