import Foundation
import Text

/// `lexicon-compiler SOURCES PACK`: compiles the unpacked language data into one memory-mapped file.
@main
struct LexiconCompiler {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 2 else {
            fail("usage: lexicon-compiler FOLDER-OF-UNPACKED-PACKAGES PACK-TO-WRITE")
        }
        do {
            let sources = SourceFolder(root: URL(fileURLWithPath: arguments[0]))
            var pack = PackWriter()
            var chinese = try ChineseSections(sources: sources)
            try chinese.compile(into: &pack)
            try pack.write(to: arguments[1])
            for (name, bytes) in pack.sizes {
                print("  \(name) \((bytes + 1023) / 1024) KiB")
            }
            print("wrote \(arguments[1])")
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("lexicon-compiler: \(message)\n".utf8))
        exit(1)
    }
}
