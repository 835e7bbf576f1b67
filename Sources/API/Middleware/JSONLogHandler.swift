import Foundation
package import Logging
import StrictJSON

/// Writes the log as JSON, an object a line: `time`, `level`, `message`, and what belongs to it by name.
package struct JSONLogHandler: LogHandler {
    /// The lowest level that is written.
    package var logLevel = Logger.Level.info
    /// What every line says.
    package var metadata: Logger.Metadata = [:]
    private let write: @Sendable (String) -> Void

    /// - Parameter write: gets each line, with its end; by default it goes to standard error.
    package init(write: (@Sendable (String) -> Void)? = nil) {
        self.write = write ?? { FileHandle.standardError.write(Data($0.utf8)) }
    }

    /// A value that every line says.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line.
    package func log(event: LogEvent) {
        var members = [
            JSONValue.Member("time", .string(Date().ISO8601Format(Self.time))),
            JSONValue.Member("level", .string(event.level.rawValue)),
            JSONValue.Member("message", .string(event.message.description)),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            // Hummingbird's name of the request's id.
            let name = name == "hb.request.id" ? "request_id" : name
            members.append(JSONValue.Member(name, Self.json(value)))
        }
        write(JSONWriter.text(of: .object(members), escaping: .careful) + "\n")
    }

    private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func json(_ value: Logger.MetadataValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string(value.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let values):
            .object(values.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, json($0.value)) })
        }
    }
}
