namespace Flambeau.Ops;

/// <summary>Norms of vectors, as compositions.</summary>
static class VectorNorms
{
    /// <summary>(Σ |x|ᵖ)^{1/p} along axes, with derivative 0 where it is 0; of complex numbers real. Float16 and bfloat16 are rounded once.</summary>
    public static Tensor Along(Tensor x, double p, ReadOnlySpan<long> dim, bool keepDim)
    {
        if (x.DType.IsLowPrecision) return Along(x.Float(), p, dim, keepDim).To(x.DType);
        if (double.IsPositiveInfinity(p)) return x.Abs().Amax(dim, keepDim);
        if (double.IsNegativeInfinity(p)) return x.Abs().Amin(dim, keepDim);
        if (p == 0) return x.Abs().Sign().Sum(dim, keepDim);
        if (p == 1) return x.Abs().Sum(dim, keepDim);
        if (p < 0) return x.Abs().Pow(p).Sum(dim, keepDim).Pow(1 / p);
        if (p != 2) return Positive(Positive(x.Abs(), a => a.Pow(p)).Sum(dim, keepDim), a => a.Pow(1 / p));
        Tensor s = x.DType.IsFloatingPoint && !x.Device.IsMeta && Modes.Current is null
            ? Op.Apply(new SumOf<SquaredError>(default, Axes.Of("norm", dim, x.Rank), keepDim), x, Tensor.Zeros([], x.DType))
            : (x.DType.IsComplex ? x.Abs() : x).Square().Sum(dim, keepDim);
        return s.Map(default(Length));

        static Tensor Positive(Tensor a, Func<Tensor, Tensor> f)
        {
            Tensor zero = a.Eq(0);
            return Tensor.Where(zero, 0.0, f(Tensor.Where(zero, 1.0, a)));
        }
    }
}
