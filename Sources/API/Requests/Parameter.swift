import StrictJSON

/// One parameter of an endpoint, declared once: GET, POST and the documentation read the same declaration.
struct Parameter<Value: ParameterValue>: AnyParameter {
    let name: String
    /// What it is, in a few words.
    let summary: String
    /// The value where a request has none, with `DefaultSet.classic`.
    let fallback: Value
    /// The same with `DefaultSet.upstream`, where that differs.
    var upstreamFallback: Value?
    /// The values that are accepted; `nil` means all.
    var range: NumericRange?
    /// Whether JSON's `null` means the default. Upstream responds 422; some clients send it.
    var acceptsNull = false

    init(
        _ name: String, _ fallback: Value, _ summary: String, upstream: Value? = nil,
        range: NumericRange? = nil, acceptsNull: Bool = false
    ) {
        self.name = name
        self.summary = summary
        self.fallback = fallback
        self.upstreamFallback = upstream
        self.range = range
        self.acceptsNull = acceptsNull
    }

    /// The value where a request has none.
    func fallback(in defaults: DefaultSet) -> Value {
        defaults == .upstream ? upstreamFallback ?? fallback : fallback
    }

    var typeName: String { Value.typeName }
    var takesList: Bool { Value.self == PathList.self }

    func coerce(_ value: JSONValue) throws(CoercionFailure) -> any ParameterValue { try Value.coerce(value) }

    func documentedFallback(in defaults: DefaultSet) -> String { fallback(in: defaults).documentation }
}

/// A parameter of any type.
protocol AnyParameter: Sendable {
    var name: String { get }
    var summary: String { get }
    var typeName: String { get }
    var range: NumericRange? { get }
    var acceptsNull: Bool { get }
    /// Whether a repeated key in a query string adds to a list; otherwise its last value counts.
    var takesList: Bool { get }
    func coerce(_ value: JSONValue) throws(CoercionFailure) -> any ParameterValue
    func documentedFallback(in defaults: DefaultSet) -> String
}

/// Which defaults a request gets for parameters that it doesn't name.
package enum DefaultSet: String, Sendable, CaseIterable {
    /// The defaults that upstream's API document has long named: `top_k` 5, `text_split_method` `cut0`.
    case classic
    /// The defaults of today's upstream: `top_k` 15, `text_split_method` `cut5`.
    case upstream
}

/// An interval of numbers.
struct NumericRange: Sendable, Equatable, CustomStringConvertible {
    let lower: Double
    /// Whether `lower` itself is outside.
    let excludesLower: Bool
    let upper: Double

    /// `lower` to `upper`, both inside.
    init(_ lower: Double, to upper: Double) {
        self.lower = lower
        self.upper = upper
        excludesLower = false
    }

    /// More than `lower`, up to and with `upper`.
    init(above lower: Double, to upper: Double) {
        self.lower = lower
        self.upper = upper
        excludesLower = true
    }

    func contains(_ value: Double) -> Bool {
        (excludesLower ? value > lower : value >= lower) && value <= upper
    }

    var description: String {
        let ends = (lower.documentation, Int64(exactly: upper).map { String($0) } ?? upper.documentation)
        return excludesLower ? "more than \(ends.0), at most \(ends.1)" : "\(ends.0) to \(ends.1)"
    }
}
