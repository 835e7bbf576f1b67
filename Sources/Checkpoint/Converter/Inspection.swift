import Files
import Foundation

extension Checkpoint {
    /// A description for people: file, format, kind, version, configuration, and every tensor with its type and shape.
    ///
    /// - Parameter hash: whether to include the SHA-256, for which the whole file is read.
    package func inspection(hash: Bool = true) -> String {
        var lines = [
            "file     \(path)",
            "size     \(file.byteCount) bytes",
            "format   \(format.rawValue)" + (prefixVersion.map { ", version head 0\($0)" } ?? ""),
            "kind     \(kind.title)",
        ]
        if kind == .soVITS {
            let version = soVITSVersion
            lines.append("version  \(version.modelVersion.rawValue)\(version.isLoRA ? " LoRA" : "")")
            if let base = SoVITSVersion.bases[prefixMD5] {
                lines.append("base     upstream's base model, by its hash: \(base.rawValue)")
            }
            if version.isLoRA {
                lines.append("rank     \(rank.map(String.init) ?? "unknown")")
                lines.append("base     \(version.baseFile ?? "unknown"), in the folder of pretrained models")
            }
            lines.append("symbols  \(version.symbolsVersion.rawValue)")
        }
        if let source = origin?.sourceSHA256 { lines.append("source   sha256 \(source)") }
        if hash { lines.append("sha256   \(sha256())") }
        if metadata != .dict([]), metadata != .null { lines.append("metadata \(metadata.json(indent: 2))") }
        if config != .null { lines.append("config   \(config.json(indent: 2))") }
        if !prepacked.isEmpty {
            let bytes = prepacked.values.reduce(0) { $0 + $1.tensor.elementCount * 4 }
            lines.append("prepacked \(prepacked.count) layers, \(bytes) bytes")
        }
        let elements = tensors.values.reduce(0) { $0 + $1.elementCount }
        lines.append("tensors  \(tensors.count), \(elements) elements")
        // layers.2 before layers.10
        for name in tensors.keys.sorted(by: { $0.compare($1, options: .numeric) == .orderedAscending }) {
            guard let tensor = tensors[name] else { continue }
            lines.append("  \(name)  \(tensor.inspection)")
        }
        return lines.map(Self.printable).joined(separator: "\n") + "\n"
    }

    /// The rank of a LoRA's matrices, as their shapes have it.
    private var rank: Int? {
        tensors.first { $0.key.hasSuffix(".lora_A.default.weight") }?.value.shape.first ?? loraRank
    }

    /// Names and texts from a file must not reach a terminal with control characters in them.
    private static func printable(_ line: String) -> String {
        String(
            line.unicodeScalars.map { scalar in
                scalar.properties.generalCategory == .control && scalar != "\n" ? "?" : Character(scalar)
            })
    }
}

extension StoredTensor {
    /// Type, shape and layout.
    fileprivate var inspection: String {
        if let blocks {
            let scaled = blocks.elementType == .int8 ? " with a scale per row" : ""
            return "\(blocks.elementType.rawValue) \(shape), blocks of \(blocks.rowsPerBlock) rows\(scaled)"
        }
        return "\(elementType.rawValue) \(shape)" + (isContiguous ? "" : ", strides \(strides)")
    }
}
