import Foundation
import Synchronization

/// A block of floats, aligned to 64 bytes, that returns to a pool when the last tensor releases it.
///
/// Written only by the operation that allocated it (or through `Tensor.mutate`, which copies shared storage first) and
/// read-only afterwards, so it may cross threads.
package final class Storage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    let capacity: Int
    /// Keeps memory alive that the pool does not own: a mapped file, which is never written.
    private let owner: (any AnyObject & Sendable)?

    init(count: Int) {
        (pointer, capacity) = StoragePool.shared.take(count)
        owner = nil
    }

    /// Elements that lie in `owner`'s memory.
    init(mapped: UnsafePointer<Float>, count: Int, owner: any AnyObject & Sendable) {
        (pointer, capacity) = (UnsafeMutablePointer(mutating: mapped), count)
        self.owner = owner
    }

    var isMapped: Bool { owner != nil }

    deinit { if owner == nil { StoragePool.shared.give(pointer, capacity) } }
}

/// Free blocks by size class, so that expression-style layers cost no system allocation after their first run.
///
/// Classes are powers of two with three steps between them: at most a quarter is wasted. Free blocks are kept while they and
/// the blocks in use stay below a total, so that the process's memory is steady between requests. What exceeds it is
/// returned to the system, the least recently used class first: the blocks of a finished stage don't stay while another
/// runs.
package final class StoragePool: Sendable {
    /// The pool behind every `Tensor`.
    package static let shared = StoragePool()

    private struct State {
        var free: [Int: [UInt]] = [:]
        var keptBytes = 0
        var systemAllocations = 0
        var usedBytes = 0
        var peakBytes = 0
        /// When each class was last used, as a number of allocations.
        var lastUse: [Int: Int] = [:]
        var requests = 0

        /// How much may be kept beside what is in use.
        var allowance: Int { max(StoragePool.leastKeptBytes, StoragePool.totalBytes - usedBytes) }

        /// Removes free blocks until `limit` bytes are kept, the least recently used class first.
        mutating func evict(to limit: Int) -> [(block: UInt, size: Int)] {
            var evicted: [(UInt, Int)] = []
            while keptBytes > limit,
                let size = free.filter({ !$0.value.isEmpty }).keys.min(by: {
                    lastUse[$0, default: 0] < lastUse[$1, default: 0]
                }), let block = free[size]?.popLast()
            {
                keptBytes -= size * 4
                evicted.append((block, size))
            }
            return evicted
        }
    }
    private let state = Mutex(State())
    /// Limit of the blocks in use and the free ones together, and what is kept whatever is in use.
    private static let totalBytes = 112 << 20, leastKeptBytes = 24 << 20

    /// Blocks allocated from the system so far; constant after warm-up.
    package var systemAllocations: Int { state.withLock { $0.systemAllocations } }

    /// Bytes in blocks that tensors hold.
    package var usedBytes: Int { state.withLock { $0.usedBytes } }
    /// The most bytes that tensors held at a time.
    package var peakBytes: Int { state.withLock { $0.peakBytes } }

    /// Begins a new measurement of the peak.
    package func restartPeak() { state.withLock { $0.peakBytes = $0.usedBytes } }

    static func sizeClass(_ count: Int) -> Int {
        let wanted = max(count, 64)
        let power = Int.bitWidth - (wanted - 1).leadingZeroBitCount
        let step = max((1 << power) / 8, 16)
        return (wanted + step - 1) / step * step
    }

    func take(_ count: Int) -> (UnsafeMutablePointer<Float>, Int) {
        let size = Self.sizeClass(count)
        let (address, evicted): (UInt?, [(block: UInt, size: Int)]) = state.withLock { state in
            state.requests += 1
            state.lastUse[size] = state.requests
            state.usedBytes += size * 4
            state.peakBytes = max(state.peakBytes, state.usedBytes)
            if let block = state.free[size]?.popLast() {
                state.keptBytes -= size * 4
                return (block, [])
            }
            state.systemAllocations += 1
            return (nil, state.evict(to: state.allowance))
        }
        release(evicted)
        if let address, let pointer = UnsafeMutablePointer<Float>(bitPattern: address) {
            return (pointer, size)
        }
        return (allocate(size), size)
    }

    // 64 floats of slack: kernels may read a whole vector at the end of a row.
    private static func byteCount(_ size: Int) -> Int { (size + 64) * 4 }

    /// Blocks of 128 KiB and more are separate mappings, so that they return to the system when they are freed: the allocator
    /// would keep them.
    private static let mappedSize = 1 << 15

    private func allocate(_ size: Int) -> UnsafeMutablePointer<Float> {
        let count = Self.byteCount(size)
        guard size >= Self.mappedSize else {
            let raw = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
            return raw.bindMemory(to: Float.self, capacity: size + 64)
        }
        return AnonymousMemory.map(byteCount: count).bindMemory(to: Float.self, capacity: size + 64)
    }

    private func deallocate(_ pointer: UnsafeMutablePointer<Float>, _ size: Int) {
        if size >= Self.mappedSize {
            AnonymousMemory.unmap(pointer, byteCount: Self.byteCount(size))
        } else {
            UnsafeMutableRawPointer(pointer).deallocate()
        }
    }

    /// Returns all free blocks to the system: after work of a kind that will not recur soon.
    package func trim() {
        release(state.withLock { $0.evict(to: 0) })
    }

    private func release(_ blocks: [(block: UInt, size: Int)]) {
        for (block, size) in blocks {
            UnsafeMutablePointer<Float>(bitPattern: block).map { deallocate($0, size) }
        }
    }

    func give(_ pointer: UnsafeMutablePointer<Float>, _ size: Int) {
        let evicted = state.withLock { state in
            state.usedBytes -= size * 4
            state.free[size, default: []].append(UInt(bitPattern: pointer))
            state.keptBytes += size * 4
            return state.evict(to: state.allowance)
        }
        release(evicted)
    }
}
