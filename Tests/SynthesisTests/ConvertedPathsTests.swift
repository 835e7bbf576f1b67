import Foundation
import Synthesis
import TestSupport
import Testing

/// Converted files are found beside their originals and in place of them.
@Suite struct ConvertedPathsTests {
    @Test func convertedFilesAreFound() throws {
        let place = try TemporaryPlace()
        let original = place.path + "/s1.v2.ckpt"
        let converted = place.path + "/s1.v2.safetensors"
        let paths = VoicePaths(
            textToSemantic: original, soVITS: place.path + "/s2.pth", huBERT: place.path, bert: place.path)
        #expect(paths.preferringConverted() == paths)
        // Instead of the original.
        try Data().write(to: URL(fileURLWithPath: converted))
        #expect(paths.preferringConverted().textToSemantic == converted)
        #expect(paths.preferringConverted().soVITS == paths.soVITS)
        // Beside it.
        try Data().write(to: URL(fileURLWithPath: original))
        func date(_ path: String, _ seconds: Double) throws {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
        }
        try date(original, 1000)
        try date(converted, 2000)
        #expect(paths.preferringConverted().textToSemantic == converted)
        #expect(VoicePaths.convertedFile(for: converted) == converted)
        // Older than the original: made of another.
        try date(original, 3000)
        #expect(paths.preferringConverted() == paths)
    }
}
