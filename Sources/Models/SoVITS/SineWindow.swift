import Foundation

/// sin(t·π / 2n): entry t of a half sine wave of 2n samples.
func sineWindow(_ t: Int, _ n: Int) -> Float {
    Float(sin(Double(Float(t) * Float.pi / Float(2 * n))))
}
