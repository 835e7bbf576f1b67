/// An anti-aliased Snake activation of sixteen channels: rows are interpolated to twice the rate, activated there
/// (`v = u + inverseBeta · sin²(alpha · u)`), and decimated again. Both filters have `taps` = 12 taps.
package struct SnakeArguments {
    /// Input rows `[rows + 11][16]`: the first belongs five rows before the first output row.
    package var x: Floats
    /// Output rows.
    package var rows: Int
    /// Frequencies and amplitudes of sixteen channels.
    package var alpha: Floats, inverseBeta: Floats
    /// Filters of the interpolation and of the decimation, twelve taps each.
    package var up: Floats, down: Floats
    /// Values at twice the rate that lie before the sequence and behind it: they equal the nearest one inside.
    package var before: Int, behind: Int
    /// `[2 · rows + 11][16]`: the values at twice the rate.
    package var scratch: MutableFloats
    /// `[rows][16]`.
    package var out: MutableFloats

    /// Taps of the filters, which fixes the number of rows around the output's.
    package static let taps = 12

    /// The arguments by name.
    package init(
        x: Floats, rows: Int, alpha: Floats, inverseBeta: Floats, up: Floats, down: Floats, before: Int,
        behind: Int, scratch: MutableFloats, out: MutableFloats
    ) {
        (self.x, self.rows, self.alpha, self.inverseBeta) = (x, rows, alpha, inverseBeta)
        (self.up, self.down, self.before, self.behind) = (up, down, before, behind)
        (self.scratch, self.out) = (scratch, out)
    }
}
