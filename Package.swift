// swift-tools-version: 6.2
import Foundation
import PackageDescription

// MARK: - Kinds of targets

/// Settings of every Swift target.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library target in `Sources/<name>`.
func module(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: readme(in: "Sources/\(name)"),
        resources: resources, swiftSettings: strict)
}

/// The kernels compiled for one instruction set. The sources are written once, in `TensorKernels/Kernels`; the
/// other folders hold symbolic links to them.
func kernelVariant(_ name: String, folder: String, flag: String, cpu: String?) -> Target {
    .target(
        name: name, dependencies: ["TensorKernelTable"], path: "Sources/TensorKernels/\(folder)",
        swiftSettings: strict + [
            .define(flag),
            .unsafeFlags(["-Ounchecked"] + (cpu.map { ["-target-cpu", $0] } ?? [])),
        ])
}

/// The tests of one module, in `Tests/<name>Tests`.
func tests(
    of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [],
    linkerSettings: [LinkerSetting] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        resources: resources, swiftSettings: strict, linkerSettings: linkerSettings)
}

/// A product of another package.
func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

/// A system library found by pkg-config; the folder holds its module map.
func system(_ name: String, _ package: String, debian: String) -> Target {
    .systemLibrary(name: name, pkgConfig: package, providers: [.apt([debian])])
}

/// The README.md files of a folder, so that SwiftPM doesn't report them as unhandled.
func readme(in folder: String) -> [String] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(folder).path
    let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return files.filter { $0 == "README.md" || $0.hasSuffix("/README.md") }.sorted()
}

// MARK: - Instruction sets of this architecture

#if arch(x86_64)
    let kernelVariants = [
        kernelVariant("TensorKernelsBaseline", folder: "Kernels", flag: "GSV_BASELINE", cpu: "nehalem"),
        kernelVariant("TensorKernelsAVX2", folder: "AVX2", flag: "GSV_AVX2", cpu: "haswell"),
        kernelVariant("TensorKernelsAVX512", folder: "AVX512", flag: "GSV_AVX512", cpu: "skylake-avx512"),
    ]
#else
    let kernelVariants = [
        kernelVariant("TensorKernelsBaseline", folder: "Kernels", flag: "GSV_NEON", cpu: nil)
    ]
#endif
let kernels = kernelVariants.map { Target.Dependency.byName(name: $0.name) }

// MARK: - Fuzzing, which needs flags of its own (make fuzz)

let fuzzers: [Target] =
    ProcessInfo.processInfo.environment["GSV_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "text-fuzzer", dependencies: ["Files", "Text"], path: "Tests/TextFuzzing",
            exclude: ["Dictionaries", "README.md", "fuzz.sh"], swiftSettings: strict)
    ]

// MARK: - Modules

let package = Package(
    name: "gsv",
    products: [.library(name: "GSV", targets: ["GSV"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        system("COpenSSL", "libcrypto", debian: "libssl-dev"),
        system("CSndfile", "sndfile", debian: "libsndfile1-dev"),
        system("CSoxr", "soxr", debian: "libsoxr-dev"),
        .systemLibrary(name: "CMalloc"),
        .target(
            name: "TensorKernelTable", path: "Sources/TensorKernels/Table", swiftSettings: strict),
        module("Files", []),
        module("StrictJSON", []),
        module("Checkpoint", ["COpenSSL", "Files", "StrictJSON"]),
        module("Tensor", ["TensorKernelTable"] + kernels),
        module("KernelBench", ["Tensor", "TensorKernelTable"]),
        module("Models", ["Checkpoint", "Files", "StrictJSON", "Tensor", "TensorKernelTable"]),
        module("Text", ["Files", "StrictJSON", "Tensor"]),
        module("Synthesis", ["Audio", "Checkpoint", "Files", "Models", "Tensor", "Text"]),
        module("Audio", ["CSndfile", "CSoxr", "Files"]),
        module("GSV", ["Synthesis"]),
        module(
            "API",
            [
                "Audio", "Files", "StrictJSON", "Synthesis", product("Hummingbird", "hummingbird"),
                product("HummingbirdCore", "hummingbird"),
                product("Yams", "Yams"), product("Logging", "swift-log"),
                product("HTTPTypes", "swift-http-types"),
                product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
                product("UnixSignals", "swift-service-lifecycle"),
            ], resources: [.embedInCode("Page/index.html")]),
        .target(
            name: "ConvertCommand",
            dependencies: ["Checkpoint", "Models", product("ArgumentParser", "swift-argument-parser")],
            path: "weights-converter/Command", swiftSettings: strict),
        .executableTarget(
            name: "weights-converter", dependencies: ["ConvertCommand"], path: "weights-converter/Executable",
            swiftSettings: strict),
        .executableTarget(
            name: "gsv",
            dependencies: [
                "API", "Audio", "CMalloc", "Checkpoint", "ConvertCommand", "KernelBench", "Models",
                "Synthesis", "Tensor",
                "Text",
                product("ArgumentParser", "swift-argument-parser"), product("Logging", "swift-log"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "lexicon-compiler", dependencies: ["Files", "StrictJSON", "Text"],
            exclude: ["data-setup"] + readme(in: "Sources/lexicon-compiler"), swiftSettings: strict),
        .executableTarget(
            name: "gsv-parity",
            dependencies: [
                "Audio", "Checkpoint", "Models", "ParityStages", "Synthesis", "Tensor", "TestSupport", "Text",
            ], path: "Tests/Parity", swiftSettings: strict),
        .target(
            name: "ParityStages", dependencies: ["Checkpoint", "Models", "Tensor", "TestSupport"],
            path: "Tests/ParityStages", swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["Checkpoint", "Tensor"], path: "Tests/Support",
            swiftSettings: strict),
        tests(of: "Tensor", ["TensorKernelTable"]),
        tests(of: "StrictJSON"),
        tests(of: "Files"),
        tests(of: "Checkpoint", ["Files", "Tensor"], resources: [.copy("Fixtures")]),
        tests(of: "Audio", ["Tensor"]),
        tests(of: "Text", ["Tensor"]),
        tests(
            of: "Models", ["Checkpoint", "ParityStages", "Tensor", "TensorKernelTable"],
            // The test program's `malloc` counts allocations of the libraries, too.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic"])]),
        tests(of: "Synthesis", ["Audio", "Checkpoint", "Models", "Tensor", "Text"]),
        .testTarget(name: "GSVTests", dependencies: ["GSV"], swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        tests(
            of: "API",
            [
                "Models", "Synthesis", "Text", product("Hummingbird", "hummingbird"),
                product("HummingbirdTesting", "hummingbird"),
                product("Logging", "swift-log"), product("InMemoryLogging", "swift-log"),
                product("HTTPTypes", "swift-http-types"), product("NIOCore", "swift-nio"),
                product("NIOPosix", "swift-nio"),
            ]),
    ] + kernelVariants + fuzzers,
    swiftLanguageModes: [.v6]
)
