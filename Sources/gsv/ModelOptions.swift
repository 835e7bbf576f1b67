import API
import ArgumentParser

/// Named weights, and how many of them stay in memory.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .customLong("model"),
        help:
            "Weights that requests and voices can name: NAME=GPT,SOVITS (either may be left out) or NAME=FOLDER; may be repeated."
    )
    var models: [String] = []

    @Option(help: "MiB of weights that are kept loaded; what is in use is not dropped.")
    var modelBudget = 4_096

    /// The models, and the budget in bytes.
    func named() throws -> (models: [NamedModel], budgetBytes: Int) {
        guard (0...1 << 20).contains(modelBudget) else {
            throw ValidationError("--model-budget takes 0 to 1048576")
        }
        let named: [NamedModel]
        do {
            named = try models.map { try NamedModel($0) }
        } catch let error as NamedModelError {
            throw ValidationError("--model \(error)")
        }
        let twice = Dictionary(grouping: named, by: \.name).first { $0.value.count > 1 }
        if let twice { throw ValidationError("--model \(twice.key) is given \(twice.value.count) times") }
        return (named, modelBudget << 20)
    }
}
