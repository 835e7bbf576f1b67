package import Files

extension MappedFile {
    /// Maps a file of tables that are accessed at random.
    /// - Returns: nil if there is no regular file at `path`.
    /// - Throws: `TextError.packDamaged` if the file is empty or cannot be read.
    package static func tables(at path: String) throws(TextError) -> MappedFile? {
        do throws(FileError) {
            return try MappedFile(path: path, access: .scattered)
        } catch {
            switch error {
            case .notFound, .notRegular: return nil
            default: throw .packDamaged(path: path, reason: error.reason)
            }
        }
    }

    /// Hash of a range of the file. Checking a section does not make it resident.
    func hash(_ range: Range<Int>) -> UInt64 {
        var hash = PackHash()
        readInPieces(range) { hash.add($0) }
        return hash.value
    }
}
