import Checkpoint

extension WeightScope {
    /// The sizes of a tensor's axes, for dimensions that only the file determines.
    ///
    /// nil when the tensor is missing, has another number of axes or an empty one: the caller then requires the usual
    /// shape and gets an error that names both.
    func axes(of name: String, _ rank: Int) -> [Int]? {
        guard let shape = shape(of: name), shape.count == rank, shape.allSatisfy({ $0 > 0 }) else {
            return nil
        }
        return shape
    }

    /// Kernel size of a convolution that keeps the length of its input, whose weight may be stored normalised: an odd number,
    /// `usual` where the file has none.
    func oddKernel(or usual: Int) -> Int {
        let names = ["weight_v", "parametrizations.weight.original1", "weight"]
        guard let size = names.lazy.compactMap({ self.axes(of: $0, 3) }).first?[2], size % 2 == 1 else {
            return usual
        }
        return size
    }
}
