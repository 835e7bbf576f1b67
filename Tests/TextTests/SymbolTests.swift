import Testing

@testable import Text

@Suite struct SymbolTests {
    @Test func sizesAndOrder() {
        #expect(SymbolTable.v1.symbols.count == 322)
        #expect(SymbolTable.v2.symbols.count == 732)
        #expect(Array(SymbolTable.v2.symbols.prefix(322)) == SymbolTable.v1.symbols)
        // v1's list is sorted by code point.
        let points = SymbolTable.v1.symbols.map { $0.unicodeScalars.map(\.value) }
        #expect(zip(points, points.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }

    @Test func ids() {
        #expect(SymbolTable.v1.id("!") == 0)
        #expect(SymbolTable.v1.id("…") == 321)
        #expect(SymbolTable.v1.id("_") == 95)
        #expect(SymbolTable.v2.id("[") == 322)
        #expect(SymbolTable.v2.id("]") == 323)
        #expect(SymbolTable.v2.id("空") != nil)
        #expect(SymbolTable.v1.id("[") == nil)
        #expect(SymbolTable.v1.symbol(SymbolTable.v1.unknownID) == "UNK")
        #expect(SymbolTable.v2.symbol(-1) == "UNK")
        #expect(SymbolTable.v2.symbol(732) == "UNK")
    }
}
