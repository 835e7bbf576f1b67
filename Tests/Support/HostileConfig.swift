import Foundation

/// Configurations with one value at a time replaced by a hostile one.
package enum HostileConfig {
    private static var values: [Any] {
        [
            0, -1, 1, 3, 7, 4_611_686_018_427_387_904, Int.min, 0.5, 1e300, NSNull(), "x", [Any](), [0],
            [-1, 2],
            [4_611_686_018_427_387_904], [String: Any](), true,
        ]
    }

    private static var elements: [Any] { [0, -1, 2, 4_611_686_018_427_387_904, 0.5, "x"] }

    /// Calls `body` with the network under every hostile configuration. Errors for which `isExpected` holds
    /// are swallowed; others are thrown.
    package static func forEach(
        _ network: SyntheticNetwork, expecting isExpected: (any Error) -> Bool,
        _ body: (SyntheticNetwork) throws -> Void
    ) throws {
        let config = try JSONSerialization.jsonObject(with: Data(network.config.utf8))
        for changed in variants(of: config) {
            var copy = network
            copy.config = String(decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
            do {
                try body(copy)
            } catch  where isExpected(error) {
            }
        }
    }

    private static func variants(of value: Any) -> [Any] {
        if let object = value as? [String: Any] {
            return object.keys.sorted().flatMap { key -> [Any] in
                var missing = object
                missing[key] = nil
                return [missing]
                    + variants(of: object[key] ?? 0).map { value in
                        var changed = object
                        changed[key] = value
                        return changed
                    }
            }
        }
        if let list = value as? [Any] {
            let inner = list.indices.flatMap { index in
                (list[index] is [Any] ? variants(of: list[index]) : elements).map { value in
                    var changed = list
                    changed[index] = value
                    return changed as Any
                }
            }
            return values + [list + list, Array(list.dropLast())] + inner
        }
        return values
    }
}
