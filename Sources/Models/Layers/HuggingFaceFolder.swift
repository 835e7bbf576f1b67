import Foundation

/// Where a Hugging Face model folder keeps its weights.
enum HuggingFaceFolder {
    /// `model.safetensors` (as the converter writes it) when it is there, else `pytorch_model.bin`.
    static func weightsPath(in folder: String) throws -> String {
        for name in ["model.safetensors", "pytorch_model.bin"] {
            let path = folder + "/" + name
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        throw ModelError(
            path: folder, key: "weights", reason: "neither pytorch_model.bin nor model.safetensors is there")
    }
}
