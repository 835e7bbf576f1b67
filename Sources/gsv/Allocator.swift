import CMalloc

/// Settings of the system's allocator for this program's use of memory.
enum Allocator {
    /// Returns freed memory to the system soon.
    ///
    /// Left alone, glibc raises its limit for mappings of their own with every larger block that is freed, up to 32 MB, so
    /// that samples and intermediate results of long sentences may end up between small blocks of many arenas. How much
    /// of a long-running server's memory that was has not been measured apart from the pool's own limits.
    static func configure() {
        #if canImport(Glibc)
            _ = mallopt(M_MMAP_THRESHOLD, 128 << 10)
            _ = mallopt(M_TRIM_THRESHOLD, 1 << 20)
            _ = mallopt(M_ARENA_MAX, 4)
        #endif
    }
}
