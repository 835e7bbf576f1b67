import Synthesis

/// Chooses a section and fills its gaps as upstream does: `custom` if there is one, else `v2`; a weight
/// path that is missing, empty or leads nowhere is replaced by that of the version's own section.
struct ConfigurationResolver {
    /// The file, if there is one.
    let document: ConfigurationDocument?
    /// Whether there is something at a path.
    let exists: (String) -> Bool
    /// The section that is wanted in place of `custom`; nil for upstream's choice.
    var version: String?

    /// The configuration. `notes` comes first in its notes.
    func resolve(notes: [String] = []) throws(ConfigurationError) -> InferenceConfiguration {
        var notes = notes
        let standard = version ?? "v2"
        let section =
            (version == nil ? document?.section("custom") : nil) ?? document?.section(standard)
        let name = section?.name ?? standard
        if let document, section == nil {
            let sections = (version == nil ? "custom or " : "") + standard
            notes.append(
                "\(document.path) has no section \(sections): using the defaults of version \(standard)")
        }

        // Upstream's file has a version in each section; one that is named after a version needs none.
        let written = try section?.text("version")
        let version = section == nil ? standard : written ?? (name == "custom" ? "" : name)
        guard let builtIn = VoicePaths.pretrained(in: "GPT_SoVITS/pretrained_models", version: version) else {
            throw .unsupportedVersion(
                path: document?.path ?? InferenceConfiguration.defaultPath, section: name, version: version,
                supported: VoicePaths.supportedVersions)
        }
        let device = try section?.text("device") ?? "cpu"
        if device != "cpu" { notes.append("device \(device) is ignored: this program runs on the CPU") }
        let isHalf = try section?.flag("is_half") ?? false
        if isHalf { notes.append("is_half is ignored: it has no meaning on a CPU") }

        var paths = builtIn
        let fallback = document?.section(version)
        for (key, path) in VoicePaths.keys {
            let wanted = try section?.text(key)
            if let wanted, exists(wanted) {
                paths[keyPath: path] = wanted
                continue
            }
            paths[keyPath: path] = try fallback?.text(key) ?? builtIn[keyPath: path]
            // Without a file, the defaults are all there is to say.
            guard section != nil, wanted != paths[keyPath: path] else { continue }
            let reason = wanted.map { "\($0) does not exist" } ?? "it is not set"
            notes.append("\(key): \(reason), using \(paths[keyPath: path])")
        }
        paths.pretrainedFolder = pretrainedFolder(paths)
        return InferenceConfiguration(
            version: version, device: device, isHalf: isHalf, paths: paths,
            source: document.flatMap { document in
                section.map { .file(path: document.path, section: $0.name) }
            }
                ?? .defaults,
            notes: notes)
    }

    /// The folder of the networks that no key names: upstream's, or, where that is not there, the one that has the folder of
    /// HuBERT.
    private func pretrainedFolder(_ paths: VoicePaths) -> String {
        let standard = paths.pretrainedFolder
        guard !exists(standard), let end = paths.huBERT.lastIndex(of: "/") else { return standard }
        return String(paths.huBERT[..<end])
    }
}
