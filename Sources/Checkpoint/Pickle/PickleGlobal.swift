/// The classes and functions a pickle may name. None is called: each has a fixed conversion of its arguments to data.
enum PickleGlobal {
    case orderedDict
    case rebuildTensor
    case rebuildParameter
    case storage(ElementType)
    /// `torch.Size`: a tuple.
    case size
    /// `torch.device`: a string.
    case device
    /// A `torch.dtype`: a string.
    case name(String)
    case set
    /// `bytes` and `bytearray`.
    case bytes
    /// `_codecs.encode`, which protocol 2 uses for bytes.
    case encode
    /// A `pathlib` path: a string.
    case path
    /// A configuration class that upstream writes.
    case record(String)

    /// Finds an allowed global, or nil: the caller refuses it by name.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDict
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", "Size"): self = .size
        case ("torch", "device"): self = .device
        case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): self = .storage(.uint8)
        case ("__builtin__", "set"), ("builtins", "set"): self = .set
        case ("__builtin__", "frozenset"), ("builtins", "frozenset"): self = .set
        case ("__builtin__", "bytes"), ("builtins", "bytes"): self = .bytes
        case ("__builtin__", "bytearray"), ("builtins", "bytearray"): self = .bytes
        case ("_codecs", "encode"): self = .encode
        case ("utils", "HParams"), ("GPT_SoVITS.utils", "HParams"): self = .record("\(module).\(name)")
        case ("pathlib", _), ("pathlib._local", _):
            guard Self.pathClasses.contains(name) else { return nil }
            self = .path
        case ("torch", _):
            if let type = ElementType.named(torchStorage: name) {
                self = .storage(type)
            } else if Self.dtypes.contains(name) {
                self = .name("torch.\(name)")
            } else {
                return nil
            }
        default: return nil
        }
    }

    private static let pathClasses: Set<String> = [
        "PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath", "Path", "PurePath",
    ]

    private static let dtypes: Set<String> = [
        "float16", "bfloat16", "float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool",
    ]
}
