/// A share of a file's lines: every n-th, so that long and short texts spread evenly.
package struct Shard: Sendable, Equatable, CustomStringConvertible {
    /// 1 to `count`.
    package let number: Int
    /// How many shards the lines are divided among.
    package let count: Int

    /// Everything.
    package static let whole = Shard(number: 1, count: 1)

    private init(number: Int, count: Int) {
        self.number = number
        self.count = count
    }

    /// A shard written `i/n`. Some count from 0 and some from 1, so 0 and n are the same one: either way of counting
    /// gives each of n shards once.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], (1...1_000_000).contains(count),
            (0...count).contains(index)
        else { return nil }
        self.init(number: index == 0 ? count : index, count: count)
    }

    /// Whether a line, counted from 1, belongs to it.
    func contains(line: Int) -> Bool { line % count == number % count }

    /// `i/n`.
    package var description: String { "\(number)/\(count)" }
}
