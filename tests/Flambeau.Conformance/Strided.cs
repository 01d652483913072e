namespace Flambeau.Conformance;

/// <summary>Tensors whose elements lie elsewhere than one after the other.</summary>
static class Strided
{
    /// <summary>A copy whose axes have these strides, in elements.</summary>
    public static Tensor Copy(Tensor t, ReadOnlySpan<long> strides)
    {
        long extent = 1;
        for (int i = 0; i < strides.Length; i++) extent += (t.Shape[i] - 1) * strides[i];
        if (t.Shape.Count == 0) return t.Clone();
        Tensor y = Tensor.Zeros([extent], t.DType).AsStrided(t.Shape, strides);
        // Axes that do not move hold one element each: all of the recorded ones are equal there.
        Tensor to = y, from = t;
        for (int i = 0; i < strides.Length; i++) if (strides[i] == 0) (to, from) = (to.Narrow(i, 0, 1), from.Narrow(i, 0, 1));
        to.CopyInPlace(from);
        return y;
    }
}
