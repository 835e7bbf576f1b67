import NIOCore
import NIOPosix

@testable import API

/// A TCP client that sees the bytes as they come.
struct RawClient: Sendable {
    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Connects to a port of this machine.
    static func connect(_ port: Int) async throws -> RawClient {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return RawClient(channel: channel)
    }

    /// Sends `request` and returns all bytes until the server closes, or until `enough` says so.
    func exchange(
        _ request: String, until enough: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
    ) async throws -> [UInt8] {
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var bytes: [UInt8] = []
            for try await part in inbound {
                bytes += part.copiedBytes
                if enough(bytes) { break }
            }
            return bytes
        }
    }

    /// Connects, sends `request` and returns what comes.
    static func exchange(
        _ port: Int, _ request: String, until enough: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
    ) async throws -> [UInt8] {
        try await connect(port).exchange(request, until: enough)
    }

    /// Splits an answer into head and body.
    static func split(_ bytes: [UInt8]) -> (head: String, body: [UInt8]) {
        let separator = Array("\r\n\r\n".utf8)
        guard
            let start = bytes.indices.first(where: { bytes[$0...].starts(with: separator) })
        else { return (String(decoding: bytes, as: UTF8.self), []) }
        return (String(decoding: bytes[..<start], as: UTF8.self), Array(bytes[(start + 4)...]))
    }

    /// The chunks of a chunked body, and whether the last, empty one has come.
    static func chunks(_ body: [UInt8]) -> (chunks: [[UInt8]], isComplete: Bool) {
        var chunks: [[UInt8]] = []
        var rest = body[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let digits = String(decoding: rest[..<end], as: UTF8.self).filter { $0.isHexDigit }
            guard let size = Int(digits, radix: 16) else { break }
            rest = rest[(end + 1)...]
            if size == 0 { return (chunks, true) }
            guard rest.count >= size + 2 else { break }
            chunks.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size + 2)
        }
        return (chunks, false)
    }
}
