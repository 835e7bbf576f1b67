import TensorKernelTable

// Compares kernels of another instruction set (under an emulator) with plain loops. Embedded Swift has no Foundation and no
// test library; results are `print` and the exit code.

private func filled(_ count: Int, _ value: () -> Float) -> UnsafeMutablePointer<Float> {
    let pointer = UnsafeMutablePointer<Float>.allocate(capacity: count + 64)
    for i in 0..<count { pointer[i] = value() }
    return pointer
}

/// Kernels whose largest error exceeds their limit.
nonisolated(unsafe) private var failures: Int32 = 0

private func judge(_ name: StaticString, _ error: Float, limit: Float) {
    if error <= limit { return }
    failures += 1
    print("cross-check: ", terminator: "")
    print(name, terminator: "")
    print(" differs by more than its limit")
}

private func checkGEMM(_ kernels: KernelTable) {
    var numbers = SplitMix64(seed: 1)
    for rows in kernels.rowBlocks {
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
        func arguments<Weight>(_ w: UnsafePointer<Weight>) -> GEMMArguments<Weight> {
            GEMMArguments(m: rows, n: n, k: k, a: x, w: w, bias: bias, c: out, ldc: n)
        }
        kernels.gemmF32(arguments(w))
        compare("gemmF32") { w[$0] }
        kernels.gemmF32Prefetching(arguments(w), PrefetchStream(address: halves, strideBytes: 64))
        compare("gemmF32Prefetching") { w[$0] }
        kernels.gemmF16(arguments(halves))
        compare("gemmF16") { Float(Float16(bitPattern: halves[$0])) }
        kernels.gemmInt8(arguments(bytes), scales)
        compare("gemmInt8") { Float(bytes[$0]) * scales[$0 / (k * 16) * 16 + $0 % 16] }
    }
}

private func checkConvolution(_ kernels: KernelTable) {
    var numbers = SplitMix64(seed: 1)
    let (rows, taps, length, panels) = (33, 3, 20, 3)
    let size = taps * length * 16
    let x = filled((rows + taps) * length) { numbers.float() }
    let w = filled(panels * size) { numbers.float() }
    let sums = filled(panels * rows * 16) { 0 }
    kernels.convolution(
        ConvolutionArguments(
            x: x, rowStride: length, rows: rows, taps: taps, tapStride: length, channels: length, w: w,
            panelStride: size, panels: panels, acc: sums))
    var worst: Float = 0
    for index in 0..<panels * rows * 16 {
        let (panel, r, j) = (index / (rows * 16), index / 16 % rows, index % 16)
        var sum: Float = 0
        for i in 0..<taps * length { sum += x[r * length + i] * w[panel * size + i * 16 + j] }
        worst = max(worst, abs(sum - sums[index]))
    }
    judge("convolution", worst, limit: 1e-4)

    let products = filled(panels * rows * 16) { 0 }
    kernels.batchedGemm(
        BatchedGEMMArguments(
            m: rows, k: length, a: x, lda: length, w: w, panels: panels, c: products, panelStride: rows * 16))
    worst = 0
    for index in 0..<panels * rows * 16 {
        let (panel, r, j) = (index / (rows * 16), index / 16 % rows, index % 16)
        var sum: Float = 0
        for i in 0..<length { sum += x[r * length + i] * w[(panel * length + i) * 16 + j] }
        worst = max(worst, abs(sum - products[index]))
    }
    judge("batchedGemm", worst, limit: 1e-4)

    let acc = filled(rows * 16) { 0 }
    kernels.depthwiseConvolution(
        DepthwiseArguments(
            x: x, rowStride: length, rows: rows, taps: taps, tapStride: length, w: w, weightStride: 16,
            acc: acc))
    worst = 0
    for index in 0..<rows * 16 {
        var sum: Float = 0
        for tap in 0..<taps { sum += x[(index / 16 + tap) * length + index % 16] * w[tap * 16 + index % 16] }
        worst = max(worst, abs(sum - acc[index]))
    }
    judge("depthwiseConvolution", worst, limit: 1e-5)
}

/// eˣ for |x| ≤ 8: the Taylor series of x / 16, squared four times.
private func exponential(_ x: Double) -> Double {
    let r = x / 16
    var (term, sum) = (1.0, 1.0)
    for i in 1...12 {
        term *= r / Double(i)
        sum += term
    }
    for _ in 0..<4 { sum *= sum }
    return sum
}

private func checkAttention(_ kernels: KernelTable) {
    var numbers = SplitMix64(seed: 1)
    let (steps, size, scale) = (29, 48, Float(0.3))
    let q = filled(size) { numbers.float() }
    let keys = filled(steps * size) { numbers.float() }
    let values = filled(steps * size) { numbers.float() }
    let (scratch, out) = (filled(steps) { 0 }, filled(size) { 0 })
    func arguments<Element>(
        _ k: UnsafePointer<Element>, _ v: UnsafePointer<Element>
    ) -> AttentionHeadArguments<Element> {
        AttentionHeadArguments(
            q: q, k: k, v: v, stride: size, steps: steps, headSize: size, scale: scale, scratch: scratch,
            out: out)
    }
    /// The largest difference from softmax(q · Kᵀ · scale) · V of keys and values as they are stored.
    func error(_ key: (Int) -> Float, _ value: (Int) -> Float) -> Float {
        var worst: Float = 0
        for i in 0..<size {
            var (total, weighted) = (0.0, 0.0)
            for t in 0..<steps {
                var dot = 0.0
                for j in 0..<size { dot += Double(q[j]) * Double(key(t * size + j)) }
                let p = exponential(dot * Double(scale))
                total += p
                weighted += p * Double(value(t * size + i))
            }
            worst = max(worst, Float(abs(weighted / total - Double(out[i]))))
        }
        return worst
    }
    kernels.attentionHeadF32(arguments(keys, values))
    judge("attentionHeadF32", error({ keys[$0] }, { values[$0] }), limit: 1e-5)
    let halves = UnsafeMutablePointer<UInt16>.allocate(capacity: 2 * steps * size)
    kernels.convertF32ToF16(keys, halves, steps * size)
    kernels.convertF32ToF16(values, halves + steps * size, steps * size)
    kernels.attentionHeadF16(arguments(halves, halves + steps * size))
    func half(_ i: Int) -> Float { Float(Float16(bitPattern: halves[i])) }
    judge("attentionHeadF16", error({ half($0) }, { half(steps * size + $0) }), limit: 1e-5)
}

private func checkNormalization(_ kernels: KernelTable) {
    var numbers = SplitMix64(seed: 1)
    let columns = 53
    let x = filled(columns) { numbers.float() * 3 + 1 }
    let gain = filled(columns) { 1 }
    let bias = filled(columns) { 0 }
    let out = filled(columns) { 0 }
    kernels.layerNorm(
        LayerNormArguments(
            x: x, gain: gain, bias: bias, epsilon: 1e-5, rows: 1, columns: columns, out: out))
    var (mean, square): (Float, Float) = (0, 0)
    for i in 0..<columns {
        mean += out[i] / Float(columns)
        square += out[i] * out[i] / Float(columns)
    }
    judge("layerNorm", max(abs(mean), abs(square - 1)), limit: 1e-4)
    kernels.softmaxRows(SoftmaxArguments(x: out, rowStride: columns, rows: 1, columns: columns))
    var total: Float = 0
    for i in 0..<columns { total += out[i] }
    judge("softmaxRows", abs(total - 1), limit: 1e-5)
}

private func checkElementwise(_ kernels: KernelTable) {
    let count = 101
    let x = filled(count) { 0 }
    for i in 0..<count { x[i] = Float(i - 50) * 0.2 }
    let out = filled(count) { 0 }
    kernels.gatedTanh(x, x, out, count)
    // tanh x · σ(x) = (1 − e)(1 + e)⁻¹ … both follow from the kernel at −x: their quotient is −σ(x)/σ(−x) = −eˣ.
    var worst: Float = 0
    for i in 0..<50 {
        let quotient = out[count - 1 - i] / out[i]
        // eˣ by squaring the value at 0.2.
        var power: Float = 1
        for _ in 0..<(50 - i) { power *= 1.221402758 }
        worst = max(worst, abs(quotient + power) / power)
    }
    judge("gatedTanh", worst, limit: 1e-4)
    kernels.add(x, x, out, count)
    worst = 0
    for i in 0..<count { worst = max(worst, abs(out[i] - 2 * x[i])) }
    judge("add", worst, limit: 0)
}

/// The program: its exit code is the number of kernels that differ.
@_cdecl("main") package func main() -> Int32 {
    let kernels = makeKernelTable()
    checkGEMM(kernels)
    checkConvolution(kernels)
    checkAttention(kernels)
    checkNormalization(kernels)
    checkElementwise(kernels)
    return failures
}
