namespace Flambeau.Tests.Operators;

/// <summary>From what an input's values are drawn.</summary>
public enum Domain
{
    /// <summary>Between −2 and 2, no two closer than a thousandth of each other's rank: no ties, no kinks at 0.</summary>
    Real,
    /// <summary>Between 0.3 and 2.3.</summary>
    Positive,
    /// <summary>Between −0.9 and 0.9.</summary>
    Unit,
    /// <summary>Whole numbers from 0 on, below <see cref="Arg.High"/>.</summary>
    Index,
    /// <summary>True or false.</summary>
    Mask,
}

/// <summary>One input of a sample: its shape and what it holds.</summary>
public sealed record Arg(long[] Shape, Domain Domain = Domain.Real, long High = 0)
{
    /// <summary>Whether the row's dtype applies to it.</summary>
    public bool IsData => Domain is Domain.Real or Domain.Positive or Domain.Unit;

    public static Arg Real(params long[] shape) => new(shape);
    public static Arg Positive(params long[] shape) => new(shape, Domain.Positive);
    public static Arg Unit(params long[] shape) => new(shape, Domain.Unit);
    public static Arg Index(long high, params long[] shape) => new(shape, Domain.Index, high);
    public static Arg Mask(params long[] shape) => new(shape, Domain.Mask);

    /// <summary>The values for a dtype; the same for the same seed.</summary>
    public Tensor Make(DType dtype, int seed)
    {
        var random = new Random(seed);
        long n = 1;
        foreach (long s in Shape) n *= s;
        if (Domain == Domain.Index)
        {
            var index = new long[n];
            for (long i = 0; i < n; i++) index[i] = random.NextInt64(High);
            return Tensor.From<long>(index, Shape).Reshape(Shape);
        }
        if (Domain == Domain.Mask)
        {
            var mask = new bool[n];
            for (long i = 0; i < n; i++) mask[i] = random.Next(2) == 1;
            return Tensor.From<bool>(mask, Shape).Reshape(Shape);
        }
        // A shuffled grid with jitter: distinct values, none within 1e-3 of 0.
        var values = new System.Numerics.Complex[n];
        var order = new long[n];
        for (long i = 0; i < n; i++) order[i] = i;
        random.Shuffle(order);
        for (long i = 0; i < n; i++)
        {
            double u = (order[i] + 0.2 + 0.6 * random.NextDouble()) / Math.Max(1, n), v = random.NextDouble();
            values[i] = Domain switch
            {
                Domain.Positive => new(0.3 + 2 * u, 1.8 * v - 0.9),
                Domain.Unit => new(Off(1.8 * u - 0.9), 1.8 * v - 0.9),
                _ => new(Off(4 * u - 2), 4 * v - 2),
            };
            if (!dtype.IsDifferentiable) values[i] = Domain == Domain.Positive ? 1 + order[i] % 5 : order[i] % 9 - 4 + (order[i] % 9 >= 4 ? 1 : 0);
            if (dtype == DType.UInt8) values[i] = Math.Abs(values[i].Real);
        }
        Tensor t = Tensor.From<System.Numerics.Complex>(values, Shape).Reshape(Shape);
        return dtype.IsComplex ? t.To(dtype) : t.Real().To(dtype);

        static double Off(double x) => Math.Abs(x) < 1e-2 ? x + 2e-2 : x;
    }
}

/// <summary>An operation as the laws see it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Call">How a user calls it.</param>
/// <param name="Samples">The inputs to try, each a list of arguments.</param>
public sealed record Row(string Name, Func<Tensor[], Tensor[]> Call, Arg[][] Samples)
{
    /// <summary>Besides float32 and float64.</summary>
    public DType[] DTypes { get; init; } = [];

    /// <summary>Float16 and bfloat16 too.</summary>
    public bool LowPrecision { get; init; } = true;

    /// <summary>Whether there is a derivative to check.</summary>
    public bool Differentiable { get; init; } = true;

    /// <summary>Whether the derivative can be differentiated; a reason must stand beside it where not.</summary>
    public bool TwiceDifferentiable { get; init; } = true;

    /// <summary>Whether it works element by element: lengths 0…33, NaN and infinities are tried too.</summary>
    public bool Elementwise { get; init; }

    /// <summary>How far float32 may be from the reference, relative and absolute.</summary>
    public double Tolerance { get; init; } = 2e-6;

    /// <summary>How far float64 may be from the reference.</summary>
    public double Tolerance64 { get; init; } = 1e-12;

    public override string ToString() => Name;
}
