using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>An associative operation by which many elements become one.</summary>
internal interface IReduceOp
{
    /// <summary>What combines with any x to x.</summary>
    static abstract double Identity { get; }

    /// <summary>Whether rounding errors add up, so that long reductions are carried in double.</summary>
    static abstract bool Rounds { get; }

    static abstract T Real<T>(T a, T b) where T : IReal<T>;
    static abstract T Integer<T>(T a, T b) where T : IInteger<T>;
    static abstract T Complex<T>(T a, T b) where T : IField<T>;
}

internal readonly struct SumOp : IReduceOp
{
    public static double Identity => 0;
    public static bool Rounds => true;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static T Real<T>(T a, T b) where T : IReal<T> => a + b;
    public static T Integer<T>(T a, T b) where T : IInteger<T> => a + b;
    public static T Complex<T>(T a, T b) where T : IField<T> => a + b;
}

internal readonly struct ProdOp : IReduceOp
{
    public static double Identity => 1;
    public static bool Rounds => true;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static T Real<T>(T a, T b) where T : IReal<T> => a * b;
    public static T Integer<T>(T a, T b) where T : IInteger<T> => a * b;
    public static T Complex<T>(T a, T b) where T : IField<T> => a * b;
}

internal readonly struct MaxOp : IReduceOp
{
    public static double Identity => double.NegativeInfinity;
    public static bool Rounds => false;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static T Real<T>(T a, T b) where T : IReal<T> => T.Max(b, a);
    public static T Integer<T>(T a, T b) where T : IInteger<T> => T.Max(a, b);
    public static T Complex<T>(T a, T b) where T : IField<T> => throw new NotSupportedException();
}

internal readonly struct MinOp : IReduceOp
{
    public static double Identity => double.PositiveInfinity;
    public static bool Rounds => false;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static T Real<T>(T a, T b) where T : IReal<T> => T.Min(b, a);
    public static T Integer<T>(T a, T b) where T : IInteger<T> => T.Min(a, b);
    public static T Complex<T>(T a, T b) where T : IField<T> => throw new NotSupportedException();
}

/// <summary>A set of axes, bit i for axis i.</summary>
internal readonly record struct Axes(uint Mask)
{
    public bool Has(int axis) => (Mask >> axis & 1) != 0;

    /// <summary>All axes of a tensor.</summary>
    public static Axes All(int rank) => new((1u << rank) - 1);

    /// <summary>The axes named by <paramref name="dims"/>, which count from the end if negative; none named means all, unless told otherwise.</summary>
    public static Axes Of(string op, ReadOnlySpan<long> dims, int rank, bool noneIsAll = true)
    {
        if (dims.IsEmpty && noneIsAll) return All(rank);
        uint mask = 0;
        foreach (long d in dims)
        {
            uint bit = 1u << Layout.Axis(d, rank, op);
            if ((mask & bit) != 0) throw new ArgumentException($"{op}: dim {d} is named twice.");
            mask |= bit;
        }
        return new(rank == 0 ? 0 : mask);
    }

    /// <summary>The shape with size 1 at these axes, or without them.</summary>
    public Dims Reduce(Dims shape, bool keepDim)
    {
        List<long> y = [];
        for (int d = 0; d < shape.Length; d++)
            if (!Has(d)) y.Add(shape[d]);
            else if (keepDim) y.Add(1);
        return y.ToArray();
    }

    /// <summary>How many elements of <paramref name="shape"/> become one.</summary>
    public long Count(Dims shape)
    {
        long n = 1;
        for (int d = 0; d < shape.Length; d++) if (Has(d)) n *= shape[d];
        return n;
    }

    public override string ToString()
    {
        uint m = Mask;
        return $"[{string.Join(", ", Enumerable.Range(0, 32).Where(i => (m >> i & 1) != 0))}]";
    }
}
