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
            "Rules written after Open JTalk (BSD-3-Clause, Copyright (c) 2008-2016 Nagoya Institute of Technology) are in",
            "Sources/Text/Japanese; the search for words after MeCab (BSD-3-Clause, Copyright (c) 2001-2008 Taku Kudo,",
            "Copyright (c) 2004-2008 Nippon Telegraph and Telephone Corporation) is in Sources/Text/Morphology.",
            "Rules written after g2pk2 0.0.3 (Apache-2.0, Copyright (c) 2019 Kyubyong Park, 2022 tenebo) and GPT-SoVITS are in",
            "Sources/Text/Korean.",
            "Rules written after GPT-SoVITS, inflect (MIT, Copyright (c) Jason R. Coombs), wordsegment and g2p_en (as above)",
            "and nltk (Apache-2.0, Copyright (c) 2001-2026 NLTK Project) are in Sources/Text/English.",
            "", "BSD-3-Clause", "", Self.bsd, "", "BSD-2-Clause", "", Self.bsd2, "", "MIT", "", Self.mit, "",
            "Apache-2.0", "",
            "See https://www.apache.org/licenses/LICENSE-2.0 for the text of the licence.",
            "", "CC-BY-SA-3.0", "",
            "See https://creativecommons.org/licenses/by-sa/3.0/ for the text of the licence.", "",
        ]
        return lines.joined(separator: "\n")
    }

    private static let bsd = """
        Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
        following conditions are met:

        - Redistributions of source code must retain the above copyright notice, this list of conditions and the
          following disclaimer.
        - Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
          following disclaimer in the documentation and/or other materials provided with the distribution.
        - Neither the name of the copyright holders (the HTS working group, the Nara Institute of Science and Technology,
          the UniDic Consortium, the Nippon Telegraph and Telephone Corporation) nor the names of their contributors may
          be used to endorse or promote products derived from this software without specific prior written permission.

        THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
        INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
        DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
        SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
        SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
        WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE
        USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
        """

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

    private static let bsd2 = """
        Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
        following conditions are met:

        1. Redistributions of source code must retain the above copyright notice, this list of conditions and the
           following disclaimer.
        2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
           following disclaimer in the documentation and/or other materials provided with the distribution.

        THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
        INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
        DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDERS OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT,
        INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE
        GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF
        LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY
        OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
        """
}
