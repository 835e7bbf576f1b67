/// Memory for packed weights: zeroed, aligned to a page, and not rounded up to a size class as pooled `Storage` is,
/// because it lives as long as the model.
///
/// Written once before it is shared and read-only afterwards, so it may cross threads.
final class WeightMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    private let byteCount: Int

    init(byteCount wanted: Int) {
        byteCount = max(wanted, 1)
        base = AnonymousMemory.map(byteCount: byteCount)
    }

    deinit { AnonymousMemory.unmap(base, byteCount: byteCount) }
}
