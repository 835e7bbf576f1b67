import NIOPosix

/// Threads for encoders, which compute, and for the pipes of an outside encoder, which block: neither may keep an event
/// loop or Swift's cooperative threads from answering others.
enum EncoderThreads {
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    /// Runs `body` on one of them.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await pool.runIfActive(body)
    }
}
