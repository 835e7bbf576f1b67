import CMalloc

/// The system's allocator, told how this program uses memory.
enum Allocator {
    /// Keeps what is let go from staying with the process.
    ///
    /// Left alone, glibc raises its limit for mappings of their own with every larger block that is freed, up to 32 MB:
    /// samples, noise and intermediate results of long sentences then end up between small blocks of up to eight arenas
    /// per processor, and an hour of mixed requests leaves holes of a hundred megabytes.
    static func configure() {
        #if canImport(Glibc)
            _ = mallopt(M_MMAP_THRESHOLD, 128 << 10)
            _ = mallopt(M_TRIM_THRESHOLD, 1 << 20)
            _ = mallopt(M_ARENA_MAX, 4)
        #endif
    }
}
