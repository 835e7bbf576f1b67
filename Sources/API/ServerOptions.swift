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
    /// What writes AAC; without it, `aac` is refused.
    public var ffmpeg: FFmpeg?
    /// How much a request may bring.
    public var limits: RequestLimits
    /// How many requests are worked on and may wait.
    public var load: LoadLimits
    /// Who may use and change the server.
    public var access: AccessControl
    /// The folder of voices.
    public var voicesFolder: String
    /// The folder of the voice called `default` where the folder of voices has none of that name.
    public var bundledVoiceFolder: String?
    /// Whether features of voices' clips are kept in files beside them.
    public var keepsReferenceFeatures: Bool
    /// Weights that requests and voices can name.
    public var models: [NamedModel]
    /// Folders in which clips that requests name may lie. None means the working directory.
    public var roots: [String]
    /// Whether clips and weights elsewhere are out of reach.
    public var isConfined: Bool
    /// Folders in which weights that requests name may lie, besides those of clips.
    public var weightFolders: [String]
    /// Whether requests that would change what later ones get are refused, as behind a balancer.
    public var isStateless: Bool
    /// Whether endpoints of the API before `api_v2` are served.
    public var servesVersion1: Bool
    /// Whether the log repeats what is spoken; else it has a digest.
    public var logsText: Bool
    /// How long a server that was told to end goes on to accept requests for speech with 503, so that a balancer sees
    /// `/ready` fail first, in seconds.
    public var drainSeconds: Double
    /// Port of the Wyoming protocol; nil for none.
    public var wyomingPort: Int?
    /// Whether clients of that protocol need no key where others do: most have no way to send one.
    public var wyomingIsOpen: Bool
    /// How long requests in progress may take after a shutdown began, in seconds; then they are cut.
    public var shutdownSeconds: Double
    /// How long a connection may be silent between requests, or while it sends one, in seconds.
    public var idleSeconds: Double

    /// Options with defaults: upstream's address and port.
    public init(
        address: String = "127.0.0.1", port: Int = 9880, defaults: DefaultSet = .classic,
        streamingHeader: StreamingHeader = .playable, ffmpeg: FFmpeg? = nil,
        limits: RequestLimits = RequestLimits(), load: LoadLimits = LoadLimits(),
        access: AccessControl = AccessControl(), voicesFolder: String = "voices",
        bundledVoiceFolder: String? = nil, keepsReferenceFeatures: Bool = true, models: [NamedModel] = [],
        roots: [String] = [],
        isConfined: Bool = false, weightFolders: [String] = [], isStateless: Bool = false,
        servesVersion1: Bool = false, logsText: Bool = false, drainSeconds: Double = 0,
        wyomingPort: Int? = nil, wyomingIsOpen: Bool = false, shutdownSeconds: Double = 30,
        idleSeconds: Double = 120
    ) {
        self.address = address
        self.port = port
        self.defaults = defaults
        self.streamingHeader = streamingHeader
        self.ffmpeg = ffmpeg
        self.limits = limits
        self.load = load
        self.access = access
        self.voicesFolder = voicesFolder
        self.bundledVoiceFolder = bundledVoiceFolder
        self.keepsReferenceFeatures = keepsReferenceFeatures
        self.models = models
        self.roots = roots
        self.isConfined = isConfined
        self.weightFolders = weightFolders
        self.isStateless = isStateless
        self.servesVersion1 = servesVersion1
        self.logsText = logsText
        self.drainSeconds = drainSeconds
        self.wyomingPort = wyomingPort
        self.wyomingIsOpen = wyomingIsOpen
        self.shutdownSeconds = shutdownSeconds
        self.idleSeconds = idleSeconds
    }

    /// The hosts to try, in order. Linux serves IPv4 on `::` as well; a kernel without IPv6 needs the second.
    var hosts: [String] { address == "None" ? ["::", "0.0.0.0"] : [address] }
}
