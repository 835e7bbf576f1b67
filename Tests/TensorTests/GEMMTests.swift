import Foundation
import TensorKernelTable
import TestSupport
import Testing

@testable import Tensor

/// `cblas_sgemm` by plain loops; `sum` combines the products of one element, by its row in the call.
private func functions(
    _ sum: @escaping @Sendable (_ row: Int, _ k: Int, _ term: (Int) -> Float) -> Float = plainSum
) -> BLASFunctions {
    BLASFunctions { g in
        for row in 0..<g.m {
            for column in 0..<g.n {
                let value = sum(row, g.k) { k in
                    let b = g.transposesB ? g.b[column * g.ldb + k] : g.b[k * g.ldb + column]
                    return g.a[row * g.lda + k] * b
                }
                let old = g.beta == 0 ? 0 : g.beta * g.c[row * g.ldc + column]
                g.c[row * g.ldc + column] = g.alpha * value + old
            }
        }
    }
}

private let plainSum: @Sendable (Int, Int, (Int) -> Float) -> Float = { _, k, term in
    (0..<k).reduce(0) { $0 + term($1) }
}

/// Rounded by the row's place in the call, as kernels for Haswell do.
private let placedSum: @Sendable (Int, Int, (Int) -> Float) -> Float = { row, k, term in
    row % 12 < 6 ? (0..<k).reduce(0) { $0 + term($1) } : (0..<k).reversed().reduce(0) { $0 + term($1) }
}

private func library(_ functions: BLASFunctions) -> OpenBLASLibrary {
    OpenBLASLibrary(functions: functions, name: "plain loops")
}

/// OpenBLAS where it is installed, and plain loops everywhere.
private func libraries() -> [(name: String, backend: OpenBLASGEMM)] {
    let installed = (try? CheckedLibrary.openBLAS()).map { [($0.name, $0.backend)] } ?? []
    return [("plain loops", OpenBLASGEMM(functions: functions(), rowsAreIndependent: true))] + installed
}

@Suite struct GEMMTests {
    @Test(arguments: [[32, 40, 22], [50, 33, 96], [130, 300, 75], [523, 48, 640], [1030, 16, 17]])
    func backEndsAgree(_ shape: [Int]) {
        let (T, K, N) = (shape[0], shape[1], shape[2])
        var numbers = SplitMix64(seed: 3)
        let x = Tensor(numbers.floats(T * K), [T, K])
        let w = numbers.floats(N * K).map { Float(Float16($0)) }
        let bias = Tensor(numbers.floats(N), [N])
        for (name, backend) in libraries() {
            let single = PackedMatrix(Tensor(w, [N, K]))
            for weights in [single, single.inHalfPrecision] {
                for (bias, activation) in [(nil, .identity), (bias, .relu), (bias, .gelu)]
                    as [(Tensor?, Activation)]
                {
                    let arguments = LinearArguments(
                        x: x, weights: weights, bias: bias, activation: activation)
                    let expected = PackedGEMM().onThisThread(arguments)
                    let found = backend.onThisThread(arguments)
                    #expect(found.shape == [T, N])
                    #expect(
                        largestError(found.values, expected.values).error < Tolerances.backEnds,
                        "\(name), \(activation)")
                }
            }
        }
    }

    @Test func attentionIsTheSameWithEither() {
        var numbers = SplitMix64(seed: 9)
        let (T, S, C) = (100, 90, 24)
        let (q, k, v) = (numbers.floats(T * C), numbers.floats(S * C), numbers.floats(S * C))
        let expected = Reference.attention(q: q, k: k, v: v, T: T, S: S, C: C, heads: 3, scale: 0.4) { _ in S
        }
        for (name, backend) in libraries() {
            let choice = GEMMChoice(
                CheckedLibrary(name: name, backend: backend), Set(GEMMClass.allCases))
            let found = GEMM.$override.withValue(choice) {
                Tensor(q, [T, C]).attending(
                    keys: Tensor(k, [S, C]), values: Tensor(v, [S, C]), heads: 3, scale: 0.4)
            }
            #expect(largestError(found.values, expected).error < Tolerances.attention, "\(name)")
        }
    }

    /// More input than a group of rows holds: a row is what it is alone, in every group.
    @Test func groupsOfRowsChangeNothing() {
        var numbers = SplitMix64(seed: 11)
        let (T, K, N) = (1100, 2100, 18)
        #expect(T * K * 4 > 2 * 4 << 20)
        let x = Tensor(numbers.floats(T * K), [T, K])
        let single = PackedMatrix(Tensor(numbers.floats(N * K), [N, K]))
        for weights in [single, single.inHalfPrecision] {
            let found = x.linear(weights)
            for row in [0, 340, 366, 367, 480, 733, 734, 1096, 1099] {
                let alone = x.rows(row..<row + 1).linear(weights)
                #expect(found.rows(row..<row + 1).values == alone.values, "row \(row)")
            }
        }
    }

    /// Also with a library whose rounding depends on a row's place.
    @Test func threadsDoNotChangeResults() {
        var numbers = SplitMix64(seed: 4)
        let (T, K, N) = (550, 200, 330)
        let arguments = LinearArguments(
            x: Tensor(numbers.floats(T * K), [T, K]),
            weights: PackedMatrix(Tensor(numbers.floats(N * K), [N, K])),
            bias: Tensor(numbers.floats(N), [N]), activation: .relu)
        let placed = OpenBLASGEMM(functions: functions(placedSum), rowsAreIndependent: false)
        let backends: [any GEMMBackend] = [PackedGEMM(), placed] + libraries().map(\.backend)
        for backend in backends {
            let alone = backend.onThisThread(arguments).values.map(\.bitPattern)
            for width in [2, 3, 5] {
                let product = backend.linear(arguments)
                ThreadPool(width: width).run { product.run($0) }
                #expect(product.result.values.map(\.bitPattern) == alone, "\(backend), \(width) threads")
            }
        }
    }

    @Test func selfTestAcceptsCorrectLibraries() throws {
        #expect(try CheckedLibrary(library(functions())).rowsAreIndependent)
        #expect(try !CheckedLibrary(library(functions(placedSum))).rowsAreIndependent)
    }

    /// Each mistake is one that a library could make for some shapes only.
    @Test func selfTestRefusesWrongLibraries() {
        let right = functions()
        let wrong: [(String, BLASFunctions)] = [
            (
                "the last of many rows",
                BLASFunctions { g in
                    right.sgemm(g)
                    if g.m > 128 { g.c[(g.m - 1) * g.ldc] += 0.01 }
                }
            ),
            (
                "inputs beyond a block of 384",
                functions { _, k, term in
                    (0..<min(k, 384)).reduce(0) { $0 + term($1) }
                }
            ),
            (
                "products in half precision",
                functions { _, k, term in
                    (0..<k).reduce(0) { $0 + Float(Float16(term($1))) }
                }
            ),
            (
                "not a number",
                BLASFunctions { g in
                    right.sgemm(g)
                    g.c[g.n - 1] = .nan
                }
            ),
            (
                "beta",
                BLASFunctions { g in
                    var other = g
                    other.beta = 0
                    right.sgemm(other)
                }
            ),
            (
                "alpha",
                BLASFunctions { g in
                    var other = g
                    other.alpha = 1
                    right.sgemm(other)
                }
            ),
            (
                "transposition",
                BLASFunctions { g in
                    var other = g
                    (other.transposesB, other.ldb) = (false, g.transposesB ? g.n : g.ldb)
                    right.sgemm(other)
                }
            ),
            ("nothing computed", BLASFunctions { _ in }),
        ]
        for (name, functions) in wrong {
            #expect(throws: GEMMError.self, "\(name)") { try CheckedLibrary(library(functions)) }
        }
    }

    @Test func modesAreRead() throws {
        #expect(try GEMMMode(nil) == .automatic)
        #expect(try GEMMMode("") == .automatic)
        #expect(try ["packed", "openblas", "auto"].map { try GEMMMode($0) } == GEMMMode.allCases)
        #expect(throws: GEMMError.unknownMode("OpenBLAS")) { try GEMMMode("OpenBLAS") }
    }

    @Test func librariesThatAreNotThereAreErrors() {
        for file in ["libnone.so.7", "libm.so.6"] {
            do {
                _ = try OpenBLASLibrary(file: file, processor: Processor(cpuinfo: ""))
                Issue.record("\(file) was opened")
            } catch {
                guard case .unavailable(let reason) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(reason.contains(file), "\(reason)")
            }
        }
    }

    @Test func classesFollowRowsAndWeights() {
        #expect(GEMMClass.linear(rows: 31, .float32) == nil)
        #expect(GEMMClass.linear(rows: 32, .float32) == .single32)
        #expect(GEMMClass.linear(rows: 127, .float16) == .half32)
        #expect(GEMMClass.linear(rows: 128, .float16) == .half128)
        #expect(GEMMClass.linear(rows: 512, .float32) == .single512)
        #expect(GEMMClass.linear(rows: 5000, .int8) == nil)
    }

    /// Faster by a tenth, and with linear layers only where rows are independent.
    @Test func measurementsDecide() throws {
        let measurements = [
            GEMMMeasurement(kind: .half512, rows: 1, packed: 100, openBLAS: 120),
            GEMMMeasurement(kind: .half128, rows: 1, packed: 100, openBLAS: 109),
            GEMMMeasurement(kind: .attention, rows: 1, packed: 100, openBLAS: 120),
        ]
        let independent = CheckedLibrary(
            name: "a", backend: OpenBLASGEMM(functions: functions(), rowsAreIndependent: true))
        let placed = CheckedLibrary(
            name: "b", backend: OpenBLASGEMM(functions: functions(), rowsAreIndependent: false))
        #expect(GEMMMeasurement.preferred(measurements, independent) == [.half512, .attention])
        #expect(GEMMMeasurement.preferred(measurements, placed) == [.attention])
        #expect(GEMMChoice(independent, [.half512, .attention]).summary == "a for f16-512, attention")
        #expect(GEMMChoice(independent, Set(GEMMClass.allCases)).summary == "a")
        #expect(GEMMChoice(independent, []).summary == "packed")
    }
}

@Suite struct ProcessorTests {
    private static let xeon = """
        processor\t: 0
        cpu family\t: 6
        model\t\t: 207
        model name\t: INTEL(R) XEON(R) PLATINUM 8581C
        flags\t\t: fpu avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl amx_tile
        processor\t: 1
        model\t\t: 1
        flags\t\t: fpu
        """
    private static let neoverse = """
        processor\t: 0
        Features\t: fp asimd asimddp
        CPU implementer\t: 0x41
        CPU part\t: 0xd0c
        """

    /// A Xeon that Debian's OpenBLAS does not know is no Prescott.
    @Test func coreTypesFollowInstructionSets() {
        let xeon = Processor(cpuinfo: Self.xeon)
        #expect(xeon.openBLASCoreType == "SKYLAKEX")
        #expect(xeon.name == "INTEL(R) XEON(R) PLATINUM 8581C 6/207")
        #expect(Processor(cpuinfo: "flags : avx avx2 fma f16c").openBLASCoreType == "HASWELL")
        #expect(Processor(cpuinfo: "flags : sse4_2 avx").openBLASCoreType == nil)
        let neoverse = Processor(cpuinfo: Self.neoverse)
        #expect(neoverse.openBLASCoreType == "NEOVERSEN1")
        #expect(neoverse.features.contains("asimddp"))
        #expect(neoverse.name == "0x41/0xd0c")
        #expect(Processor(cpuinfo: "CPU implementer : 0x61\nCPU part : 0x22").openBLASCoreType == nil)
        #expect(Processor(cpuinfo: "").name == "unknown processor")
    }
}
