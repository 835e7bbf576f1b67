/// A value while a pickle is read. Containers are indices into the heap, so cycles need no references, and neither
/// reading nor freeing is recursive.
enum PickleValue {
    case none
    case bool(Bool)
    case int(Int)
    case double(Double)
    /// An integer of more than 64 bits; the range of its bytes in the pickle.
    case wideInteger(Range<Int>)
    /// Anything else, at an index of `PickleHeap.objects`.
    case object(Int)
}

/// The object of a `PickleValue.object`.
enum PickleObject {
    case string(String)
    case bytes([UInt8])
    case list([PickleValue])
    case tuple([PickleValue])
    case set([PickleValue])
    case dictionary([PicklePair])
    case global(PickleGlobal)
    /// An instance of a class, as data: no code of the class is executed.
    case record(PickleRecord)
    case storage(PickleStorage)
    case tensor(PickleTensor)
    /// Only while an object is being changed in place.
    case vacant
}

struct PicklePair {
    let key: PickleValue
    let value: PickleValue
}

struct PickleRecord {
    let className: String
    var attributes: [PicklePair]
}

/// A storage as named by a persistent id: only a name and a length.
struct PickleStorage {
    let elementType: ElementType
    let key: String
    let elementCount: Int
    /// Where a view into the storage begins, in elements, and how long it is (legacy format).
    let view: Range<Int>
}

struct PickleTensor {
    /// Heap index of a `.storage`.
    let storage: Int
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

/// All containers of one pickle.
struct PickleHeap {
    /// Limit of bytes that are made by copying values that were built before. Reading alone never makes more than
    /// a small multiple of the pickle; copying could double at every step.
    static let maximumCopiedBytes = 8 << 20
    /// Most containers, strings and tensors of one pickle. A full-size training checkpoint has some 30,000.
    static let maximumObjects = 300_000

    let path: String
    private(set) var objects: [PickleObject] = []
    private var copiedBytes = 0

    init(path: String) {
        self.path = path
    }

    mutating func add(_ object: PickleObject) throws(CheckpointError) -> PickleValue {
        guard objects.count < Self.maximumObjects else {
            throw CheckpointError.limitExceeded(
                path: path, what: "objects in the pickle", found: objects.count + 1,
                limit: Self.maximumObjects)
        }
        objects.append(object)
        return .object(objects.count - 1)
    }

    /// Accounts for a copy that is about to be made.
    mutating func charge(_ bytes: Int) throws(CheckpointError) {
        copiedBytes += min(bytes, Self.maximumCopiedBytes + 1)
        guard copiedBytes <= Self.maximumCopiedBytes else {
            throw CheckpointError.limitExceeded(
                path: path, what: "bytes copied by the pickle", found: copiedBytes,
                limit: Self.maximumCopiedBytes)
        }
    }

    /// The object behind a value, if it is one.
    subscript(_ value: PickleValue) -> PickleObject? {
        if case .object(let index) = value { objects[index] } else { nil }
    }

    /// Changes an object in place, without a copy of its array.
    mutating func update<R>(
        _ index: Int, _ change: (inout PickleObject) throws(CheckpointError) -> R
    ) throws(CheckpointError) -> R {
        var object = PickleObject.vacant
        swap(&object, &objects[index])
        defer { swap(&object, &objects[index]) }
        return try change(&object)
    }

    func string(_ value: PickleValue) -> String? {
        if case .string(let text)? = self[value] { text } else { nil }
    }

    func tuple(_ value: PickleValue) -> [PickleValue]? {
        if case .tuple(let items)? = self[value] { items } else { nil }
    }

    func pairs(_ value: PickleValue) -> [PicklePair]? {
        switch self[value] {
        case .dictionary(let pairs)?: pairs
        case .record(let record)?: record.attributes
        default: nil
        }
    }
}
