import CSndfile
import Synchronization

/// An open libsndfile handle; closed when it goes out of scope.
struct SoundFile: ~Copyable {
    private let handle: OpaquePointer
    /// The header's rate, channels, number of frames and format.
    let info: SF_INFO
    /// Keeps the bytes alive that the library's callbacks point to.
    private let stream: MemoryStream?

    /// Opening goes through process-wide state in the library (the error of a failed open, the MP3 decoder's
    /// tables), so only one thread opens at a time.
    private static let opening = Mutex(())

    /// Takes ownership of `descriptor` and opens it for reading; on failure it is closed.
    static func reading(descriptor: Int32, source: String) throws(AudioError) -> SoundFile {
        var info = SF_INFO()
        let (handle, reason) = opening.withLock { _ in
            withReason(sf_open_fd(descriptor, Int32(SFM_READ), &info, 1))
        }
        guard let handle else { throw .notAudio(source: source, reason: reason) }
        return SoundFile(handle: handle, info: info, stream: nil)
    }

    /// Opens `stream` for reading.
    static func reading(_ stream: MemoryStream, source: String) throws(AudioError) -> SoundFile {
        var info = SF_INFO()
        let (handle, reason) = openVirtual(stream, mode: SFM_READ, &info)
        guard let handle else { throw .notAudio(source: source, reason: reason) }
        return SoundFile(handle: handle, info: info, stream: stream)
    }

    /// Opens `stream` for writing in the format that `info` describes.
    static func writing(
        _ stream: MemoryStream, info: SF_INFO, format: AudioFileFormat
    ) throws(AudioError) -> SoundFile {
        var info = info
        let (handle, reason) = openVirtual(stream, mode: SFM_WRITE, &info)
        guard let handle else {
            throw .cannotEncode(
                format: format.name, sampleRateHz: Int(info.samplerate), channels: Int(info.channels),
                reason: reason)
        }
        return SoundFile(handle: handle, info: info, stream: stream)
    }

    deinit {
        // Closing a file that is written still calls back to the stream.
        withExtendedLifetime(stream) { _ = sf_close(handle) }
    }

    /// Reads up to `buffer.count / channels` frames of interleaved samples; returns the frames read.
    func read(into buffer: inout [Float]) -> Int {
        let capacity = Int64(buffer.count / max(1, Int(info.channels)))
        let count = buffer.withUnsafeMutableBufferPointer { sf_readf_float(handle, $0.baseAddress, capacity) }
        return Int(min(max(count, 0), capacity))
    }

    /// Writes interleaved 16-bit samples; returns the frames written.
    func write(_ samples: ArraySlice<Int16>) -> Int {
        let frames = Int64(samples.count / max(1, Int(info.channels)))
        return Int(samples.withUnsafeBufferPointer { sf_writef_short(handle, $0.baseAddress, frames) })
    }

    /// Selects a constant bit rate for formats that allow a variable one.
    ///
    /// - Parameter compression: 0 for the format's highest rate to 1 for its lowest.
    func setConstantBitRate(compression: Double) {
        var mode = Int32(SF_BITRATE_MODE_CONSTANT)
        sf_command(handle, Int32(SFC_SET_BITRATE_MODE), &mode, Int32(MemoryLayout<Int32>.size))
        var compression = compression
        sf_command(
            handle, Int32(SFC_SET_COMPRESSION_LEVEL), &compression, Int32(MemoryLayout<Double>.size))
    }

    /// The library's pending error on this file, nil when there is none.
    var failure: String? {
        sf_error(handle) == 0 ? nil : String(cString: sf_strerror(handle))
    }

    private static func openVirtual(
        _ stream: MemoryStream, mode: Int, _ info: inout SF_INFO
    ) -> (OpaquePointer?, String) {
        // As a number, because a lock's body may not capture a pointer.
        let address = UInt(bitPattern: Unmanaged.passUnretained(stream).toOpaque())
        return opening.withLock { _ in
            var callbacks = MemoryStream.callbacks
            let user = UnsafeMutableRawPointer(bitPattern: address)
            return withReason(sf_open_virtual(&callbacks, Int32(mode), &info, user))
        }
    }

    private static func withReason(_ handle: OpaquePointer?) -> (OpaquePointer?, String) {
        guard handle == nil, let text = sf_strerror(nil) else { return (handle, "") }
        return (nil, String(cString: text))
    }
}
