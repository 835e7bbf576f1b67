import HTTPTypes
import Logging

/// The voices that requests can name, and the clips that they can give paths of.
struct VoiceLibrary: Sendable {
    let registry: VoiceRegistry
    let writer: VoiceWriter
    let folders: ReferenceFolders
    /// Where weights that requests name may be.
    let weights: ReferenceFolders
    private let readsAnyPath: Bool

    init(_ options: ServerOptions, logger: Logger) {
        let clipFolders =
            (options.roots.isEmpty ? ["."] : options.roots) + [options.voicesFolder]
            + [options.bundledVoiceFolder].compactMap { $0 }
        let weightFolders = clipFolders + options.weightFolders + options.models.flatMap(\.folders)
        let weightRoots = FileRoots(weightFolders, allowsAny: options.readsAnyPath)
        folders = ReferenceFolders(FileRoots(clipFolders, allowsAny: options.readsAnyPath))
        weights = ReferenceFolders(weightRoots)
        registry = VoiceRegistry(
            folder: options.voicesFolder, bundled: options.bundledVoiceFolder, roots: weightRoots,
            logger: logger)
        writer = VoiceWriter(registry: registry, protected: options.protectedVoiceFolder)
        readsAnyPath = options.readsAnyPath
    }

    /// What `ref_audio_path` means.
    struct Reference: Sendable {
        let path: String
        /// The voice that the path names, if it is one.
        var voice: Voice?
    }

    /// Finds the clip that `path` names: a file, or a voice.
    ///
    /// - Throws: upstream's error for a path that leads nowhere; for a file outside of the folders the same.
    func reference(_ path: String, message: String = "tts failed") throws(APIError) -> Reference {
        if let found = folders.find(path) { return Reference(path: found) }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.split(separator: ".").count > 1 ? name.split(separator: ".").dropLast() : [name[...]]
        for candidate in [name, stem.joined(separator: ".")] {
            if let voice = registry.voice(candidate) { return Reference(path: voice.reference, voice: voice) }
        }
        // The engine's error has the reason.
        if readsAnyPath { return Reference(path: path) }
        throw APIError(
            status: .badRequest, code: .invalidReference, message: message,
            exception: "\(path) not exists in the folders that this server reads: " + Self.hint)
    }

    /// The clips among `paths` that can be read; as upstream, others are left out.
    func auxiliaries(_ paths: [String]) -> [String] {
        paths.compactMap { folders.find($0) ?? (readsAnyPath ? $0 : nil) }
    }

    /// The voice of that name.
    func voice(_ name: String) throws(APIError) -> Voice {
        guard let voice = registry.voice(name) else {
            throw .badRequest(
                .unknownVoice,
                "voice: there is no voice \(name.prefix(VoiceName.maximumLength)); see /v1/audio/voices")
        }
        return voice
    }

    /// The file of weights at `path`.
    func weightFile(_ path: String, message: String) throws(APIError) -> String {
        if let found = weights.find(path) { return found }
        if readsAnyPath { return path }
        throw APIError(
            status: .badRequest, code: .invalidWeights, message: message,
            exception: "\(path) does not exist in the folders that this server reads: " + Self.hint)
    }

    private static let hint =
        "the folder of voices and its working directory, or those of --root; start it with --root FOLDER for more"
}
