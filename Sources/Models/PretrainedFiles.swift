/// Files beside a voice's own that voices of some versions need, in a folder laid out like upstream's
/// `GPT_SoVITS/pretrained_models`. A file is looked for when a voice needs it, not before.
package struct PretrainedFiles: Sendable, Equatable {
    /// The folder.
    package var folder: String

    /// The files in `folder`.
    package init(folder: String = "GPT_SoVITS/pretrained_models") { self.folder = folder }

    /// ERes2NetV2, which v2Pro and v2ProPlus take a speaker embedding from.
    package var speakerVerification: String { folder + "/sv/pretrained_eres2netv2w24s4ep4.ckpt" }

    /// The folder of BigVGAN, the vocoder of v3.
    package var bigVGAN: String { folder + "/models--nvidia--bigvgan_v2_24khz_100band_256x" }

    /// The vocoder of v4.
    package var v4Vocoder: String { folder + "/gsv-v4-pretrained/vocoder.pth" }

    /// The models that LoRA files of v3 and v4 change.
    package var v3Base: String { folder + "/s2Gv3.pth" }
    package var v4Base: String { folder + "/gsv-v4-pretrained/s2Gv4.pth" }

    /// Folders that AP-BWE, which extends v3's 24 kHz to 48 kHz, is looked for in.
    package var bandwidthExtension: [String] { [folder + "/24kto48k", "tools/AP_BWE_main/24kto48k"] }
}
