import StrictJSON

/// The endpoints of the server. A test compares them with the router.
enum OpenAPIEndpoints {
    private typealias Operation = OpenAPIDocument.Operation

    private static let weightsPath = Parameter("weights_path", "", "path of the weights, on the server")
    private static let clipPath = Parameter("refer_audio_path", "", "clip of the voice, 3 to 10 s")
    private static let required: Set<String> = ["text", "text_lang"]

    /// Audio, or with `return_timestamps` audio and timestamps as JSON or events.
    private static let spoken = [OpenAPISchemas.audio, OpenAPISchemas.json, OpenAPISchemas.events]

    /// All endpoints, in the order of the documentation.
    static let all: [OpenAPIDocument.Endpoint] = speech + voices + openAI + operation

    private static let speech: [OpenAPIDocument.Endpoint] = [
        OpenAPIDocument.Endpoint(
            path: "/tts",
            operations: [
                Operation(
                    method: "get", summary: "Speak a text.", query: SpeechParameters.all, required: required,
                    answers: spoken),
                Operation(
                    method: "head", summary: "Check the parameters.", query: SpeechParameters.all,
                    required: required, answers: spoken),
                Operation(
                    method: "post", summary: "Speak a text.", body: SpeechParameters.all, required: required,
                    answers: spoken),
            ]),
        OpenAPIDocument.Endpoint(
            path: "/",
            operations: [
                Operation(
                    method: "get", summary: "A page, or with parameters as /tts.",
                    answers: spoken + [OpenAPISchemas.page]),
                Operation(method: "head", summary: "As GET, without a body."),
                Operation(
                    method: "post", summary: "As POST /tts.", body: SpeechParameters.all, required: required,
                    answers: spoken),
            ]),
    ]

    private static let voices: [OpenAPIDocument.Endpoint] = [
        OpenAPIDocument.Endpoint(
            path: "/set_gpt_weights",
            operations: [
                Operation(
                    method: "get", summary: "Change the text-to-semantic weights.", query: [weightsPath],
                    required: ["weights_path"], answers: [OpenAPISchemas.success])
            ]),
        OpenAPIDocument.Endpoint(
            path: "/set_sovits_weights",
            operations: [
                Operation(
                    method: "get", summary: "Change the SoVITS weights.", query: [weightsPath],
                    required: ["weights_path"], answers: [OpenAPISchemas.success])
            ]),
        OpenAPIDocument.Endpoint(
            path: "/set_refer_audio",
            operations: [
                Operation(
                    method: "get", summary: "Set the clip of requests that name none.", query: [clipPath],
                    required: ["refer_audio_path"], answers: [OpenAPISchemas.success])
            ]),
        OpenAPIDocument.Endpoint(
            path: "/control",
            operations: [
                Operation(
                    method: "get", summary: "Restart or end the server.", query: [ControlRoutes.command],
                    required: ["command"], answers: [OpenAPISchemas.success]),
                Operation(
                    method: "post", summary: "Restart or end the server.", body: [ControlRoutes.command],
                    required: ["command"], answers: [OpenAPISchemas.success]),
            ]),
        OpenAPIDocument.Endpoint(
            path: "/speakers", operations: reading("Names of voices.", OpenAPISchemas.list)),
        OpenAPIDocument.Endpoint(
            path: "/v1/audio/voices",
            operations: reading("All voices.", OpenAPISchemas.voices) + [
                Operation(
                    method: "post", summary: "Add a voice.", otherBodies: [OpenAPISchemas.form],
                    answers: [OpenAPISchemas.voice], status: 201)
            ]),
        OpenAPIDocument.Endpoint(
            path: "/v1/audio/voices/{name}",
            operations: [
                Operation(method: "get", summary: "One voice.", answers: [OpenAPISchemas.voice]),
                Operation(
                    method: "put", summary: "Add or replace a voice.", query: RegistryRoutes.parameters,
                    otherBodies: [OpenAPISchemas.clip], answers: [OpenAPISchemas.voice], status: 201),
                Operation(
                    method: "delete", summary: "Remove a voice.", answers: [OpenAPISchemas.success]),
            ]),
        OpenAPIDocument.Endpoint(
            path: "/v1/audio/similarity",
            operations: [
                Operation(
                    method: "post", summary: "How alike the voices of two clips are.",
                    body: SimilarityRoutes.parameters, required: ["a", "b"],
                    otherBodies: [OpenAPISchemas.clips], answers: [OpenAPISchemas.similarity])
            ]),
    ]

    private static let openAI: [OpenAPIDocument.Endpoint] = [
        OpenAPIDocument.Endpoint(
            path: "/v1/audio/speech",
            operations: [
                Operation(
                    method: "post", summary: "Speak a text, as OpenAI's API.",
                    body: ValidatedOpenAIRequest.parameters,
                    required: ["input", "voice"], answers: [OpenAPISchemas.audio, OpenAPISchemas.events])
            ]),
        OpenAPIDocument.Endpoint(path: "/v1/models", operations: reading("Models and their files.")),
        OpenAPIDocument.Endpoint(path: "/v1/models/{model}", operations: reading("One model.")),
    ]

    private static let operation: [OpenAPIDocument.Endpoint] = [
        OpenAPIDocument.Endpoint(
            path: "/health",
            operations: reading("Whether the server lives, and with which weights.", OpenAPISchemas.health)),
        OpenAPIDocument.Endpoint(
            path: "/ready", operations: reading("Whether it has room.", OpenAPISchemas.status)),
        OpenAPIDocument.Endpoint(
            path: "/metrics", operations: reading("What it did, for Prometheus.", OpenAPISchemas.text)),
        OpenAPIDocument.Endpoint(path: "/slots", operations: reading("What it does.")),
        OpenAPIDocument.Endpoint(path: "/openapi.json", operations: reading("This document.")),
    ]

    /// GET and HEAD.
    private static func reading(
        _ summary: String, _ answer: JSONValue.Member = OpenAPISchemas.json
    ) -> [Operation] {
        ["get", "head"].map { Operation(method: $0, summary: summary, answers: [answer]) }
    }
}
