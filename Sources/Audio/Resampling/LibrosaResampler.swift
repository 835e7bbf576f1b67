import CSoxr

/// Resampling as `librosa.load(path, sr:)` does it: the SoX resampler at its 20-bit "HQ" quality, linear phase,
/// single precision in and out, in one go over the whole signal.
package enum LibrosaResampler {
    /// The mono 16 kHz signal that `librosa.load(path, sr=16000)` returns for this clip.
    ///
    /// - Throws: ``AudioError/resamplingFailed(fromHz:toHz:reason:)``.
    package static func to16kHz(_ clip: AudioClip) throws(AudioError) -> [Float] {
        try resample(clip.mono(), fromHz: clip.sampleRateHz, toHz: 16_000)
    }

    /// Resamples one channel.
    ///
    /// The result has exactly `⌈count · (toHz / fromHz)⌉` samples, the quotient rounded to double precision first;
    /// the library's own count can be one off and is cut or filled with zero.
    package static func resample(
        _ samples: [Float], fromHz: Int, toHz: Int
    ) throws(AudioError) -> [Float] {
        guard fromHz > 0, toHz > 0 else {
            throw .resamplingFailed(fromHz: fromHz, toHz: toHz, reason: "rates must be positive")
        }
        guard fromHz != toHz, !samples.isEmpty else { return samples }
        let length = Int((Double(samples.count) * (Double(toHz) / Double(fromHz))).rounded(.up))

        var failure: soxr_error_t?
        // No I/O, quality or runtime specification: the defaults are single precision, HQ and one thread.
        guard let resampler = soxr_create(Double(fromHz), Double(toHz), 1, &failure, nil, nil, nil),
            failure == nil
        else { throw .resamplingFailed(fromHz: fromHz, toHz: toHz, reason: message(failure)) }
        defer { soxr_delete(resampler) }

        var output = [Float](repeating: 0, count: length)
        var consumed = 0
        var produced = 0
        failure = samples.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { out in
                soxr_process(
                    resampler, input.baseAddress, input.count, &consumed, out.baseAddress, out.count,
                    &produced)
            }
        }
        // Nil input marks the end of the signal and flushes the filters.
        while failure == nil, produced < length {
            var count = 0
            failure = output.withUnsafeMutableBufferPointer { out in
                soxr_process(
                    resampler, nil, 0, nil, out.baseAddress?.advanced(by: produced), out.count - produced,
                    &count)
            }
            guard count > 0 else { break }
            produced += count
        }
        if failure != nil {
            throw .resamplingFailed(fromHz: fromHz, toHz: toHz, reason: message(failure))
        }
        return output
    }

    private static func message(_ failure: soxr_error_t?) -> String {
        failure.map { String(cString: $0) } ?? "out of memory"
    }
}
