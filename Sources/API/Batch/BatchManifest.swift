import Foundation
import StrictJSON

/// What became of a line, as the manifest has it.
struct BatchRecord: Sendable, Equatable {
    let line: Int
    var id: String?
    /// The file's name in the folder, its size, and the seconds of speech in it; nil for a line that failed.
    var file: String?, bytes: Int?, seconds: Double?
    /// The seed that was used.
    var seed: Int64?
    /// Recognises the line with all that flags add to it.
    var request: String?
    var problem: LineProblem?

    /// A line of the manifest.
    var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
        let error = problem.map {
            JSONValue.object([
                JSONValue.Member("code", .string($0.code)), JSONValue.Member("message", .string($0.message)),
            ])
        }
        return .object([
            JSONValue.Member("line", .integer(Int64(line))), JSONValue.Member("id", text(id)),
            JSONValue.Member("file", text(file)), JSONValue.Member("bytes", number(bytes.map { Int64($0) })),
            JSONValue.Member("seconds", seconds.map { .number($0) } ?? .null),
            JSONValue.Member("seed", number(seed)), JSONValue.Member("request", text(request)),
            JSONValue.Member("error", error ?? .null),
        ])
    }
}

/// What a file must be to count as finished: its name, its size, and the request.
struct FinishedFile: Hashable, Sendable {
    let file: String
    let bytes: Int
    let request: String
}

/// The record of a shard: `manifest.jsonl`, or `manifest-2-of-8.jsonl`. One line for each line that was worked on, in the
/// order in which they were finished; of two for the same line, the later counts.
struct BatchManifest {
    private let file: AppendOnlyFile

    /// The manifest's name.
    static func name(_ shard: Shard) -> String {
        shard.count == 1 ? "manifest.jsonl" : "manifest-\(shard.number)-of-\(shard.count).jsonl"
    }

    /// Opens the manifest of a shard, and keeps others from writing it.
    ///
    /// - Throws: `BatchError` if it belongs to an earlier run that is not to be continued, or to one that still works.
    static func open(in folder: String, _ shard: Shard, isResumed: Bool) throws(BatchError) -> BatchManifest {
        let path = folder + "/" + name(shard)
        guard let file = try AppendOnlyFile.open(path) else {
            throw BatchError(description: "\(path) is being written by another run of the same shard")
        }
        let manifest = BatchManifest(file: file)
        let old = (FileManager.default.contents(atPath: path)).map { [UInt8]($0) } ?? []
        guard old.isEmpty || isResumed else {
            manifest.close()
            throw BatchError(
                description:
                    "\(path) is of an earlier run: go on with it with --resume, or give another --out")
        }
        // A run that was killed may have left half a line.
        if let last = old.last, last != UInt8(ascii: "\n") {
            try file.append([UInt8(ascii: "\n")])
        }
        return manifest
    }

    /// Adds a record: whole, or not at all but for a machine that loses power.
    func add(_ record: BatchRecord) throws(BatchError) {
        let line = JSONWriter.text(of: record.json) + "\n"
        try file.append(Array(line.utf8))
    }

    func close() { file.close() }

    /// What the manifests in a folder call finished, of whatever shards: the lines may have been divided otherwise before.
    static func finished(in folder: String) -> Set<FinishedFile> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var result: Set<FinishedFile> = []
        for name in names where name.hasPrefix("manifest") && name.hasSuffix(".jsonl") {
            let text = (FileManager.default.contents(atPath: folder + "/" + name)).map { [UInt8]($0) } ?? []
            for line in text.split(separator: UInt8(ascii: "\n")) {
                guard let record = try? JSONReader.read(Array(line)), let file = record["file"]?.string,
                    let request = record["request"]?.string, case .integer(let bytes)? = record["bytes"]
                else { continue }
                result.insert(FinishedFile(file: file, bytes: Int(bytes), request: request))
            }
        }
        return result
    }
}
