import Files

/// Recognises a file's format by its first bytes.
enum FileSignature {
    /// - Returns: the format, and upstream's version number where it stands in place of the zip's `PK`.
    static func recognise(
        _ file: MappedFile
    ) throws(CheckpointError) -> (format: Checkpoint.Format, prefixVersion: Int?) {
        let start = file.withBytes { Array($0.prefix(64)) }
        func begins(_ bytes: some Sequence<UInt8>, at offset: Int = 0) -> Bool {
            start.dropFirst(offset).starts(with: bytes)
        }
        if begins([0x50, 0x4B, 0x03, 0x04]) { return (.torchZip, nil) }
        if begins([0x03, 0x04], at: 2) {
            let digits = String(decoding: start.prefix(2), as: UTF8.self)
            guard let version = Int(digits), SoVITSVersion.versionPrefixes.indices.contains(version),
                digits.first == "0"
            else {
                throw CheckpointError.unsupported(
                    path: file.path,
                    reason: "version head \"\(printable(start.prefix(2)))\" is not known; 00 to 06 are")
            }
            return (.torchZip, version)
        }
        // Before the pickle: a header of 0x0580 bytes begins like one.
        if start.count > 8, start[8] == UInt8(ascii: "{"),
            start.prefix(8).reversed().reduce(UInt64(0), { $0 << 8 | UInt64($1) }) < UInt64(file.byteCount)
        {
            return (.safetensors, nil)
        }
        if begins([0x80]), start.count > 1, (2...5).contains(start[1]) { return (.torchLegacy, nil) }
        if start.count > 8, start[8] == UInt8(ascii: "{") { return (.safetensors, nil) }
        if isONNX(start) { return (.onnx, nil) }
        throw CheckpointError.notACheckpoint(path: file.path, found: describe(start))
    }

    /// An ONNX file has no signature; it begins with field 1, its version, followed by one of the few fields of a
    /// model.
    private static func isONNX(_ start: [UInt8]) -> Bool {
        guard start.count > 8, start[0] == 0x08, (1...32).contains(start[1]) else { return false }
        return [0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72].contains(start[2])
    }

    /// The content of a file that is often mistaken for weights, or the first bytes.
    private static func describe(_ start: [UInt8]) -> String {
        let text = String(decoding: start, as: UTF8.self)
        if text.hasPrefix("version https://git-lfs") {
            return "a Git LFS pointer; the weights themselves were not downloaded (git lfs pull)"
        }
        if text.lowercased().hasPrefix("<!doctype html") || text.lowercased().hasPrefix("<html") {
            return "a web page; the download failed"
        }
        if text.hasPrefix("GGUF") { return "a GGUF file; the torch or safetensors file is needed" }
        if text.hasPrefix("PK") { return "a damaged or empty zip file" }
        return "it begins with \"\(printable(start.prefix(8)))\""
    }

    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { byte in
            (0x20..<0x7F).contains(byte) ? String(Unicode.Scalar(byte)) : "\\x" + String(byte, radix: 16)
        }.joined()
    }
}
