import Text

/// Tables of the g2pW path: simplified to Taiwan traditional, and the characters with several readings.
struct TaiwanSections {
    let sources: SourceFolder

    func compile() throws -> [(String, SectionBuilder)] { [] }
}
