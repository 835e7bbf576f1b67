/// The element type that a conversion gives floating point tensors.
package enum WeightPrecision: String, Sendable, CaseIterable {
    /// IEEE binary16; refused when a value does not fit.
    case f16
    /// IEEE binary32.
    case f32
    /// Signed bytes with a scale per output for the matrices that the model's layers declare as quantizable (the
    /// transformer stack of a text-to-semantic model), binary16 for the rest. Networks without such layers are refused.
    case int8

    /// The type of all tensors that are not quantized.
    package var elementType: ElementType {
        switch self {
        case .f16, .int8: .float16
        case .f32: .float32
        }
    }
}
