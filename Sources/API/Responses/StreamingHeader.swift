import Audio

/// The two sizes in the header of a WAV stream, whose length is unknown when the header is sent.
package enum StreamingHeader: String, Sendable, CaseIterable {
    /// 0xFFFFFFFF: players read on until the stream ends.
    case playable
    /// Upstream's bytes: RIFF size 36, data size 0. Some players show an empty file.
    case upstream

    /// The sizes as the encoder names them.
    var size: WAVEncoder.Size {
        switch self {
        case .playable: .unbounded
        case .upstream: .empty
        }
    }
}
