import Foundation
import Tensor

// Definitions that the program exports take the place of the C library's for every library in the process. A sanitizer has
// definitions of its own: builds with -DGSV_SANITIZE leave these out.
#if !GSV_SANITIZE && os(Linux)
    @_silgen_name("__libc_malloc") private func libcMalloc(_ size: Int) -> UnsafeMutableRawPointer?
    @_silgen_name("__libc_calloc") private func libcCalloc(_ count: Int, _ size: Int)
        -> UnsafeMutableRawPointer?
    @_silgen_name("__libc_realloc")
    private func libcRealloc(_ block: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer?
    @_silgen_name("__libc_memalign")
    private func libcMemalign(_ alignment: Int, _ size: Int) -> UnsafeMutableRawPointer?

    /// `malloc`, counted.
    @_cdecl("malloc") package func countedMalloc(_ size: Int) -> UnsafeMutableRawPointer? {
        countAllocation()
        return libcMalloc(size)
    }

    /// `calloc`, counted.
    @_cdecl("calloc") package func countedCalloc(_ count: Int, _ size: Int) -> UnsafeMutableRawPointer? {
        countAllocation()
        return libcCalloc(count, size)
    }

    /// `realloc`, counted.
    @_cdecl("realloc") package func countedRealloc(_ block: UnsafeMutableRawPointer?, _ size: Int)
        -> UnsafeMutableRawPointer?
    {
        countAllocation()
        return libcRealloc(block, size)
    }

    /// `aligned_alloc`, counted.
    @_cdecl("aligned_alloc") package func countedAlignedAlloc(_ alignment: Int, _ size: Int)
        -> UnsafeMutableRawPointer?
    {
        countAllocation()
        return libcMemalign(alignment, size)
    }

    /// `posix_memalign`, counted.
    @_cdecl("posix_memalign") package func countedPosixMemalign(
        _ block: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ alignment: Int, _ size: Int
    ) -> Int32 {
        countAllocation()
        block.pointee = libcMemalign(alignment, size)
        return block.pointee == nil ? ENOMEM : 0
    }
#endif

// Constants as initial values: no code runs, and nothing is allocated, when an allocation reads them first.
nonisolated(unsafe) private var watchedThreads: UnsafeMutablePointer<UInt>?
nonisolated(unsafe) private var watchedCount = 0
nonisolated(unsafe) private var allocations = 0

private func countAllocation() {
    guard watchedCount > 0, let threads = watchedThreads else { return }
    let current = UInt(pthread_self())
    for index in 0..<watchedCount where threads[index] == current { allocations += 1 }
}

/// Counts heap allocations of some threads.
enum MallocCounter {
    /// Whether allocations are counted in this build.
    static var isAvailable: Bool {
        #if !GSV_SANITIZE && os(Linux)
            true
        #else
            false
        #endif
    }

    /// How often the calling thread and the workers of the thread pool allocate memory while `body` runs. Not for several
    /// threads at a time. An increment of one thread may be lost to another's: only zero is exact.
    static func count(_ body: () -> Void) -> Int {
        let threads = UnsafeMutablePointer<UInt>.allocate(capacity: ThreadPool.shared.width)
        threads.initialize(repeating: UInt(pthread_self()), count: ThreadPool.shared.width)
        ThreadPool.shared.run { member in threads[member.index] = UInt(pthread_self()) }
        watchedThreads = threads
        allocations = 0
        watchedCount = ThreadPool.shared.width
        body()
        watchedCount = 0
        return allocations
    }
}
