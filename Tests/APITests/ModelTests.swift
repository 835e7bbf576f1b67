import Foundation
import HTTPTypes
import StrictJSON
import Synthesis
import Testing

@testable import API

/// Weights that requests and voices ask for by name, and which clips' features may be kept.
@Suite struct ModelTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func options() throws -> ServerOptions {
        for name in ["g.ckpt", "s.pth", "other.ckpt"] { try folder.write("weights/\(name)", "x") }
        var options = ServerOptions(voicesFolder: folder.path + "/voices")
        let weights = folder.path + "/weights"
        options.models = [
            try NamedModel("anna=\(weights)/g.ckpt,\(weights)/s.pth"),
            try NamedModel("half=\(weights)/other.ckpt,"),
        ]
        return options
    }

    private var anna: VoiceWeights {
        let weights = folder.path + "/weights"
        return VoiceWeights(textToSemantic: weights + "/g.ckpt", soVITS: weights + "/s.pth")
    }

    @Test func aRequestNamesAModel() async throws {
        let engine = FakeEngine(version: "v1", languages: ["en", "zh"])
        let options = try options()
        try folder.addVoice("voices/own", settings: "gpt_weights: own.ckpt\n")
        try folder.addVoice("voices/named", settings: "model: half\n")
        try folder.addVoice("voices/lost", settings: "model: nowhere\n")
        try await withRouter(engine, options) { client async throws in
            let query = "/tts?text=a&text_lang=en"
            #expect(try await client.get("\(query)&voice=own&model=anna").status == 200)
            #expect(engine.lastRequest?.weights == anna)
            #expect(try await client.get("\(query)&voice=own").status == 200)
            #expect(engine.lastRequest?.weights?.textToSemantic == folder.path + "/voices/own/own.ckpt")
            #expect(try await client.get("\(query)&voice=named").status == 200)
            #expect(engine.lastRequest?.weights?.textToSemantic == folder.path + "/weights/other.ckpt")
            #expect(engine.lastRequest?.weights?.soVITS == nil)
            // Names of OpenAI's mean what there is.
            #expect(try await client.get("\(query)&voice=named&model=tts-1").status == 200)
            #expect(engine.lastRequest?.weights?.textToSemantic == folder.path + "/weights/other.ckpt")
            // What other SoVITS weights speak, the engine knows.
            #expect(try await client.get("/tts?text=a&text_lang=ko&voice=own").status == 400)
            #expect(try await client.get("/tts?text=a&text_lang=ko&voice=own&model=anna").status == 200)
            for uri in ["\(query)&voice=own&model=bob", "\(query)&voice=lost"] {
                let answer = try await client.get(uri)
                #expect(answer.status == 400)
                #expect(answer.code == "unknown_model", "\(answer.text)")
            }
        }
    }

    @Test func openAIsRequestsNameModels() async throws {
        let engine = FakeEngine()
        let options = try options()
        try folder.addVoice("voices/own", settings: "gpt_weights: own.ckpt\n")
        try await withRouter(engine, options) { client async throws in
            for (model, weights) in [
                ("anna", anna.textToSemantic), ("tts-1", folder.path + "/voices/own/own.ckpt"),
                ("whatever-a-client-has", folder.path + "/voices/own/own.ckpt"),
            ] {
                let answer = try await client.post(
                    "/v1/audio/speech",
                    #"{"input":"a","voice":"own","model":"\#(model)","response_format":"wav"}"#)
                #expect(answer.status == 200)
                #expect(engine.lastRequest?.weights?.textToSemantic == weights, "\(model)")
            }
            let list = try await client.get("/v1/models")
            guard case .array(let models)? = list.json["data"] else {
                Issue.record("\(list.text)")
                return
            }
            let names = models.map { $0.members?["id"] }
            #expect(names.contains(.string("anna")) && names.contains(.string("half")))
            #expect(names.contains(.string("tts-1")))
            #expect(try await client.get("/v1/models/half").string("id") == "half")
            #expect(try await client.get("/v1/models/bob").status == 404)
        }
    }

    @Test func argumentsNameFilesOrAFolder() throws {
        for name in [
            "a/x-e15.ckpt", "a/x_e8.pth", "b/1.ckpt", "b/2.ckpt", "b/3.pth", "c=d.ckpt",
            // As a Mac leaves them, and as other systems write extensions.
            "a/._x-e15.ckpt", "a/._x_e8.pth", "a/.DS_Store", "d/X.CKPT", "d/X.PTH",
        ] { try folder.write(name, "x") }
        #expect(try NamedModel("x=\(folder.path)/d").weights.soVITS == folder.path + "/d/X.PTH")
        #expect(
            try NamedModel("x=\(folder.path)/a").weights
                == VoiceWeights(
                    textToSemantic: folder.path + "/a/x-e15.ckpt", soVITS: folder.path + "/a/x_e8.pth"))
        #expect(
            try NamedModel("x=\(folder.path)/c=d.ckpt,").weights.textToSemantic == folder.path + "/c=d.ckpt")
        for wrong in [
            "x", "=a,b", "x=", "x=,", "x=a,b,c", "x=/nowhere.ckpt,", "x=\(folder.path)/b", "x/y=,",
            "tts-1=\(folder.path)/a", "gsv=\(folder.path)/a",
        ] {
            #expect(throws: NamedModelError.self, "\(wrong)") { try NamedModel(wrong) }
        }
    }

    /// Which weights speak is told without their folders.
    @Test func loadedFilesAreNamed() async throws {
        let options = try options()
        try await withRouter(FakeEngine(version: "v2ProPlus"), options) { client async throws in
            let health = try await client.get("/health")
            #expect(health.string("status") == "ok")
            #expect(health.string("model_version") == "v2ProPlus")
            #expect(
                health.string("gpt_weights") == "gpt.ckpt" && health.string("sovits_weights") == "sovits.pth")
            let own = try await client.get("/v1/models/tts-1")
            #expect(
                own.string("model_version") == "v2ProPlus" && own.string("sovits_weights") == "sovits.pth")
            let named = try await client.get("/v1/models/half")
            #expect(named.string("gpt_weights") == "other.ckpt" && named.string("sovits_weights") == nil)
            let metrics = try await client.get("/metrics").text
            #expect(
                metrics.contains(
                    "gsv_model_info{gpt_weights=\"gpt.ckpt\",model_version=\"v2ProPlus\",sovits_weights=\"sovits.pth\"} 1"
                ))
        }
    }

    /// Beside clips of the registry, and nowhere else.
    @Test func onlyVoicesKeepFeatures() async throws {
        let engine = FakeEngine()
        try folder.addVoice("voices/anna", settings: "aux_refs: [b.wav]\n")
        try folder.write("clip.wav", ScratchFolder.clip(seconds: 4))
        var options = ServerOptions(voicesFolder: folder.path + "/voices")
        let place = folder.path + "/voices/anna/"
        try await withRouter(engine, options) { client async throws in
            #expect(try await client.get("/tts?text=a&text_lang=en&voice=anna").status == 200)
            #expect(engine.lastRequest?.keptReferences == [place + "ref.wav", place + "b.wav"])
            let clip = "/tts?text=a&text_lang=en&prompt_lang=en&ref_audio_path=\(folder.path)/clip.wav"
            #expect(try await client.get(clip).status == 200)
            #expect(engine.lastRequest?.keptReferences == [])
        }
        options.keepsReferenceFeatures = false
        try await withRouter(engine, options) { client async throws in
            #expect(try await client.get("/tts?text=a&text_lang=en&voice=anna").status == 200)
            #expect(engine.lastRequest?.keptReferences == [])
        }
    }
}
