/// How many requests are processed concurrently, and how many may wait.
package struct LoadLimits: Sendable, Equatable {
    /// Requests that are processed concurrently.
    package var slots: Int
    /// Requests that may wait for a slot; one more is an error 503.
    package var queueCapacity: Int
    /// Requests of one caller (a key, or an address) that may wait; one more is an error 429.
    package var queueCapacityPerCaller: Int
    /// Longest time of a request in seconds; 0 means any. `X-Request-Timeout` can shorten it.
    package var deadlineSeconds: Double

    /// Limits with defaults.
    package init(
        slots: Int = 16, queueCapacity: Int = 64, queueCapacityPerCaller: Int? = nil,
        deadlineSeconds: Double = 0
    ) {
        self.slots = max(slots, 1)
        self.queueCapacity = max(queueCapacity, 0)
        self.queueCapacityPerCaller = max(queueCapacityPerCaller ?? queueCapacity, 0)
        self.deadlineSeconds = max(deadlineSeconds, 0)
    }
}
