import NIOCore

extension ByteBuffer {
    /// A copy of the readable bytes.
    ///
    /// `Array(readableBytesView)` is not used: where its value goes unread, Swift 6.3.1 frees the array before the
    /// bytes are copied into it, which writes past the end of the allocation.
    var copiedBytes: [UInt8] { getBytes(at: readerIndex, length: readableBytes) ?? [] }
}
