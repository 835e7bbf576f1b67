/// The parameters of `/tts`.
enum SpeechParameters {
    static let text = Parameter("text", "", "what to say; required")
    static let textLanguage = Parameter("text_lang", "", "language of the text; required")
    static let reference = Parameter(
        "ref_audio_path", "",
        "clip of the voice, 3 to 10 s, a path on the server or the name of a voice; required unless `voice` is given or "
            + "`/set_refer_audio` has set one")
    static let voice = Parameter(
        "voice", "",
        "a voice of the server's, see `/v1/audio/voices`: its clip, its text and language, its weights",
        acceptsNull: true)
    static let model = Parameter(
        "model", "",
        "a model of the server's, see `/v1/models`, instead of the weights that the voice or the server has",
        acceptsNull: true)
    static let auxiliaryReferences = Parameter(
        "aux_ref_audio_paths", PathList(paths: []), "further clips whose tone is averaged in",
        acceptsNull: true)
    static let promptLanguage = Parameter(
        "prompt_lang", "", "language of the reference clip; required unless a voice is named")
    static let promptText = Parameter("prompt_text", "", "what the reference clip says", acceptsNull: true)
    static let topK = Parameter<Int64>(
        "top_k", 5, "sampling: candidates kept", upstream: 15, range: NumericRange(1, to: 1_000_000))
    static let topP = Parameter<Double>(
        "top_p", 1, "sampling: probability mass kept", range: NumericRange(above: 0, to: 1))
    static let temperature = Parameter<Double>(
        "temperature", 1, "sampling: 0 always takes the likeliest", range: NumericRange(0, to: 100))
    static let splitMethod = Parameter(
        "text_split_method", "cut0", "how the text is cut into pieces: `cut0` to `cut5`", upstream: "cut5")
    static let textRules = Parameter(
        "text_rules", "",
        "`careful` writes out what upstream's front end loses or misreads, `upstream` leaves the text as it is; what the server was "
            + "started with if not given", acceptsNull: true)
    static let batchSize = Parameter<Int64>(
        "batch_size", 1, "pieces spoken together", range: NumericRange(1, to: 1000))
    static let batchThreshold = Parameter<Double>(
        "batch_threshold", 0.75, "how alike in length the pieces of a batch must be",
        range: NumericRange(0, to: 1))
    static let splitBucket = Parameter(
        "split_bucket", true, "sort pieces by length before batching")
    static let speedFactor = Parameter<Double>(
        "speed_factor", 1, "speaking rate", range: NumericRange(0.1, to: 10))
    static let fragmentInterval = Parameter<Double>(
        "fragment_interval", 0.3, "silence after each piece in seconds", range: NumericRange(0, to: 60))
    static let seed = Parameter<Int64>(
        "seed", -1, "seed of the sampling; -1 draws one", range: NumericRange(-1, to: 4_294_967_295))
    static let mediaType = Parameter(
        "media_type", "wav",
        "`wav`, `raw` (16-bit PCM without a header), `ogg`, `aac`, `mp3`, `opus` or `flac`")
    static let streamingMode = Parameter(
        "streaming_mode", StreamingMode(number: 0),
        "0 or false: one response; 1 or true: each batch of pieces as soon as it is spoken; 2: parts of a sentence, cut "
            + "where it is quiet; 3: parts of a fixed length", acceptsNull: true)
    static let parallelInference = Parameter(
        "parallel_infer", true, "decode the pieces of a batch side by side")
    static let repetitionPenalty = Parameter<Double>(
        "repetition_penalty", 1.35, "sampling: penalty of repeated tokens",
        range: NumericRange(0.01, to: 100))
    static let sampleSteps = Parameter<Int64>(
        "sample_steps", 32,
        "steps of the flow in v3 and v4, which take time in proportion; 8 is often enough",
        range: NumericRange(1, to: 1000))
    static let superSampling = Parameter(
        "super_sampling", false,
        "extends v3's 24 kHz to 48 kHz where AP-BWE is there; no effect on other versions")
    static let overlapLength = Parameter<Int64>(
        "overlap_length", 2, "streaming modes 2 and 3: tokens (40 ms each) over which parts are cross-faded",
        range: NumericRange(0, to: 1000))
    static let minimumChunkLength = Parameter<Int64>(
        "min_chunk_length", 16,
        "streaming modes 2 and 3: tokens (40 ms each) of a part, at least; not less than `overlap_length`",
        range: NumericRange(1, to: 1000))

    static let timestamps = Parameter(
        "return_timestamps", false,
        "respond with JSON, or in a stream with server-sent events, that say which sentence is spoken when")

    static let granularity = Parameter(
        "timestamp_granularity", "sentence",
        "`sentence`, or `word` for the places of words too, which are estimates")

    /// All of them, in the order of the documentation.
    static let all: [any AnyParameter] = [
        text, textLanguage, reference, auxiliaryReferences, promptLanguage, promptText, topK, topP,
        temperature,
        splitMethod, batchSize, batchThreshold, splitBucket, speedFactor, fragmentInterval, seed, mediaType,
        streamingMode, parallelInference, repetitionPenalty, sampleSteps, superSampling, overlapLength,
        minimumChunkLength, voice, model, textRules, timestamps, granularity,
    ]
}
