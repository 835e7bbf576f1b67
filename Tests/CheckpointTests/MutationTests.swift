import Foundation
import Tensor
import Testing

@testable import Checkpoint

/// Damaged files in great number: each must open or be refused, and what opens must be readable to its last element.
/// A crash ends the whole test run.
struct MutationTests {
    @Test(arguments: [
        "zip-protocol2.pth", "zip-protocol4.pth", "legacy-protocol2.pth", "legacy-protocol4.pth",
        "head05.pth",
        "plain.safetensors",
    ])
    func damagedFilesOpenOrAreRefused(name: String) throws {
        let original = try fixtureBytes(name)
        var random = SplitMix64(seed: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        var refused = 0
        var unread = 0
        try withFolder { folder in
            let path = folder + "/damaged.pth"
            for round in 0..<3000 {
                var file = original
                for _ in 0...random.below(3) { random.damage(&file) }
                try replace(path, with: file)
                do {
                    let checkpoint = try Checkpoint.open(path)
                    unread += try unreadable(checkpoint)
                    if round.isMultiple(of: 16) { #expect(!checkpoint.inspection(hash: false).isEmpty) }
                } catch let error as CheckpointError {
                    refused += 1
                    if !error.description.contains(path) { unread += 1 }
                }
            }
        }
        #expect(unread == 0)
        // Most damage hits structure; a reader that accepted nearly everything would not be checking.
        #expect(refused > 1500)
    }

    /// Writes a new file each time, by C's functions: Foundation's, and overwriting the old file on some file
    /// systems, wait for the disk, which makes thousands of files a matter of minutes.
    private func replace(_ path: String, with content: [UInt8]) throws {
        unlink(path)
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fwrite(content, 1, content.count, file) == content.count)
    }

    /// How many tensors give another number of elements than they promise.
    private func unreadable(_ checkpoint: Checkpoint) throws -> Int {
        try checkpoint.tensors.values.filter { tensor in
            let count = tensor.elementType.isFloat ? try tensor.floats().count : try tensor.integers().count
            return count != tensor.elementCount
        }.count
    }

    @Test func everySingleBitOfTheStructure() throws {
        let original = try fixtureBytes("head05.pth")
        let pickle = try #require(original.indices.first { original[$0...].starts(with: [0x80, 2]) })
        try withFolder { folder in
            let path = folder + "/damaged.pth"
            for position in Array(0..<30) + Array(pickle..<pickle + 400)
                + Array(original.count - 120..<original.count)
            {
                for bit in 0..<8 {
                    var file = original
                    file[position] ^= 1 << UInt8(bit)
                    try replace(path, with: file)
                    do {
                        #expect(try unreadable(Checkpoint.open(path)) == 0)
                    } catch let error as CheckpointError {
                        #expect(error.description.contains(path))
                    }
                }
            }
        }
    }
}

extension SplitMix64 {
    /// One change of a kind that finds mistakes: bits, runs of 0 and 255, cuts, insertions, copies, instructions.
    fileprivate mutating func damage(_ file: inout [UInt8]) {
        guard !file.isEmpty else { return }
        let hot = min(file.count, 4000)
        let position = [below(file.count), below(hot), file.count - 1 - below(hot)][
            below(3)]
        let run = position..<min(position + 1 << below(4), file.count)
        switch below(8) {
        case 0: file[position] ^= 1 << UInt8(below(8))
        case 1: file[position] = UInt8(below(256))
        case 2: file.removeSubrange(position...)
        case 3: for index in run { file[index] = 255 }
        case 4: for index in run { file[index] = 0 }
        case 5: file.removeSubrange(run)
        case 6: file.insert(contentsOf: file[run], at: below(file.count))
        default:
            let instructions = Array("(.012NJKMGXTUBCqrhjcRbQtld)]}aesui".utf8) + Array(0x80...0x96)
            file[position] = instructions[below(instructions.count)]
        }
    }
}
