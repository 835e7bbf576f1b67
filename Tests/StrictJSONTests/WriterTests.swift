import StrictJSON
import Testing

@Suite struct WriterTests {
    private let value = JSONValue.object([
        .init("a\"\\\n\u{1}\u{2028}", .array([.null, .bool(true), .integer(-5), .number(2.5)])),
        .init("é😀", .string("\t")), .init("inf", .number(.infinity)), .init("nan", .number(.nan)),
    ])

    @Test func onOneLine() {
        #expect(
            JSONWriter.text(of: value, escaping: .careful)
                == #"{"a\"\\\n\u0001\u2028":[null,true,-5,2.5],"é😀":"\t","inf":null,"nan":null}"#)
        #expect(JSONWriter.text(of: .string("\u{7F}\u{2029}\r"), escaping: .careful) == #""\u007f\u2029\r""#)
        #expect(JSONWriter.text(of: .string("\u{7F}\u{2029}\r")) == "\"\u{7F}\u{2029}\\r\"")
    }

    @Test func overSeveralLines() {
        let nested = JSONValue.object([
            .init("plain", .array([.integer(1), .integer(2)])), .init("none", .array([])),
            .init("deep", .array([.object([.init("a", .number(1))]), .object([])])),
        ])
        #expect(
            JSONWriter.text(of: nested, indent: 2) == """
                {
                  "plain": [1,2],
                  "none": [],
                  "deep": [
                    {
                      "a": 1.0
                    },
                    {}
                  ]
                }
                """)
    }

    @Test func writingAndReadingBack() throws {
        let value = JSONValue.object([
            .init("text", .string("\u{0}\u{1F}\t\"\\/ü漢😀\u{7F}\u{2028}")), .init("small", .number(1e-9)),
            .init("third", .number(1.0 / 3)), .init("whole", .number(32_768)), .init("large", .number(1e300)),
            .init("list", .array([.array([]), .object([])])), .init("int", .integer(.min)),
        ])
        for escaping in [JSONWriter.Escaping.necessary, .careful] {
            for indent in [nil, 0, 2] {
                let text = JSONWriter.text(of: value, indent: indent, escaping: escaping)
                #expect(try JSONReader.read(Array(text.utf8)) == value)
            }
        }
    }

    @Test func codePoints() {
        var writer = JSONWriter()
        writer.string([0x41, 0xD800, 0xDFFF, 0x22, 0x1F600, 0x110000])
        writer.raw(",")
        writer.string("ü")
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #""A\ud800\udfff\"😀","ü""#)
    }
}
