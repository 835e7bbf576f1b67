import Foundation

/// What the kernel says about the first processor.
struct Processor: Sendable, Equatable {
    /// Instruction sets; the kernel leaves out what the operating system cannot save.
    var features: Set<String> = []
    /// The name under which results that hold for this kind of processor are kept.
    var name = "unknown processor"
    /// ARM's implementer and part, such as 0x41 and 0xd0c.
    var implementer: Int?, part: Int?

    /// The processor that this process runs on.
    static let current = Processor(
        cpuinfo: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")

    /// Reads the text of `/proc/cpuinfo`.
    init(cpuinfo: String) {
        var model: String?
        var numbers: [String: String] = [:]
        for line in cpuinfo.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].trimmingCharacters(in: .whitespaces)
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            switch key {
            case "flags", "Features":
                if features.isEmpty { features = Set(value.split(separator: " ").map(String.init)) }
            case "model name": model = model ?? value
            case "cpu family", "model", "CPU implementer", "CPU part":
                if numbers[key] == nil { numbers[key] = value }
            default: break
            }
        }
        func hexadecimal(_ key: String) -> Int? {
            numbers[key].flatMap { Int($0.hasPrefix("0x") ? String($0.dropFirst(2)) : $0, radix: 16) }
        }
        (implementer, part) = (hexadecimal("CPU implementer"), hexadecimal("CPU part"))
        let kind = ["cpu family", "model", "CPU implementer", "CPU part"].compactMap { numbers[$0] }
        if model != nil || !kind.isEmpty {
            name = ([model].compactMap { $0 } + [kind.joined(separator: "/")]).filter { !$0.isEmpty }
                .joined(separator: " ")
        }
    }

    /// The name that OpenBLAS gives to the kernels for this processor; nil where its own detection has to do. It knows
    /// processors by their number and takes one that is newer than the library for the oldest, so that the choice is made
    /// here, by instruction sets. Kernels for AMD's processors are those for Haswell, in blocks that were never faster.
    var openBLASCoreType: String? {
        if features.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"]) {
            return "SKYLAKEX"
        }
        if features.isSuperset(of: ["avx2", "fma"]) { return "HASWELL" }
        guard implementer == 0x41, let part else { return nil }
        return Self.armCores[part]
    }

    /// Arm's own cores: those of Neoverse, and the Cortex cores that they come from.
    private static let armCores = [
        0xd03: "CORTEXA53", 0xd07: "CORTEXA57", 0xd08: "CORTEXA72", 0xd09: "CORTEXA73", 0xd0b: "NEOVERSEN1",
        0xd0c: "NEOVERSEN1", 0xd0d: "NEOVERSEN1", 0xd40: "NEOVERSEV1", 0xd41: "NEOVERSEN1",
        0xd44: "NEOVERSEN1", 0xd49: "NEOVERSEN2", 0xd4f: "NEOVERSEN2",
    ]
}
