import StrictJSON

/// Names of the API before `api_v2`, and of adapters in front of it, for clients that use them on `/`.
enum LegacyNames {
    private static let renamed = [
        ("refer_wav_path", "ref_audio_path"), ("prompt_language", "prompt_lang"),
        ("text_language", "text_lang"), ("speed", "speed_factor"), ("inp_refs", "aux_ref_audio_paths"),
        // SillyTavern's adapter names the voice and leaves the rest to the server.
        ("target_voice", "voice"),
    ]
    /// Languages as people read them, which the old API took too.
    private static let languages = [
        "中文": "all_zh", "粤语": "all_yue", "英文": "en", "日文": "all_ja", "韩文": "all_ko", "中英混合": "zh",
        "粤英混合": "yue", "日英混合": "ja", "韩英混合": "ko", "多语种混合": "auto", "多语种混合(粤语)": "auto_yue",
    ]

    /// `raw` with today's names; what it says under both names keeps today's.
    static func modernized(_ raw: RawParameters) -> RawParameters {
        var raw = raw
        for (old, new) in renamed { raw.rename(old, to: new) }
        for name in [SpeechParameters.textLanguage.name, SpeechParameters.promptLanguage.name] {
            if case .string(let language)? = raw.values[name], let code = languages[language] {
                raw.values[name] = .string(code)
            }
        }
        if raw.values[SpeechParameters.mediaType.name] == .string("auto") {
            raw.values[SpeechParameters.mediaType.name] = nil
        }
        // The old API cut the text at the punctuation given here; cut5 does so at all of it.
        if case .string(let punctuation)? = raw.values["cut_punc"], !punctuation.isEmpty,
            raw.values[SpeechParameters.splitMethod.name] == nil
        {
            raw.values[SpeechParameters.splitMethod.name] = .string("cut5")
        }
        return raw
    }
}
