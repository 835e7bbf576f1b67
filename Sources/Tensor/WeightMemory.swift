/// Memory for packed weights: zeroed, aligned to a page, and of exactly the size asked for, unlike pooled `Storage`,
/// because it lives as long as the model.
///
/// Written once before it is shared, read-only afterwards; that is why it may cross threads.
final class WeightMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    private let byteCount: Int

    init(byteCount wanted: Int) {
        byteCount = max(wanted, 1)
        base = AnonymousMemory.map(byteCount: byteCount)
    }

    deinit { AnonymousMemory.unmap(base, byteCount: byteCount) }
}
