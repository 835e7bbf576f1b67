/// The documentation's table of parameters, made from their declarations.
enum ParameterTable {
    /// A Markdown table of `parameters`.
    static func markdown(_ parameters: [any AnyParameter]) -> String {
        var lines = ["| Parameter | Type | Default | Range | Meaning |", "|---|---|---|---|---|"]
        for parameter in parameters {
            let classic = parameter.documentedFallback(in: .classic)
            let upstream = parameter.documentedFallback(in: .upstream)
            let fallback = classic == upstream ? "`\(classic)`" : "`\(classic)` (upstream: `\(upstream)`)"
            let range = parameter.range.map { $0.description } ?? ""
            let cells = ["`\(parameter.name)`", parameter.typeName, fallback, range, parameter.summary]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }
}
