import Text

/// Texts out of a fuzzer's bytes.
enum FuzzText {
    private static let replacement: CodePoint = 0xFFFD
    private static let surrogates: CodePoint = 0xD800

    /// The code points of UTF-8. Where it is malformed there is a lone surrogate, which JSON can contain and UTF-8
    /// cannot.
    static func points(_ bytes: some Sequence<UInt8>) -> [CodePoint] {
        var surrogate = surrogates
        return String(decoding: Array(bytes), as: UTF8.self).unicodeScalars.map { scalar in
            guard scalar.value == replacement else { return scalar.value }
            surrogate = surrogates | (surrogate &+ 0x155) & 0x7FF
            return surrogate
        }
    }
}
