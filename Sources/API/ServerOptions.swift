package import Synthesis

/// How a server listens and what it accepts.
package struct ServerOptions: Sendable, Equatable {
    /// Address to listen on. As in upstream, `None` means every address of both IP versions.
    package var address = "127.0.0.1"
    /// TCP port; 0 takes a free one.
    package var port = 9880
    /// Which defaults requests get.
    package var defaults = DefaultSet.classic
    /// How texts are treated whose requests do not say.
    package var textRules = TextRules.careful
    /// Sizes in the header of WAV streams.
    package var streamingHeader = StreamingHeader.playable
    /// The encoder of AAC; without it, `aac` is an error.
    package var ffmpeg: FFmpeg?
    /// Sizes of requests.
    package var limits = RequestLimits()
    /// Requests that are processed concurrently, and those that may wait.
    package var load = LoadLimits()
    /// Which requests are accepted.
    package var access = AccessControl()
    /// The folder of voices.
    package var voicesFolder = "voices"
    /// The folder of the voice called `default` where the folder of voices has none of that name.
    package var bundledVoiceFolder: String?
    /// A voice's folder that no request may change: the one that is installed with the program.
    package var protectedVoiceFolder: String?
    /// Whether features of voices' clips are kept in files beside them.
    package var keepsReferenceFeatures = true
    /// Weights that requests and voices can name.
    package var models: [NamedModel] = []
    /// Folders in which clips and weights that requests name may lie, besides those of voices and of loaded weights. None
    /// means the working directory.
    package var roots: [String] = []
    /// Whether requests may name files anywhere: for the command line, whose user has the same rights.
    package var readsAnyPath = false
    /// Folders in which weights that requests name may lie, besides those of clips.
    package var weightFolders: [String] = []
    /// Whether requests that would change what later ones get are refused, as behind a balancer.
    package var isStateless = false
    /// Whether endpoints of the API before `api_v2` are served.
    package var servesVersion1 = false
    /// Whether the log has the texts; else it has digests of them.
    package var logsText = false
    /// After SIGTERM, seconds in which `/ready` responds 503 and requests are still accepted, so that a balancer notices.
    package var drainSeconds = 0.0
    /// Port of the Wyoming protocol; nil for none.
    package var wyomingPort: Int?
    /// Whether clients of that protocol need no key where others do: most cannot send one.
    package var wyomingIsOpen = false
    /// Longest time that requests in flight may take after a shutdown began, in seconds.
    package var shutdownSeconds = 30.0
    /// Longest silence of a connection between requests, or while it sends one, in seconds.
    package var idleSeconds = 120.0

    /// The hosts to try, in order. Linux serves IPv4 on `::` as well; a kernel without IPv6 needs the second.
    var hosts: [String] { address == "None" ? ["::", "0.0.0.0"] : [address] }
}

extension ServerOptions {
    /// The rules that a request names; the server's for an empty name.
    func textRules(_ name: String) throws(APIError) -> TextRules {
        guard !name.isEmpty else { return textRules }
        guard let rules = TextRules(rawValue: name) else {
            throw .badRequest(.invalidParameter, "text_rules must be careful or upstream", at: "text_rules")
        }
        return rules
    }

    /// Options with defaults: upstream's address and port.
    package static let standard = ServerOptions()
}
