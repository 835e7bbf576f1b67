import Text

/// Symbols to ids by the front end's own tables.
enum PhoneTable {
    static func id(_ symbol: String, version: String) -> Int {
        let table = SymbolTable.table(version == "v1" ? .v1 : .v2)
        return table.id(symbol) ?? table.unknownID
    }
}
