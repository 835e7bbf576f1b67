import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON

/// Reads the JSON object in the body of a POST. Its errors have FastAPI's shape.
enum JSONBody {
    /// The parameters in the body of `request`.
    ///
    /// A body without a content type is taken for JSON, as upstream does; of another type, it is refused.
    ///
    /// - Parameter limit: Size in bytes above which the response is 413.
    static func read(_ request: Request, limit: Int) async throws -> RawParameters {
        let bytes = try await bytes(of: request, limit: limit)
        guard !bytes.isEmpty else {
            throw RequestIssue.unprocessable([
                RequestIssue(
                    type: "missing", location: [.string("body")], message: "Field required", input: .null)
            ])
        }
        guard isJSON(request.headers[.contentType]) else {
            throw notAnObject(.string(String(decoding: bytes, as: UTF8.self)))
        }
        let value: JSONValue
        do {
            value = try JSONReader.read(bytes, options: options)
        } catch {
            throw RequestIssue.unprocessable([
                RequestIssue(
                    type: "json_invalid", location: [.string("body"), .integer(Int64(error.offset))],
                    message: "JSON decode error", input: .object([]),
                    context: .object([JSONValue.Member("error", .string(error.fastAPIText))]))
            ])
        }
        guard let members = value.members else { throw notAnObject(value) }
        return RawParameters(body: members)
    }

    /// The body of `request`.
    ///
    /// - Throws: 413 above `limit` bytes.
    static func bytes(of request: Request, limit: Int) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw tooLarge(limit: limit)
        }
        do {
            return try await request.body.collect(upTo: limit).copiedBytes
        } catch is NIOTooManyBytesError {
            throw tooLarge(limit: limit)
        }
    }

    /// As Python's json: the last of duplicate members counts, and integers have any size.
    static let options: JSONOptions = {
        var options = JSONOptions()
        options.duplicateNames = .kept
        options.largeIntegers = .rounded
        options.allowsByteOrderMark = true
        return options
    }()

    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return true }
        let essence = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard essence.hasPrefix("application/") else { return false }
        return essence == "application/json" || essence.hasSuffix("+json")
    }

    private static func notAnObject(_ input: JSONValue) -> APIError {
        RequestIssue.unprocessable([
            RequestIssue(
                type: "model_attributes_type", location: [.string("body")],
                message: "Input should be a valid dictionary or object to extract fields from", input: input)
        ])
    }

    private static func tooLarge(limit: Int) -> APIError {
        APIError(
            status: .contentTooLarge, code: .bodyTooLarge,
            message: "the body is larger than \(limit) bytes, the most that this server accepts")
    }
}
