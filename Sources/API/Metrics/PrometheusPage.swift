import Synthesis

/// Text in Prometheus's exposition format 0.0.4.
struct PrometheusPage {
    /// What a value does over time.
    enum Kind: String {
        case counter, gauge, histogram
    }

    /// The samples of one name.
    struct Family {
        let name: String
        fileprivate var lines: [String] = []

        /// A sample with labels, in the order of their names.
        mutating func add(_ labels: [String: String] = [:], _ value: Double) {
            lines.append("\(name)\(PrometheusPage.text(of: labels)) \(PrometheusPage.text(of: value))")
        }
    }

    private(set) var text = ""

    /// A family of samples.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ fill: (inout Family) -> Void) {
        var family = Family(name: name)
        fill(&family)
        write(name, kind, help, family.lines)
    }

    /// A single sample.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        add(name, kind, help) { $0.add([:], value) }
    }

    /// A histogram.
    mutating func add(_ name: String, _ help: String, _ histogram: Histogram) {
        var lines = zip(histogram.bounds, histogram.cumulative).map { bound, count in
            "\(name)_bucket{le=\"\(Self.text(of: bound))\"} \(count)"
        }
        lines.append("\(name)_bucket{le=\"+Inf\"} \(histogram.count)")
        lines.append("\(name)_sum \(Self.text(of: histogram.sum))")
        lines.append("\(name)_count \(histogram.count)")
        write(name, .histogram, help, lines)
    }

    private mutating func write(_ name: String, _ kind: Kind, _ help: String, _ lines: [String]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for line in lines { text += line + "\n" }
    }

    private static func text(of labels: [String: String]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.sorted { $0.key < $1.key }.map { name, value in
            let escaped = value.map { character in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }
            return "\(name)=\"\(escaped.joined())\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func text(of value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
