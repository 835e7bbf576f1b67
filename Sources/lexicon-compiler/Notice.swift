import Foundation

/// Writes NOTICE: where every piece of the compiled language data comes from, and under which licence.
struct Notice {
    /// One line of `sources.tsv`.
    struct Source {
        let package: String
        let version: String
        let file: String
        let hash: String
        let licence: String
        let copyright: String
        let use: String
    }

    let sources: [Source]

    /// - Parameter list: the text of `sources.tsv`.
    init(list: String) throws {
        sources = try list.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 7 else {
                throw SourceError(file: "sources.tsv", reason: "\(fields.count) fields in: \(line)")
            }
            return Source(
                package: fields[0], version: fields[1], file: fields[2], hash: fields[3], licence: fields[4],
                copyright: fields[5], use: fields[6])
        }
    }

    /// The text of NOTICE.
    var text: String {
        var lines = [
            "NOTICE",
            "",
            "`make data` compiles data/lexicon.gsvpack from the packages below. None of their code is run or",
            "distributed; the compiled file is made on the user's machine. This list is written by lexicon-compiler",
            "from Sources/lexicon-compiler/data-setup/sources.tsv.",
        ]
        for source in sources {
            lines += ["", "\(source.package) \(source.version)", "  used:      \(source.use)"]
            lines += ["  file:      \(source.file)"]
            if source.hash != "-" { lines += ["  SHA-256:   \(source.hash)"] }
            lines += ["  licence:   \(source.licence)", "  copyright: \(source.copyright)"]
        }
        lines += [
            "",
            "Rules written after PaddleSpeech's zh_normalization and tone_sandhi (Apache-2.0, Copyright (c) 2020-2021",
            "PaddlePaddle Authors) and GPT-SoVITS (MIT, Copyright (c) 2024 RVC-Boss) are in Sources/Text/Chinese.",
            "Rules written after split_lang 2.1.1 (MIT, Copyright (c) 2024 DoodleBear), GPT-SoVITS and fastText 0.9.2 (MIT,",
            "Copyright (c) Facebook, Inc.) are in Sources/Text/Segmentation.",
            "", "MIT", "", Self.mit, "", "Apache-2.0", "",
            "See https://www.apache.org/licenses/LICENSE-2.0 for the text of the licence.",
            "", "CC-BY-SA-3.0", "",
            "See https://creativecommons.org/licenses/by-sa/3.0/ for the text of the licence.", "",
        ]
        return lines.joined(separator: "\n")
    }

    private static let mit = """
        Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
        documentation files (the "Software"), to deal in the Software without restriction, including without limitation
        the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
        to permit persons to whom the Software is furnished to do so, subject to the following conditions:

        The above copyright notice and this permission notice shall be included in all copies or substantial portions of
        the Software.

        THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
        THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
        AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
        CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
        DEALINGS IN THE SOFTWARE.
        """
}
