import StrictJSON

/// Names of the API before `api_v2`, for clients that still use them on `/`.
enum LegacyNames {
    private static let renamed = [
        ("refer_wav_path", "ref_audio_path"), ("prompt_language", "prompt_lang"),
        ("text_language", "text_lang"), ("speed", "speed_factor"),
    ]

    /// `raw` with today's names; what it says under both names keeps today's.
    static func modernized(_ raw: RawParameters) -> RawParameters {
        var raw = raw
        for (old, new) in renamed { raw.rename(old, to: new) }
        // The old API cut the text at the punctuation given here; cut5 does so at all of it.
        if case .string(let punctuation)? = raw.values["cut_punc"], !punctuation.isEmpty,
            raw.values[SpeechParameters.splitMethod.name] == nil
        {
            raw.values[SpeechParameters.splitMethod.name] = .string("cut5")
        }
        return raw
    }
}
