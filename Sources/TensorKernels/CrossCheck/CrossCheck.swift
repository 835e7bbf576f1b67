import TensorKernelTable

// Runs kernels of a foreign instruction set (under an emulator) against plain loops. Embedded Swift: no Foundation, no
// test library; `print` and the exit code are all there is.

private func filled(_ count: Int, _ value: () -> Float) -> UnsafeMutablePointer<Float> {
    let pointer = UnsafeMutablePointer<Float>.allocate(capacity: count + 64)
    for i in 0..<count { pointer[i] = value() }
    return pointer
}

/// Kernels whose largest error passes their limit.
nonisolated(unsafe) private var failures: Int32 = 0

private func judge(_ name: StaticString, _ error: Float, limit: Float) {
    if error <= limit { return }
    failures += 1
    print("cross-check: ", terminator: "")
    print(name, terminator: "")
    print(" differs by more than its limit")
}

private func checkPanels(_ kernels: KernelTable) {
    var numbers = SplitMix64(seed: 1)
    for rows in [1, 2, 4, 6] {
        let (k, n) = (83, 37)
        let x = filled(k * rows) { numbers.float() }
        let w = filled(48 * k) { numbers.float() }
        let halves = UnsafeMutablePointer<UInt16>.allocate(capacity: 48 * k)
        let bytes = UnsafeMutablePointer<Int8>.allocate(capacity: 48 * k)
        for i in 0..<48 * k {
            halves[i] = Float16(w[i]).bitPattern
            bytes[i] = Int8(w[i] * 127)
        }
        let scales = filled(48) { (0.01 + abs(numbers.float())) / 127 }
        let bias = filled(48) { numbers.float() }
        let out = filled(rows * n) { 0 }
        func compare(_ name: StaticString, _ weight: (Int) -> Float) {
            var worst: Float = 0
            for r in 0..<rows {
                for j in 0..<n {
                    var sum = bias[j]
                    for i in 0..<k { sum += x[i * rows + r] * weight((j / 16 * k + i) * 16 + j % 16) }
                    worst = max(worst, abs(sum - out[r * n + j]))
                }
            }
            judge(name, worst, limit: 1e-4)
        }
        kernels.panelsFloat(x, rows, w, k, n, bias, .identity, out, n)
        compare("panelsFloat") { w[$0] }
        kernels.panelsWidened(x, rows, w, k, n, bias, .identity, halves, 64, out, n)
        compare("panelsWidened") { w[$0] }
        kernels.panelsHalf(x, rows, halves, k, n, bias, .identity, out, n)
        compare("panelsHalf") { Float(Float16(bitPattern: halves[$0])) }
        kernels.panelsByte(x, rows, bytes, scales, k, n, bias, .identity, out, n)
        compare("panelsByte") { Float(bytes[$0]) * scales[$0 / (k * 16) * 16 + $0 % 16] }
    }
}

private func checkConvolution(_ kernels: KernelTable) {
    var numbers = SplitMix64(seed: 1)
    let (rows, taps, length, panels) = (33, 3, 20, 3)
    let size = taps * length * 16
    let x = filled((rows + taps) * length) { numbers.float() }
    let w = filled(panels * size) { numbers.float() }
    let sums = filled(panels * rows * 16) { 0 }
    kernels.convolutionPanels(x, length, rows, taps, length, length, w, size, panels, sums)
    var worst: Float = 0
    for index in 0..<panels * rows * 16 {
        let (panel, r, j) = (index / (rows * 16), index / 16 % rows, index % 16)
        var sum: Float = 0
        for i in 0..<taps * length { sum += x[r * length + i] * w[panel * size + i * 16 + j] }
        worst = max(worst, abs(sum - sums[index]))
    }
    judge("convolutionPanels", worst, limit: 1e-4)
}

private func checkAttention(_ kernels: KernelTable) {
    var numbers = SplitMix64(seed: 1)
    let (steps, size) = (29, 48)
    let q = filled(size) { numbers.float() }
    let keys = filled(steps * size) { numbers.float() }
    let values = filled(steps * size) { numbers.float() }
    let (scores, out) = (filled(steps) { 0 }, filled(size) { 0 })
    kernels.attendHead(q, keys, values, steps, size, size, 0, scores, out)
    // With a scale of 0 all scores are equal: the mean of the values.
    func error() -> Float {
        var worst: Float = 0
        for i in 0..<size {
            var sum: Float = 0
            for t in 0..<steps { sum += values[t * size + i] }
            worst = max(worst, abs(sum / Float(steps) - out[i]))
        }
        return worst
    }
    judge("attendHead", error(), limit: 1e-5)
    let halves = UnsafeMutablePointer<UInt16>.allocate(capacity: 2 * steps * size)
    kernels.narrow(keys, halves, steps * size)
    kernels.narrow(values, halves + steps * size, steps * size)
    kernels.attendHeadHalf(q, halves, halves + steps * size, steps, size, size, 0, scores, out)
    judge("attendHeadHalf", error(), limit: 1e-3)
}

private func checkNormalization(_ kernels: KernelTable) {
    var numbers = SplitMix64(seed: 1)
    let columns = 53
    let x = filled(columns) { numbers.float() * 3 + 1 }
    let gain = filled(columns) { 1 }
    let bias = filled(columns) { 0 }
    let out = filled(columns) { 0 }
    kernels.layerNorm(x, nil, gain, bias, 1e-5, 1, columns, out)
    var (mean, square): (Float, Float) = (0, 0)
    for i in 0..<columns {
        mean += out[i] / Float(columns)
        square += out[i] * out[i] / Float(columns)
    }
    judge("layerNorm", max(abs(mean), abs(square - 1)), limit: 1e-4)
    kernels.softmaxRows(out, 1, columns, columns)
    var total: Float = 0
    for i in 0..<columns { total += out[i] }
    judge("softmaxRows", abs(total - 1), limit: 1e-5)
}

private func checkPointwise(_ kernels: KernelTable) {
    let count = 101
    let x = filled(count) { 0 }
    for i in 0..<count { x[i] = Float(i - 50) * 0.2 }
    let out = filled(count) { 0 }
    kernels.tanhSigmoid(x, x, out, count)
    // tanh x · σ(x) = (1 − e)(1 + e)⁻¹ … both follow from the kernel at −x: their quotient is −σ(x)/σ(−x) = −eˣ.
    var worst: Float = 0
    for i in 0..<50 {
        let quotient = out[count - 1 - i] / out[i]
        // eˣ by squaring the value at 0.2.
        var power: Float = 1
        for _ in 0..<(50 - i) { power *= 1.221402758 }
        worst = max(worst, abs(quotient + power) / power)
    }
    judge("tanhSigmoid", worst, limit: 1e-4)
    kernels.add(x, x, out, count)
    worst = 0
    for i in 0..<count { worst = max(worst, abs(out[i] - 2 * x[i])) }
    judge("add", worst, limit: 0)
}

/// The program: its exit code is the number of kernels that differ.
@_cdecl("main") public func main() -> Int32 {
    let kernels = makeKernelTable()
    checkPanels(kernels)
    checkConvolution(kernels)
    checkAttention(kernels)
    checkNormalization(kernels)
    checkPointwise(kernels)
    return failures
}
