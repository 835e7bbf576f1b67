import HTTPTypes

extension HTTPField.Name {
    static let sampleRate = known("X-Sample-Rate")
    static let channels = known("X-Channels")
    static let sampleFormat = known("X-Sample-Format")
    static let requestID = known("X-Request-Id")
    static let apiKey = known("X-Api-Key")
    static let requestTimeout = known("X-Request-Timeout")
    static let host = known("Host")
    static let fetchSite = known("Sec-Fetch-Site")
    static let superSampling = known("X-GSV-Super-Sampling")

    /// A name from this file.
    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        return name
    }
}
