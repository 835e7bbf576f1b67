package import Tensor

/// Features → mel spectrogram, by following the velocity from noise in equal steps (Euler's method).
///
/// PyTorch: upstream's `CFM.inference`.
package struct FlowMatchingDecoder: Sendable {
    /// The velocity.
    package let estimator: DiffusionTransformer

    /// What a flow starts from.
    package struct Input {
        /// `[T, D]`.
        package let features: Tensor
        /// The first frames of the spectrogram, `[P, M]`; P < T.
        package let prompt: Tensor
        /// Noise, `[T, M]`.
        package let noise: Tensor

        /// The input of one flow.
        package init(features: Tensor, prompt: Tensor, noise: Tensor) {
            (self.features, self.prompt, self.noise) = (features, prompt, noise)
        }
    }

    /// The spectrogram `[T, M]`, zero where the prompt is.
    ///
    /// - Parameters:
    ///   - guidance: how much further to go than without the conditions (classifier-free guidance); 0 for not at all.
    ///   - checkpoint: called before every step; throws to stop.
    package func callAsFunction(
        _ input: Input, steps: Int, guidance: Float = 0, checkpoint: () throws -> Void = {}
    ) rethrows -> Tensor {
        let (T, _) = input.features.dims2("CFM.features", columns: estimator.featureCount)
        let (P, M) = input.prompt.dims2("CFM.prompt", columns: estimator.melBands)
        precondition(
            P <= T && input.noise.shape == [T, M], "CFM: \(P) of \(T) frames, noise \(input.noise.shape)")
        // Upstream counts the time in double precision and rounds it for the network.
        let d = 1 / Double(steps)
        var times: [Float] = []
        var time = 0.0
        for _ in 0..<steps {
            times.append(Float(time))
            time += d
        }
        let schedule = estimator.schedule(times: times, stepSize: Float(d))
        let context = estimator.context(features: input.features, prompt: input.prompt.paddingRows(to: T))
        let unconditioned =
            guidance > 1e-5
            ? estimator.context(
                features: Tensor(repeating: 0, input.features.shape), prompt: Tensor(repeating: 0, [T, M]))
            : nil
        var x = input.noise.zeroingRows(P)
        for step in 0..<steps {
            try checkpoint()
            var velocity = estimator(x, context, schedule, step: step)
            if let unconditioned {
                let other = estimator(x, unconditioned, schedule, step: step)
                velocity = velocity + (velocity - other) * guidance
            }
            x = (x + velocity * Float(d)).zeroingRows(P)
        }
        return x
    }
}

extension Tensor {
    /// The same with the first rows zero.
    func zeroingRows(_ count: Int) -> Tensor {
        let C = shape[1]
        var result = self
        result.mutate { out in
            for i in 0..<count * C { out[i] = 0 }
        }
        return result
    }
}
