import Foundation
package import Synthesis

/// Weights that requests and voices name.
package struct NamedModel: Sendable, Equatable {
    /// The name in requests.
    package let name: String
    /// Its files; a missing one means the server's.
    package let weights: VoiceWeights

    /// The folders of its files.
    var folders: [String] {
        [weights.textToSemantic, weights.soVITS, weights.huBERT].compactMap { path in
            path.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        }
    }

    /// A model of these files.
    package init(name: String, weights: VoiceWeights) {
        self.name = name
        self.weights = weights
    }

    /// Reads `NAME=GPT,SOVITS`, where either file may be left out, or `NAME=FOLDER`, which has one file of each kind: `.ckpt`
    /// and `.pth`, as training leaves them.
    ///
    /// - Throws: `NamedModelError`.
    package init(_ argument: String) throws(NamedModelError) {
        func refused(_ reason: String) -> NamedModelError {
            NamedModelError(description: "\(argument): \(reason)")
        }
        guard let mark = argument.firstIndex(of: "=") else {
            throw refused("NAME=GPT,SOVITS or NAME=FOLDER is expected")
        }
        let name = String(argument[..<mark])
        guard VoiceName.isValid(name), !Self.reserved.contains(name) else {
            throw refused(
                "a name has letters, digits, -, _ and ., at most \(VoiceName.maximumLength), and is none of "
                    + Self.reserved.joined(separator: ", "))
        }
        let files = argument[argument.index(after: mark)...].split(
            separator: ",", omittingEmptySubsequences: false
        )
        .map(String.init)
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        let paths: [String]
        if files.count == 1, manager.fileExists(atPath: files[0], isDirectory: &isFolder), isFolder.boolValue
        {
            let names = ((try? manager.contentsOfDirectory(atPath: files[0])) ?? []).sorted()
            paths = try [".ckpt", ".pth"].map { suffix throws(NamedModelError) in
                // Files that begin with a dot are no weights: a Mac leaves ._name beside each of its files.
                let found = names.filter { $0.lowercased().hasSuffix(suffix) && !$0.hasPrefix(".") }
                guard found.count == 1 else {
                    let list = found.isEmpty ? "" : ": " + found.prefix(8).joined(separator: ", ")
                    throw refused("\(found.count) files \(suffix) in the folder, not one\(list)")
                }
                return "\(files[0])/\(found[0])"
            }
        } else {
            guard files.count == 2, files.contains(where: { !$0.isEmpty }) else {
                throw refused("NAME=GPT,SOVITS or NAME=FOLDER is expected")
            }
            paths = files
        }
        let kinds = [VoicePaths.converted(textToSemantic:), VoicePaths.converted(soVITS:)]
        let existing = try zip(paths, kinds).map { path, converted throws(NamedModelError) -> String? in
            if path.isEmpty { return nil }
            let file = converted(path) ?? path
            guard manager.fileExists(atPath: file) else { throw refused("\(path) does not exist") }
            return file
        }
        self.init(name: name, weights: VoiceWeights(textToSemantic: existing[0], soVITS: existing[1]))
    }

    /// Model names of OpenAI's API. They mean the weights that the voice or the server has.
    static let reserved = ["gsv", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"]
}

/// Why an argument names no model.
package struct NamedModelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The argument and what is wrong with it.
    package let description: String
}
