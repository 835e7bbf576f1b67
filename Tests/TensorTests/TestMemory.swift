import TensorKernelTable

/// Memory for kernels' arguments, kept until `free()`. An array that is passed where a pointer is wanted lives only as long
/// as that call, and argument structs keep pointers for longer.
final class TestMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    /// A copy of `values`, with room for kernels that read a whole vector at the end.
    func copy<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
        let width = MemoryLayout<Element>.stride
        let block = UnsafeMutableRawPointer.allocate(byteCount: (values.count + 64) * width, alignment: 64)
        block.initializeMemory(as: UInt8.self, repeating: 0, count: (values.count + 64) * width)
        blocks.append(block)
        let elements = block.bindMemory(to: Element.self, capacity: values.count + 64)
        for (i, value) in values.enumerated() { elements[i] = value }
        return elements
    }

    /// NaNs: what a kernel leaves out shows.
    func undefined(_ count: Int) -> MutableFloats { copy([Float](repeating: .nan, count: count)) }

    func free() {
        for block in blocks { block.deallocate() }
        blocks = []
    }
}

/// `count` values from a pointer on.
func values<Element>(_ pointer: UnsafeMutablePointer<Element>, _ count: Int) -> [Element] {
    Array(UnsafeBufferPointer(start: pointer, count: count))
}
