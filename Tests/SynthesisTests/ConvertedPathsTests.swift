import Checkpoint
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

    /// Two networks of one stem: each is converted to a file of its own, and each finds its own.
    @Test func filesOfOneStemDoNotCollide() throws {
        let place = try TemporaryPlace()
        let (gpt, soVITS) = (place.path + "/default.ckpt", place.path + "/default.pth")
        #expect(ConvertedFile.output(for: soVITS) == place.path + "/default.safetensors")
        for path in [gpt, soVITS] { try Data().write(to: URL(fileURLWithPath: path)) }
        #expect(ConvertedFile.output(for: gpt) == gpt + ".safetensors")
        #expect(ConvertedFile.output(for: soVITS) == soVITS + ".safetensors")
        let paths = VoicePaths(textToSemantic: gpt, soVITS: soVITS, huBERT: "", bert: "")

        // One file under the old name belongs to the network that it holds.
        try SyntheticNetwork.soVITS("v2").write(to: place.path + "/default.safetensors")
        #expect(paths.preferringConverted().soVITS == place.path + "/default.safetensors")
        #expect(paths.preferringConverted().textToSemantic == gpt)

        // Under names of their own.
        try SyntheticNetwork.soVITS("v2").write(to: soVITS + ".safetensors")
        try SyntheticNetwork.textToSemantic("v2").write(to: gpt + ".safetensors")
        #expect(paths.preferringConverted().textToSemantic == gpt + ".safetensors")
        #expect(paths.preferringConverted().soVITS == soVITS + ".safetensors")
        #expect(VoicePaths.convertedFile(for: gpt) == gpt + ".safetensors")
    }

    /// Which versions a folder has, by the files that it has.
    @Test func versionsOfAFolder() throws {
        let place = try TemporaryPlace()
        #expect(VoicePaths.versions(in: place.path) == [])
        func add(_ name: String) throws {
            let url = URL(fileURLWithPath: place.path + "/" + name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: url)
        }
        try add("s1v3.ckpt")
        #expect(VoicePaths.versions(in: place.path) == [])
        try add("v2Pro/s2Gv2ProPlus.pth")
        #expect(VoicePaths.versions(in: place.path) == ["v2ProPlus"])
        try add("gsv-v4-pretrained/s2Gv4.pth")
        try add("s2G488k.pth")
        #expect(VoicePaths.versions(in: place.path) == ["v4", "v2ProPlus"])
        try add("s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt")
        #expect(VoicePaths.versions(in: place.path) == ["v1", "v4", "v2ProPlus"])
        #expect(VoicePaths.pretrained(in: "x", version: "v5") == nil)
    }
}
