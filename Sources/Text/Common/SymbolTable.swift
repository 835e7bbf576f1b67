/// Which symbol list a voice was trained with.
///
/// v1 voices know 322 symbols and the languages zh, ja, en; v2 and everything after it 732 symbols and ko, yue too.
package enum SymbolVersion: String, Sendable, CaseIterable {
    case v1
    case v2
}

/// The phonemes a voice knows, and their ids.
package struct SymbolTable: Sendable {
    /// The symbols in id order: 322 for v1, 732 for v2.
    package let symbols: [String]
    private let idOfSymbol: [String: Int]

    /// Id of `UNK`, what every unknown phoneme becomes.
    package let unknownID: Int

    /// Table of symbol list `v1`.
    package static let v1 = SymbolTable(listing: SymbolData.v1)
    /// Table of symbol list `v2`; its first 322 ids are those of `v1`.
    package static let v2 = SymbolTable(listing: SymbolData.v1 + " " + SymbolData.addedInV2)

    private init(listing: String) {
        symbols = listing.split(separator: " ").map(String.init)
        idOfSymbol = Dictionary(uniqueKeysWithValues: zip(symbols, 0...))
        unknownID = idOfSymbol["UNK"] ?? 0
    }

    /// The table of a version.
    package static func table(_ version: SymbolVersion) -> SymbolTable {
        version == .v1 ? v1 : v2
    }

    /// Id of a symbol, or nil if the version does not know it.
    package func id(_ symbol: String) -> Int? {
        idOfSymbol[symbol]
    }

    /// Symbol of an id, `UNK` for an id outside the table.
    package func symbol(_ id: Int) -> String {
        symbols.indices.contains(id) ? symbols[id] : "UNK"
    }
}
