import Foundation

extension TextRepair {
    /// Latin letters with marks as the letters alone, combining marks left out: the front end knows no others.
    static func accents(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard line.contains(where: { ($0 >= 0xC0 && Letters.isLatin($0)) || ($0 >= 0x300 && $0 <= 0x36F) })
        else { return line }
        var result: [CodePoint] = []
        for point in line {
            if point >= 0x300 && point <= 0x36F { continue }
            guard point >= 0xC0, Letters.isLatin(point), let scalar = Unicode.Scalar(point) else {
                result.append(point)
                continue
            }
            if let plain = special[point] {
                result += Array(plain)
            } else {
                let decomposed = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.map(
                    \.value)
                result += decomposed.filter { $0 < 0x300 || $0 > 0x36F }
            }
        }
        return result
    }

    /// Letters that do not decompose.
    private static let special: [CodePoint: String] = [
        0xC6: "AE", 0xE6: "ae", 0xD8: "O", 0xF8: "o", 0xDF: "ss", 0x1E9E: "SS", 0xD0: "D", 0xF0: "d",
        0xDE: "Th", 0xFE: "th",
        0x110: "D", 0x111: "d", 0x126: "H", 0x127: "h", 0x131: "i", 0x138: "k", 0x141: "L", 0x142: "l",
        0x14A: "N", 0x14B: "n",
        0x152: "OE", 0x153: "oe", 0x166: "T", 0x167: "t", 0x192: "f",
    ]
}
