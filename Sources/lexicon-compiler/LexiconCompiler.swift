import Foundation
import Text

/// `lexicon-compiler SOURCES PACK` compiles the unpacked language data into one memory-mapped file;
/// `lexicon-compiler --notice SOURCES.TSV NOTICE` writes where the data comes from.
@main
struct LexiconCompiler {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if arguments.count == 3, arguments[0] == "--notice" {
                let list = try String(contentsOfFile: arguments[1], encoding: .utf8)
                try Notice(list: list).text.write(toFile: arguments[2], atomically: true, encoding: .utf8)
            } else if arguments.count == 2 {
                try compile(SourceFolder(root: URL(fileURLWithPath: arguments[0])), to: arguments[1])
            } else {
                fail("usage: lexicon-compiler FOLDER-OF-UNPACKED-PACKAGES PACK | --notice SOURCES.TSV NOTICE")
            }
        } catch {
            fail("\(error)")
        }
    }

    private static func compile(_ sources: SourceFolder, to path: String) throws {
        var pack = PackWriter()
        var chinese = try ChineseSections(sources: sources)
        try chinese.compile(into: &pack)
        try SegmentationSections(sources: sources).compile(into: &pack)
        try KoreanSections(sources: sources).compile(into: &pack)
        try CantoneseSections(sources: sources).compile(into: &pack)
        try JapaneseSections(sources: sources).compile(into: &pack)
        var english = EnglishSections(sources: sources)
        try english.compile(into: &pack)
        try pack.write(to: path)
        // Read back what was written: a pack that this program cannot open is an error.
        _ = try TextFrontEnd(lexicon: Lexicon(path: path))
        let total = pack.sizes.reduce(0) { $0 + $1.1 }
        print("wrote \(path): \(pack.sizes.count) sections, \((total + 1023) / 1024) KiB")
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("lexicon-compiler: \(message)\n".utf8))
        exit(1)
    }
}
