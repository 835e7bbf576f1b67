import Foundation
import Testing

@testable import Checkpoint

/// Pickles that try to run something, to allocate without end, or to confuse the reader.
struct HostilePickleTests {
    private static let storage: [UInt8] = [Float](arrayLiteral: 1, 2, 3, 4).flatMap { bytes($0.bitPattern) }

    private func error(_ pickle: [UInt8]) throws -> CheckpointError? {
        try openingError(ZipBytes(pickle: pickle, storages: ["0": Self.storage]).build())
    }

    private func forbidden(_ pickle: [UInt8]) throws -> String? {
        if case .forbiddenGlobal(_, let name)? = try error(pickle) { name } else { nil }
    }

    @Test func theHonestFormOpens() throws {
        let pickle = PickleBytes.checkpoint { $0.text("settings") }
        let checkpoint = try open(ZipBytes(pickle: pickle, storages: ["0": Self.storage]).build())
        #expect(try checkpoint.tensors["t"]?.floats() == [1, 2, 3, 4])
        #expect(checkpoint.config == .string("settings"))
    }

    @Test(arguments: ["hostile-protocol2.pth", "hostile-protocol4.pth"])
    func systemCallWrittenByTorchIsRefusedByName(name: String) throws {
        let path = try fixture(name)
        #expect(throws: CheckpointError.forbiddenGlobal(path: path, name: "posix.system")) {
            try Checkpoint.open(path)
        }
        let text = String(describing: CheckpointError.forbiddenGlobal(path: path, name: "posix.system"))
        #expect(text.contains(path))
        #expect(text.contains("\"posix.system\""))
        #expect(text.contains("nothing was run"))
    }

    @Test func wholeModuleIsRefusedWithAHint() throws {
        let path = try fixture("whole-module.pth")
        let error = #expect(throws: CheckpointError.self) { try Checkpoint.open(path) }
        #expect(
            error == .forbiddenGlobal(path: path, name: "torch.nn.modules.container.Sequential"))
        #expect(try #require(error).description.contains("state_dict()"))
    }

    @Test(arguments: [
        ("os", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("builtins", "__import__"),
        ("__builtin__", "exec"), ("torch", "load"), ("torch.serialization", "load"), ("torch", "FloatTensor"),
        ("torch._utils", "_rebuild_tensor_v3"), ("pathlib", "os"), ("pathlib", "Path.unlink"),
        ("collections", "OrderedDict.__init__"), ("utils", "load_checkpoint"), ("_codecs", "decode"),
        ("subprocess", "Popen"), ("HParams", "utils"), ("", ""),
    ])
    func everyOtherNameIsRefused(module: String, name: String) throws {
        let byGlobal = PickleBytes.checkpoint { $0.global(module, name) }
        #expect(try forbidden(byGlobal) == "\(module).\(name)")
        let fromStack = PickleBytes.checkpoint {
            $0.text(module)
            $0.text(name)
            $0.raw([0x93])
        }
        #expect(try forbidden(fromStack) == "\(module).\(name)")
        let byInstance = PickleBytes.checkpoint { $0.op("(i\(module)\n\(name)\n") }
        #expect(try forbidden(byInstance) == "\(module).\(name)")
    }

    @Test func allowedNamesCannotBeMisused() throws {
        // An allowed class with arguments it does not take, and values called as if they were classes.
        for write: (inout PickleBytes) -> Void in [
            {
                $0.global("utils", "HParams"); $0.op("("); $0.text("x"); $0.op("tR")
            },
            {
                $0.global("collections", "OrderedDict"); $0.op("(]tR")
            },
            {
                $0.global("torch", "FloatStorage"); $0.op(")R")
            },
            {
                $0.global("torch", "float16"); $0.op(")R")
            },
            {
                $0.text("posix.system"); $0.op(")R")
            },
            {
                $0.global("torch", "Size"); $0.text("x"); $0.op("R")
            },
            {
                $0.global("torch", "Size"); $0.op("("); $0.text("x"); $0.op("tR")
            },
            {
                $0.global("_codecs", "encode"); $0.op("("); $0.text("漢"); $0.op("tR")
            },
            {
                $0.global("torch._utils", "_rebuild_tensor_v2"); $0.op(")R")
            },
            {
                $0.global("torch._utils", "_rebuild_parameter"); $0.op("(]tR")
            },
            { $0.op("(NtQ") },
            { $0.op("N}b") },
            { $0.op("]}b") },
            { $0.op("}Na") },
            { $0.op("]NNs") },
            { $0.op("](Nu") },
            { $0.op("P0\n") },
        ] {
            let found = try error(PickleBytes.checkpoint(write))
            #expect(found?.malformedReason?.hasPrefix("data.pkl: ") == true, "\(String(describing: found))")
        }
    }

    @Test func cyclesAndDeepNestingEnd() throws {
        // x = []; x.append(x)
        let cycle = PickleBytes.checkpoint { $0.op("]q\u{1}h\u{1}a") }
        #expect(try error(cycle)?.limitSubject == "levels of the configuration")
        // 200,000 lists, each in the next
        let deep = PickleBytes.checkpoint {
            $0.op(String(repeating: "]", count: 200_000) + String(repeating: "a", count: 199_999))
        }
        #expect(try error(deep)?.limitSubject == "levels of the configuration")
        let marks = PickleBytes.make { $0.op(String(repeating: "(", count: 1_000_000)) }
        #expect(try error(marks)?.malformedReason?.contains("0 values at the end") == true)
    }

    @Test func sharedValuesDoNotMultiply() throws {
        // Ten references to ten references …: 10^9 values when written out.
        let laughs = PickleBytes.checkpoint { pickle in
            pickle.op("]q\u{1}0")
            for _ in 0..<9 {
                pickle.op("](" + String(repeating: "h\u{1}", count: 10) + "eq\u{1}0")
            }
            pickle.op("h\u{1}")
        }
        #expect(try error(laughs)?.limitSubject == "values of the configuration")
        // One long text, many times.
        let text = PickleBytes.checkpoint { pickle in
            pickle.op("](")
            pickle.text(String(repeating: "x", count: 100_000))
            pickle.op("q\u{1}" + String(repeating: "h\u{1}", count: 100) + "e")
        }
        #expect(try error(text)?.limitSubject == "bytes of text in the configuration")
        // Bytes made of one long text again and again.
        let copies = PickleBytes.checkpoint { pickle in
            pickle.op("](")
            pickle.text(String(repeating: "x", count: 100_000))
            pickle.op("q\u{1}0")
            for _ in 0..<200 {
                pickle.global("_codecs", "encode")
                pickle.op("(h\u{1}tR")
            }
            pickle.op("e")
        }
        #expect(try error(copies)?.limitSubject == "bytes copied by the pickle")
        // A record's attributes added to it again and again.
        let attributes = PickleBytes.checkpoint { pickle in
            pickle.op("}(" + String(repeating: "NN", count: 10_000) + "uq\u{1}0")
            pickle.global("utils", "HParams")
            pickle.op(")R" + String(repeating: "h\u{1}b", count: 1000))
        }
        #expect(try error(attributes)?.limitSubject == "bytes copied by the pickle")
        let objects = PickleBytes.checkpoint { $0.op("(" + String(repeating: "]", count: 300_001) + "l") }
        #expect(try error(objects)?.limitSubject == "objects in the pickle")
        let steps = PickleBytes.checkpoint { $0.op(String(repeating: "N0", count: 1_100_000) + "N") }
        #expect(try error(steps)?.limitSubject == "instructions in the pickle")
    }

    @Test func lengthsAreCheckedBeforeReading() throws {
        for code: [UInt8] in [
            Array("X".utf8) + bytes(UInt32.max), [0x8D] + bytes(UInt64.max), [0x8D] + bytes(UInt64(1) << 62),
            Array("B".utf8) + bytes(UInt32.max), [0x8E] + bytes(UInt64(Int.max)), [0x96] + bytes(UInt64.max),
            [0x8B] + bytes(UInt32.max), [0x8A, 255],
        ] {
            let found = try error(PickleBytes.checkpoint { $0.raw(code) })
            #expect(found?.malformedReason?.hasPrefix("data.pkl: ") == true, "\(String(describing: found))")
        }
        let wide = PickleBytes.checkpoint { $0.raw([0x8A, 9] + [UInt8](repeating: 1, count: 9)) }
        #expect(try error(wide)?.limitSubject == "bytes of an integer")
        let notText = PickleBytes.checkpoint { $0.raw(Array("X".utf8) + bytes(UInt32(1)) + [0xFF]) }
        #expect(try error(notText)?.malformedReason?.contains("not UTF-8") == true)
    }

    @Test func numbersOfEveryForm() throws {
        let pickle = PickleBytes.checkpoint { pickle in
            pickle.op("](")
            pickle.raw(Array("K".utf8) + [255])
            pickle.raw(Array("M".utf8) + bytes(UInt16.max))
            pickle.raw(Array("J".utf8) + bytes(Int32.min))
            pickle.raw([0x8A, 0])
            pickle.raw([0x8A, 1, 0x80])
            pickle.raw([0x8A, 2, 0xFF, 0x7F])
            pickle.int(.min)
            pickle.raw([0x8B] + bytes(UInt32(3)) + [0, 0, 0x80])
            pickle.raw(Array("G".utf8) + [0xBF, 0xF8, 0, 0, 0, 0, 0, 0])
            pickle.op("e")
        }
        let config = try open(ZipBytes(pickle: pickle, storages: ["0": Self.storage]).build()).config
        #expect(
            config
                == .list([
                    .int(255), .int(65_535), .int(-2_147_483_648), .int(0), .int(-128), .int(32_767),
                    .int(.min),
                    .int(-8_388_608), .double(-1.5),
                ]))
    }

    @Test func unknownInstructionsAndProtocols() throws {
        #expect(
            try error(PickleBytes.checkpoint { $0.raw([0x82, 1]) })?.malformedReason?
                .contains("instruction 0x82") == true)
        #expect(try error([0x80, 6, 0x2E])?.malformedReason?.contains("protocol 6") == true)
        #expect(try error([0x80, 1, 0x2E])?.malformedReason?.contains("protocol 1") == true)
        #expect(try error([0x80, 2])?.malformedReason?.contains("0 are left") == true)
        #expect(
            try error(PickleBytes.make { $0.op("h\u{7}") })?.malformedReason?.contains("remembered as 7")
                == true)
    }
}
