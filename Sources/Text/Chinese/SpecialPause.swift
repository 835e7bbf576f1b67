/// The two characters that denote a special pause in Chinese.
enum SpecialPause {
    /// Searched for in this order; the first found decides.
    static let all: [(character: CodePoint, symbol: String)] = [(0xFFE5, "SP2"), (0x5E, "SP3")]
}
