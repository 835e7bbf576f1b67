/// The type of a stored tensor's elements, little-endian.
package enum ElementType: String, Sendable, CaseIterable {
    /// IEEE binary16.
    case float16
    /// The upper half of an IEEE binary32.
    case bfloat16
    /// IEEE binary32.
    case float32
    /// IEEE binary64.
    case float64
    /// Two's complement, 8 bytes.
    case int64
    /// Two's complement, 4 bytes.
    case int32
    /// Two's complement, 2 bytes.
    case int16
    /// Two's complement, 1 byte.
    case int8
    /// Unsigned, 1 byte.
    case uint8
    /// One byte; zero is false, anything else true.
    case bool

    /// Bytes per element.
    package var byteWidth: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Whether the elements are floating point numbers.
    package var isFloat: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        case .int64, .int32, .int16, .int8, .uint8, .bool: false
        }
    }

    /// The name of torch's typed storage class for these elements, such as `HalfStorage`.
    var torchStorageName: String {
        switch self {
        case .float16: "HalfStorage"
        case .bfloat16: "BFloat16Storage"
        case .float32: "FloatStorage"
        case .float64: "DoubleStorage"
        case .int64: "LongStorage"
        case .int32: "IntStorage"
        case .int16: "ShortStorage"
        case .int8: "CharStorage"
        case .uint8: "ByteStorage"
        case .bool: "BoolStorage"
        }
    }

    /// The name in a safetensors header, such as `F16`.
    var safetensorsName: String {
        switch self {
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .float32: "F32"
        case .float64: "F64"
        case .int64: "I64"
        case .int32: "I32"
        case .int16: "I16"
        case .int8: "I8"
        case .uint8: "U8"
        case .bool: "BOOL"
        }
    }

    /// Finds the type by torch's storage class name.
    static func named(torchStorage name: String) -> ElementType? {
        allCases.first { $0.torchStorageName == name }
    }

    /// Finds the type by its name in a safetensors header.
    static func named(safetensors name: String) -> ElementType? {
        allCases.first { $0.safetensorsName == name }
    }
}
