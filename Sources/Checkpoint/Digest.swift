import COpenSSL

/// Message digests, by OpenSSL.
public enum Digest {
    /// SHA-256 as 64 hexadecimal digits.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> String { hex(bytes, EVP_sha256()) }

    /// SHA-256 of values as they lie in memory.
    public static func sha256<Value: BitwiseCopyable>(_ values: [Value]) -> String {
        values.withUnsafeBytes { sha256($0) }
    }

    /// MD5 as 32 hexadecimal digits. Upstream names its base models by it; it protects nothing.
    static func md5(_ bytes: UnsafeRawBufferPointer) -> String { hex(bytes, EVP_md5()) }

    private static func hex(_ bytes: UnsafeRawBufferPointer, _ algorithm: OpaquePointer?) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard EVP_Digest(bytes.baseAddress, bytes.count, &digest, &length, algorithm, nil) == 1 else {
            preconditionFailure("OpenSSL lacks a digest that it always has")
        }
        return digest.prefix(Int(length)).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
