import CSoxr

/// Resamples one channel incrementally: the SoX resampler at its "HQ" quality, which keeps its filter state between
/// calls, so that the result does not depend on how the signal is cut.
package struct StreamingResampler: ~Copyable, @unchecked Sendable {
    // Unchecked: the library's handle is not tied to a thread, and a non-copyable value is never used by two at once.

    private let handle: OpaquePointer
    private let fromHz: Int
    private let toHz: Int

    /// A resampler for one stream.
    ///
    /// - Throws: ``AudioError/resamplingFailed(fromHz:toHz:reason:)``.
    package init(fromHz: Int, toHz: Int) throws(AudioError) {
        guard fromHz > 0, toHz > 0 else {
            throw .resamplingFailed(fromHz: fromHz, toHz: toHz, reason: "rates must be positive")
        }
        var failure: soxr_error_t?
        let created = soxr_create(Double(fromHz), Double(toHz), 1, &failure, nil, nil, nil)
        guard let created, failure == nil else {
            throw .resamplingFailed(
                fromHz: fromHz, toHz: toHz, reason: failure.map { String(cString: $0) } ?? "out of memory")
        }
        handle = created
        self.fromHz = fromHz
        self.toHz = toHz
    }

    deinit { soxr_delete(handle) }

    /// Resamples more input; returns the output that is final.
    package mutating func append(_ samples: [Int16]) throws(AudioError) -> [Int16] {
        guard !samples.isEmpty else { return [] }
        return try process(samples.map { Float($0) / 32_768 }, isEnd: false)
    }

    /// Ends the stream and returns the rest. Nothing can be appended afterwards.
    package mutating func finish() throws(AudioError) -> [Int16] {
        var rest: [Int16] = []
        while true {
            let part = try process([], isEnd: true)
            if part.isEmpty { return rest }
            rest += part
        }
    }

    private mutating func process(_ input: [Float], isEnd: Bool) throws(AudioError) -> [Int16] {
        let room = Int(Double(input.count) * Double(toHz) / Double(fromHz)) + 4_096
        var output = [Float](repeating: 0, count: room)
        var results: [Int16] = []
        var used = 0
        repeat {
            var consumed = 0
            var produced = 0
            let failure = input[used...].withUnsafeBufferPointer { source in
                output.withUnsafeMutableBufferPointer { target in
                    soxr_process(
                        handle, isEnd ? nil : source.baseAddress, source.count, &consumed,
                        target.baseAddress, target.count, &produced)
                }
            }
            if let failure {
                throw .resamplingFailed(fromHz: fromHz, toHz: toHz, reason: String(cString: failure))
            }
            results += Postprocess.toInt16(Array(output[..<produced]), fullScale: .clamp)
            used += consumed
            if consumed == 0, produced == 0 { break }
        } while used < input.count
        return results
    }
}
