import HTTPTypes
import Logging

/// The voices that requests can name, and the clips that they can give paths of.
struct VoiceLibrary: Sendable {
    let registry: VoiceRegistry
    let folders: ReferenceFolders
    /// Where weights that requests name may be.
    let weights: ReferenceFolders

    init(_ options: ServerOptions, logger: Logger) {
        registry = VoiceRegistry(
            folder: options.voicesFolder, bundled: options.bundledVoiceFolder, logger: logger)
        let folders = options.roots.isEmpty ? ["."] : options.roots
        self.folders = ReferenceFolders(
            folders + [options.voicesFolder], isConfined: options.isConfined)
        weights = ReferenceFolders(
            folders + [options.voicesFolder] + options.weightFolders, isConfined: options.isConfined)
    }

    /// What `ref_audio_path` means.
    struct Reference: Sendable {
        let path: String
        /// The voice that the path names, if it is one.
        var voice: Voice?
    }

    /// Finds the clip that `path` names: a file, or a voice.
    ///
    /// - Throws: upstream's answer for a path that leads nowhere, which is also that for a file that may not be read.
    func reference(_ path: String) throws(APIError) -> Reference {
        if let found = folders.find(path) { return Reference(path: found) }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.split(separator: ".").count > 1 ? name.split(separator: ".").dropLast() : [name[...]]
        for candidate in [name, stem.joined(separator: ".")] {
            if let voice = registry.voice(candidate) { return Reference(path: voice.reference, voice: voice) }
        }
        // Without confinement the engine says what is wrong with it.
        guard folders.isConfined else { return Reference(path: path) }
        throw APIError(
            status: .badRequest, code: .invalidReference, message: "tts failed",
            exception: "\(path) not exists")
    }

    /// The clips among `paths` that can be read; as upstream, others are left out.
    func auxiliaries(_ paths: [String]) -> [String] {
        paths.compactMap { folders.find($0) ?? (folders.isConfined ? nil : $0) }
    }

    /// The voice of that name.
    func voice(_ name: String) throws(APIError) -> Voice {
        guard let voice = registry.voice(name) else {
            throw .refused(
                .unknownVoice,
                "voice: there is no voice \(name.prefix(VoiceName.maximumLength)); see /v1/audio/voices")
        }
        return voice
    }

    /// The file of weights at `path`.
    func weightFile(_ path: String, message: String) throws(APIError) -> String {
        if let found = weights.find(path) { return found }
        guard weights.isConfined else { return path }
        throw APIError(
            status: .badRequest, code: .invalidWeights, message: message, exception: "\(path) does not exist")
    }
}
