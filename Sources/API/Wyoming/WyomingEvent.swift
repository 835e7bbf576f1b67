import NIOCore
import StrictJSON

/// An event of the Wyoming protocol of Home Assistant: a line of JSON, followed by the data and the payload whose lengths
/// it has.
struct WyomingEvent: Sendable {
    let type: String
    var data: [String: JSONValue] = [:]
    var payload: [UInt8] = []

    init(_ type: String, _ data: [JSONValue.Member] = [], payload: [UInt8] = []) {
        self.type = type
        self.data = Dictionary(data.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
        self.payload = payload
    }

    fileprivate init(type: String, data: [String: JSONValue], payload: [UInt8]) {
        self.type = type
        self.data = data
        self.payload = payload
    }

    /// A text of the data.
    func text(_ name: String) -> String? {
        guard case .string(let text)? = data[name] else { return nil }
        return text
    }

    /// The bytes of the event: everything but the payload in the first line.
    var bytes: ByteBuffer {
        var members = [JSONValue.Member("type", .string(type))]
        if !data.isEmpty {
            let sorted = data.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value) }
            members.append(JSONValue.Member("data", .object(sorted)))
        }
        if !payload.isEmpty {
            members.append(JSONValue.Member("payload_length", .integer(Int64(payload.count))))
        }
        var buffer = ByteBuffer(string: JSONWriter.text(of: .object(members), escaping: .careful) + "\n")
        buffer.writeBytes(payload)
        return buffer
    }
}

/// Why a stream of events cannot be read on.
struct WyomingFailure: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String
}

/// Cuts a stream of bytes into events.
struct WyomingParser {
    private var buffer = ByteBuffer()
    private static let lineLimit = 64 << 10, partLimit = 1 << 20

    /// Appends received bytes.
    mutating func append(_ bytes: ByteBuffer) {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    /// The next event; nil until it is complete.
    mutating func next() throws(WyomingFailure) -> WyomingEvent? {
        let view = buffer.readableBytesView
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            if view.count > Self.lineLimit {
                throw WyomingFailure(description: "a line of more than \(Self.lineLimit) bytes")
            }
            return nil
        }
        let line = buffer.getBytes(at: view.startIndex, length: end - view.startIndex) ?? []
        guard line.count <= Self.lineLimit, let header = (try? JSONReader.read(line))?.members,
            case .string(let type)? = header["type"]
        else { throw WyomingFailure(description: "a line that is no event") }
        let dataLength = try Self.length("data_length", header)
        let payloadLength = try Self.length("payload_length", header)
        guard view.count >= line.count + 1 + dataLength + payloadLength else { return nil }
        buffer.moveReaderIndex(forwardBy: line.count + 1)
        var data = header["data"]?.members ?? [:]
        let more = buffer.readBytes(length: dataLength) ?? []
        if !more.isEmpty {
            guard let members = (try? JSONReader.read(more))?.members else {
                throw WyomingFailure(description: "data that is no JSON object")
            }
            data.merge(members) { _, last in last }
        }
        return WyomingEvent(type: type, data: data, payload: buffer.readBytes(length: payloadLength) ?? [])
    }

    private static func length(_ name: String, _ header: [String: JSONValue]) throws(WyomingFailure) -> Int {
        switch header[name] {
        case nil, .null: return 0
        case .integer(let length) where (0...Int64(partLimit)).contains(length): return Int(length)
        default: throw WyomingFailure(description: "\(name) must be 0 to \(partLimit)")
        }
    }
}
