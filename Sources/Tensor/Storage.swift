import Foundation
import Synchronization

/// A block of floats, aligned to 64 bytes, that goes back to a pool when the last tensor lets go of it.
///
/// Written only by the operation that made it (or through `Tensor.mutate`, which copies shared storage first),
/// read-only afterwards; that is why it may cross threads.
public final class Storage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    let capacity: Int

    init(count: Int) {
        (pointer, capacity) = StoragePool.shared.take(count)
    }

    deinit { StoragePool.shared.give(pointer, capacity) }
}

/// Free blocks by size class, so that expression-style layers cost no system allocation after their first run.
///
/// Classes are powers of two with three steps between them: at most a quarter is wasted. The pool keeps at most
/// `limitBytes`; what exceeds it goes back to the system.
public final class StoragePool: Sendable {
    /// The pool behind every `Tensor`.
    public static let shared = StoragePool()

    private struct State {
        var free: [Int: [UInt]] = [:]
        var keptBytes = 0
        var systemAllocations = 0
        var usedBytes = 0
        var peakBytes = 0
    }
    private let state = Mutex(State())
    private let limitBytes = 192 << 20

    /// How many blocks were asked of the system so far; flat after warm-up.
    public var systemAllocations: Int { state.withLock { $0.systemAllocations } }

    /// Bytes in blocks that tensors hold.
    public var usedBytes: Int { state.withLock { $0.usedBytes } }
    /// The most bytes that tensors held at a time.
    public var peakBytes: Int { state.withLock { $0.peakBytes } }

    /// Begins a new measurement of the peak.
    public func restartPeak() { state.withLock { $0.peakBytes = $0.usedBytes } }

    static func sizeClass(_ count: Int) -> Int {
        let wanted = max(count, 64)
        let power = Int.bitWidth - (wanted - 1).leadingZeroBitCount
        let step = max((1 << power) / 8, 16)
        return (wanted + step - 1) / step * step
    }

    func take(_ count: Int) -> (UnsafeMutablePointer<Float>, Int) {
        let size = Self.sizeClass(count)
        let address: UInt? = state.withLock { state in
            state.usedBytes += size * 4
            state.peakBytes = max(state.peakBytes, state.usedBytes)
            if let block = state.free[size]?.popLast() {
                state.keptBytes -= size * 4
                return block
            }
            state.systemAllocations += 1
            return nil
        }
        if let address, let pointer = UnsafeMutablePointer<Float>(bitPattern: address) {
            return (pointer, size)
        }
        // 64 floats of slack: kernels may read a whole vector at the end of a row.
        let raw = UnsafeMutableRawPointer.allocate(byteCount: (size + 64) * 4, alignment: 64)
        return (raw.bindMemory(to: Float.self, capacity: size + 64), size)
    }

    func give(_ pointer: UnsafeMutablePointer<Float>, _ size: Int) {
        let kept = state.withLock { state in
            state.usedBytes -= size * 4
            guard state.keptBytes + size * 4 <= limitBytes else { return false }
            state.free[size, default: []].append(UInt(bitPattern: pointer))
            state.keptBytes += size * 4
            return true
        }
        if !kept { UnsafeMutableRawPointer(pointer).deallocate() }
    }
}
