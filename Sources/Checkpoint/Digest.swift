import COpenSSL
import Files

/// Message digests, by OpenSSL.
package enum Digest {
    /// SHA-256 as 64 hexadecimal digits.
    package static func sha256(_ bytes: UnsafeRawBufferPointer) -> String { digest(bytes, EVP_sha256()) }

    /// SHA-256 of the bytes of values in memory.
    package static func sha256<Value: BitwiseCopyable>(_ values: [Value]) -> String {
        values.withUnsafeBytes { sha256($0) }
    }

    /// SHA-256 of a whole file, of which no more than 2 MiB is resident at a time.
    static func sha256(of file: MappedFile) -> String {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var isGood = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        file.readInPieces(0..<file.byteCount, of: MappedFile.hugePageBytes) { piece in
            isGood = isGood && EVP_DigestUpdate(context, piece.baseAddress, piece.count) == 1
        }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard isGood, EVP_DigestFinal_ex(context, &digest, &length) == 1 else {
            preconditionFailure("Digest: OpenSSL failed")
        }
        return hex(digest.prefix(Int(length)))
    }

    /// MD5 as 32 hexadecimal digits. Upstream identifies its base models by it; it is no protection.
    static func md5(_ bytes: UnsafeRawBufferPointer) -> String { digest(bytes, EVP_md5()) }

    private static func digest(_ bytes: UnsafeRawBufferPointer, _ algorithm: OpaquePointer?) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard EVP_Digest(bytes.baseAddress, bytes.count, &digest, &length, algorithm, nil) == 1 else {
            preconditionFailure("Digest: OpenSSL failed")
        }
        return hex(digest.prefix(Int(length)))
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
