import Foundation

/// `text-fuzzer`: drives the text front end with libFuzzer. `make fuzz` builds and runs it; see README.md.
///
///     text-fuzzer list                                  names of the targets
///     text-fuzzer seeds TARGET FOLDER                   writes the inputs to begin with
///     text-fuzzer TARGET [libFuzzer's flags and folders]
@main
struct TextFuzzer {
    static func main() throws {
        let arguments = CommandLine.arguments
        switch (arguments.dropFirst().first, arguments.count) {
        case ("list", 2):
            for target in FuzzTarget.all { print(target.name, target.about, separator: "\t") }
        case ("seeds", 4):
            try writeSeeds(of: try target(arguments[2]), to: URL(fileURLWithPath: arguments[3]))
        case (.some(let name), _):
            try LibFuzzer.run(try target(name), arguments: Array(arguments.dropFirst(2)))
        default:
            throw Failure("usage: text-fuzzer list | seeds TARGET FOLDER | TARGET [flags] [folders]")
        }
    }

    private static func target(_ name: String) throws -> FuzzTarget {
        guard let found = FuzzTarget.all.first(where: { $0.name == name }) else {
            throw Failure("no target \(name); text-fuzzer list names them")
        }
        return found
    }

    private static func writeSeeds(of target: FuzzTarget, to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (number, bytes) in try target.seeds().enumerated() {
            try Data(bytes).write(to: folder.appendingPathComponent("seed-\(number)"))
        }
    }
}

/// An error in the command line or in an input.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
