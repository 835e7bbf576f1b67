import StrictJSON

extension Int64: ParameterValue {
    static let typeName = "int"

    static func coerce(_ value: JSONValue) throws(CoercionFailure) -> Int64 {
        switch value {
        case .integer(let number): return number
        case .bool(let flag): return flag ? 1 : 0
        case .number(let number):
            guard number == number.rounded(.towardZero) else {
                throw CoercionFailure(
                    "int_from_float", "Input should be a valid integer, got a number with a fractional part")
            }
            guard let whole = Int64(exactly: number) else { throw tooLarge }
            return whole
        case .string(let text): return try coerce(text: text)
        case .null, .array, .object:
            throw CoercionFailure("int_type", "Input should be a valid integer")
        }
    }

    /// `5`, ` +5 `, `-5` and `5.000` are integers; `5.5`, `5e3`, `0x5` and the empty text are not.
    private static func coerce(text: String) throws(CoercionFailure) -> Int64 {
        guard let number = DecimalText(text), !number.hasExponent, number.fractionIsZero else {
            throw CoercionFailure(
                "int_parsing", "Input should be a valid integer, unable to parse string as an integer")
        }
        guard let whole = Int64(number.wholePart) else { throw tooLarge }
        return whole
    }

    private static var tooLarge: CoercionFailure {
        CoercionFailure(
            "int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size")
    }

    var documentation: String { String(self) }
    var magnitudeForRange: Double? { Double(self) }
}

extension Double: ParameterValue {
    static let typeName = "float"

    static func coerce(_ value: JSONValue) throws(CoercionFailure) -> Double {
        switch value {
        case .integer(let number): return Double(number)
        case .number(let number): return number
        case .bool(let flag): return flag ? 1 : 0
        case .string(let text): return try coerce(text: text)
        case .null, .array, .object:
            throw CoercionFailure("float_type", "Input should be a valid number")
        }
    }

    /// Decimal notation only: Swift's own conversion would take `0x1p3`.
    ///
    /// `nan` and `inf` pass upstream's parser and break its sampler, so they are refused here.
    private static func coerce(text: String) throws(CoercionFailure) -> Double {
        let word = text.lowercased().drop { $0 == "+" || $0 == "-" }
        guard !["nan", "inf", "infinity"].contains(word) else { throw notFinite }
        guard let number = DecimalText(text), let value = Double(number.text) else {
            throw CoercionFailure(
                "float_parsing", "Input should be a valid number, unable to parse string as a number")
        }
        guard value.isFinite else { throw notFinite }
        return value
    }

    private static var notFinite: CoercionFailure {
        CoercionFailure("finite_number", "Input should be a finite number")
    }

    var documentation: String { self == rounded() && abs(self) < 1e6 ? String(Int(self)) : String(self) }
    // What is zero for the engine, as 1e-60, is zero here; else a bound such as 0.01 itself would be outside.
    var magnitudeForRange: Double? { Float(self) == 0 ? 0 : self }
}
