using Flambeau.Backends;

namespace Flambeau.Ops;

/// <summary>How a scattered element meets what is there.</summary>
internal enum Meeting
{
    Replace,
    Sum,
    Prod,
    Max,
    Min,
}

/// <summary>What is on the right replaces what is on the left.</summary>
internal readonly struct LastOp : IReduceOp
{
    public static double Identity => double.NaN;
    public static bool Rounds => false;
    public static T Real<T>(T a, T b) where T : IReal<T> => b;
    public static T Integer<T>(T a, T b) where T : IInteger<T> => b;
    public static T Complex<T>(T a, T b) where T : IField<T> => b;
}

/// <summary>What operations with indices share.</summary>
internal static class IndexTools
{
    public static void CheckType(string op, Tensor index)
    {
        if (index.DType is not (DType.Int64 or DType.Int32) && (index.Count > 0 || !index.DType.IsInteger))
            throw new ArgumentException($"{op}: indices must be int64 or int32, not {index.DType}. Convert with Long(); a mask must be bool.");
    }

    /// <summary>The indices as int64 within [0, size), or the error that names the one that is not.</summary>
    public static Tensor Checked(Backend d, string op, Tensor index, int axis, long size, bool wraps)
    {
        index = index.CastTo(DType.Int64);
        if (d.FindOutside(index, 0, size) is null) return index;
        if (d.FindOutside(index, wraps ? -size : 0, size) is { } value)
            throw new ArgumentOutOfRangeException(nameof(index), $"{op}: index {value} is out of range for axis {axis} of size {size}; it must lie in [{(wraps ? -size : 0)}, {size - 1}].");
        Tensor negative = Tensor.Empty(new TensorSpec(index.Shape, DType.Bool, index.Device)), wrapped = Tensor.Empty(new TensorSpec(index.Shape, DType.Int64, index.Device));
        Tensor zero = Tensor.Zeros([], DType.Int64), shift = Tensor.Full([], size);
        d.Elementwise(new Forward2<Lt>(default), [index, zero], negative);
        d.Elementwise(new Forward2<Add>(default), [index, shift], wrapped);
        Tensor y = Tensor.Empty(new TensorSpec(index.Shape, DType.Int64, index.Device));
        d.Where(negative, wrapped, index, y);
        return y;
    }

    /// <summary>What several indices together amount to, in elements: Σ indexₖ · strideₖ.</summary>
    public static Tensor Linear(Backend d, Tensor[] index, ReadOnlySpan<long> strides, Dims shape)
    {
        Tensor sum = Tensor.Zeros(shape, DType.Int64), term = Tensor.Empty(shape, DType.Int64);
        for (int k = 0; k < index.Length; k++)
        {
            d.Elementwise(new Forward2<Mul>(default), [index[k], Tensor.Full([], strides[k])], term);
            d.Elementwise(new Forward2<Add>(default), [sum, term], sum);
        }
        return sum;
    }

    /// <summary>A kernel's view of a tensor: the first axes, then some with strides of their own, then the last.</summary>
    public static Tensor Window(Tensor t, Dims shape, ReadOnlySpan<long> before, ReadOnlySpan<long> middle, ReadOnlySpan<long> after) =>
        t.Window(new Layout(shape, [.. before, .. middle, .. after], t.Layout.Offset));

    /// <summary>A copy where the tensor shares memory with what is about to be written.</summary>
    public static Tensor Apart(Backend d, Tensor t, Tensor written)
    {
        if (!ReferenceEquals(t.Storage, written.Storage)) return t;
        Tensor y = Tensor.Empty(new TensorSpec(t.Shape, t.DType, t.Device));
        d.Copy(t, y);
        return y;
    }

    public static void Scatter(Backend d, Meeting how, Tensor y, Tensor index, long stride, Tensor x, int axis)
    {
        switch (how)
        {
            case Meeting.Replace: d.Scatter(default(LastOp), y, index, stride, x, axis); break;
            case Meeting.Sum: d.Scatter(default(SumOp), y, index, stride, x, axis); break;
            case Meeting.Prod: d.Scatter(default(ProdOp), y, index, stride, x, axis); break;
            case Meeting.Max: d.Scatter(default(MaxOp), y, index, stride, x, axis); break;
            default: d.Scatter(default(MinOp), y, index, stride, x, axis); break;
        }
    }

    public static bool TryScatterLines(Backend d, Meeting how, Tensor start, Tensor index, Tensor x, int axis, Tensor y) => how switch
    {
        Meeting.Replace => d.TryScatterLines(default(LastOp), start, index, x, axis, y),
        Meeting.Sum => d.TryScatterLines(default(SumOp), start, index, x, axis, y),
        Meeting.Prod => d.TryScatterLines(default(ProdOp), start, index, x, axis, y),
        Meeting.Max => d.TryScatterLines(default(MaxOp), start, index, x, axis, y),
        _ => d.TryScatterLines(default(MinOp), start, index, x, axis, y),
    };
}
