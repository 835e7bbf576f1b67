import Files
import Foundation
import Text

/// Compiles the weights of g2p_en's network, as `SpellingNetwork` reads them.
struct SpellingSection {
    private let file = "checkpoint20.npz"
    private let bytes: [UInt8]
    private let members: [String: Range<Int>]

    /// Letters and phonemes by the network's numbers; its special tokens come first.
    private static let letterCount = 29
    private static let phones: [String] =
        ["<pad>", "<unk>", "<s>", "</s>"]
            + """
            AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2 ER0 ER1 \
            ER2 EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH UH0 \
            UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH
            """.split(separator: " ").map(String.init)
    private static let hidden = 256

    init(sources: SourceFolder) throws {
        let file = file
        let bytes = try sources.bytes("g2p_en", file)
        members = try bytes.withUnsafeBytes {
            try ZipDirectory($0, path: file, throwing: SourceError.self).members
        }
        self.bytes = bytes
    }

    /// The section; the network's phonemes have the dictionaries' numbers.
    func section(_ phones: inout OrderedPhones) throws -> SectionBuilder {
        var section = SectionBuilder()
        try add("enc", inputs: Self.letterCount, to: &section)
        try add("dec", inputs: Self.phones.count, to: &section)
        section.add(try array("fc_w", [Self.phones.count, Self.hidden]))
        var bias = try array("fc_b", [Self.phones.count])
        while bias.count % 16 != 0 { bias.append(0) }
        section.add(bias)
        section.add(phones.numbers(of: Self.phones))
        return section
    }

    /// One GRU: a table W_i x + b_i over all inputs, W_h by columns, b_h.
    private func add(_ name: String, inputs: Int, to section: inout SectionBuilder) throws {
        let (hidden, rows) = (Self.hidden, 3 * Self.hidden)
        let embedding = try array("\(name)_emb", [inputs, hidden])
        let weights = try array("\(name)_w_ih", [rows, hidden])
        let bias = try array("\(name)_b_ih", [rows])
        var table: [Float] = []
        for input in 0..<inputs {
            for row in 0..<rows {
                var sum = 0.0
                for column in 0..<hidden {
                    sum += Double(embedding[input * hidden + column]) * Double(weights[row * hidden + column])
                }
                table.append(Float(sum) + bias[row])
            }
        }
        let recurrent = try array("\(name)_w_hh", [rows, hidden])
        section.add(table)
        for column in 0..<hidden { section.add((0..<rows).map { recurrent[$0 * hidden + column] }) }
        section.add(try array("\(name)_b_hh", [rows]))
    }

    /// An array of the archive (numpy's format 1.0, little-endian single precision, by rows).
    private func array(_ name: String, _ shape: [Int]) throws -> [Float] {
        let count = shape.reduce(1, *)
        let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        guard let bytes = members["\(name).npy"].map({ Array(bytes[$0]) }),
            bytes.starts(with: [0x93] + Array("NUMPY\u{1}\u{0}".utf8)),
            bytes.count > 10
        else { throw SourceError(file: file, reason: "no array \(name)") }
        let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
        let header = String(decoding: bytes[10..<min(start, bytes.count)], as: UTF8.self)
        guard header.contains("'<f4'"), header.contains("'fortran_order': False"),
            header.contains("(\(dimensions))"), bytes.count == start + 4 * count
        else { throw SourceError(file: file, reason: "\(name) is not as expected: \(header)") }
        return bytes.withUnsafeBytes { raw in
            (0..<count).map {
                Float(
                    bitPattern: UInt32(
                        littleEndian: raw.loadUnaligned(fromByteOffset: start + 4 * $0, as: UInt32.self)))
            }
        }
    }
}

extension SectionBuilder {
    mutating func add(_ floats: [Float]) {
        for float in floats { add(float.bitPattern) }
    }
}
