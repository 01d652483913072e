namespace Flambeau.Nn;

public static partial class F
{
    /// <summary>Adds elements at the ends of the last axes; negative numbers cut some off. PyTorch's <c>pad</c>.</summary>
    /// <param name="input">The tensor.</param>
    /// <param name="pad">How many before and after: first for the last axis, then for the one before, ….</param>
    /// <param name="mode"><c>constant</c>, <c>reflect</c> (without the edge), <c>replicate</c> (the edge) or <c>circular</c>.</param>
    /// <param name="value">What to add in the mode <c>constant</c>; 0 if not given.</param>
    /// <exception cref="ArgumentException">An odd count, more axes than there are, more than an axis can give, or another mode.</exception>
    public static Tensor Pad(Tensor input, ReadOnlySpan<long> pad, string mode = "constant", double? value = null)
    {
        if (pad.Length % 2 != 0 || pad.Length / 2 > input.Rank)
            throw new ArgumentException($"Pad: {Dims.Create(pad)} does not name a number before and one after for at most {input.Rank} axes of {input.Shape}.", nameof(pad));
        if (mode == "constant") return PadConstant(input, pad, value ?? 0);
        if (value is not null) throw new ArgumentException($"Pad: a value is for the mode \"constant\", not for \"{mode}\".", nameof(value));
        for (int k = 0; k < pad.Length / 2; k++)
        {
            int axis = input.Rank - 1 - k;
            (long before, long after, long n) = (pad[2 * k], pad[2 * k + 1], input.Shape[axis]);
            if (before == 0 && after == 0) continue;
            long most = mode == "reflect" ? n - 1 : mode == "circular" ? n : mode == "replicate" ? n > 0 ? long.MaxValue : 0
                : throw new ArgumentException($"Pad: mode is \"constant\", \"reflect\", \"replicate\" or \"circular\", not \"{mode}\".", nameof(mode));
            if (before > most || after > most || n + before + after < 0)
                throw new ArgumentException($"Pad: {before} and {after} elements cannot be added to axis {axis} of {input.Shape} in the mode \"{mode}\".", nameof(pad));
            long[] index = new long[n + before + after];
            for (long i = 0; i < index.Length; i++)
            {
                long j = i - before;
                index[i] = mode switch
                {
                    "replicate" => Math.Clamp(j, 0, n - 1),
                    "circular" => (j + n) % n,
                    _ => j < 0 ? -j : j < n ? j : 2 * (n - 1) - j,
                };
            }
            input = input.IndexSelect(axis, Tensor.From(index));
        }
        return input;
    }

    static Tensor PadConstant(Tensor x, ReadOnlySpan<long> pad, double value)
    {
        long[] shape = x.Shape.ToArray();
        for (int k = 0; k < pad.Length / 2; k++)
        {
            int axis = x.Rank - 1 - k;
            shape[axis] += pad[2 * k] + pad[2 * k + 1];
            if (shape[axis] < 0) throw new ArgumentException($"Pad: {Dims.Create(pad)} cuts more off {x.Shape} than there is.", nameof(pad));
        }
        Tensor y = Tensor.Full(shape, value, x.DType), inner = y;
        for (int k = 0; k < pad.Length / 2; k++)
        {
            int axis = x.Rank - 1 - k;
            (long before, long after, long n) = (pad[2 * k], pad[2 * k + 1], x.Shape[axis]);
            long from = Math.Max(0, -before), to = n - Math.Max(0, -after);
            x = x.Narrow(axis, Math.Min(from, n), Math.Max(0, to - from));
            inner = inner.Narrow(axis, Math.Min(Math.Max(0, before), shape[axis]), x.Shape[axis]);
        }
        if (inner.Count > 0) inner.CopyInPlace(x);
        return y;
    }
}
