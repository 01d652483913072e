using Flambeau.Backends;
using Flambeau.Ops;

namespace Flambeau;

// Random tensors: after Generator.ManualSeed, PyTorch's numbers.
public unsafe partial class Tensor
{
    /// <summary>Uniform on [0, 1).</summary>
    public static Tensor Rand(params ReadOnlySpan<long> shape) => Rand(shape, null);

    /// <summary>Uniform on [0, 1), of a type.</summary>
    public static Tensor Rand(ReadOnlySpan<long> shape, DType? dtype, Generator? generator = null, Device device = default, bool requiresGrad = false) =>
        Empty(shape, dtype, device).UniformInPlace(0, 1, generator).Requiring(requiresGrad);

    /// <summary>Normal with mean 0 and variance 1.</summary>
    public static Tensor Randn(params ReadOnlySpan<long> shape) => Randn(shape, null);

    /// <summary>Normal with mean 0 and variance 1, of a type.</summary>
    public static Tensor Randn(ReadOnlySpan<long> shape, DType? dtype, Generator? generator = null, Device device = default, bool requiresGrad = false) =>
        Empty(shape, dtype, device).NormalInPlace(0, 1, generator).Requiring(requiresGrad);

    /// <summary>Uniform on [0, 1), in another's shape and type.</summary>
    public static Tensor RandLike(Tensor x, DType? dtype = null, Generator? generator = null) => Rand(x.Shape, dtype ?? x.DType, generator, x.Device);

    /// <summary>Normal with mean 0 and variance 1, in another's shape and type.</summary>
    public static Tensor RandnLike(Tensor x, DType? dtype = null, Generator? generator = null) => Randn(x.Shape, dtype ?? x.DType, generator, x.Device);

    /// <summary>Whole numbers, uniform on [low, high).</summary>
    /// <exception cref="ArgumentException">The range is empty.</exception>
    public static Tensor RandInt(long low, long high, ReadOnlySpan<long> shape, DType dtype = DType.Int64, Generator? generator = null) =>
        Empty(shape, dtype).RandomInPlace(low, high, generator);

    /// <summary>Whole numbers, uniform on [0, high).</summary>
    public static Tensor RandInt(long high, ReadOnlySpan<long> shape, DType dtype = DType.Int64, Generator? generator = null) => RandInt(0, high, shape, dtype, generator);

    /// <summary>0 … n − 1 in random order.</summary>
    public static Tensor RandPerm(long n, DType dtype = DType.Int64, Generator? generator = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        Tensor y = Empty([n], DType.Int64);
        if (!y.Device.IsMeta) fixed (byte* p = y.Storage) (generator ?? Generator.Default).RandPerm((long*)p, n);
        return y.CastTo(dtype);
    }

    /// <summary>Normal with a mean and a standard deviation for each element. As PyTorch's, a draw has the gradient 0; that of a draw which moves with its
    /// mean is what <see cref="Distributions.Normal"/>'s RSample gives.</summary>
    public static Tensor Normal(Tensor mean, Tensor std, Generator? generator = null)
    {
        TensorSpec spec = new(Shapes.Broadcast("Normal", mean.Shape, std.Shape), Shapes.ResultType([mean, std]), mean.Device);
        return Drawn(Empty(spec).NormalInPlace(0, 1, generator) * std.Detach() + mean.Detach(), mean, std);
    }

    /// <summary>Normal with one mean and a standard deviation for each element.</summary>
    public static Tensor Normal(double mean, Tensor std, Generator? generator = null) =>
        Drawn(Empty(new TensorSpec(std.Shape, std.DType, std.Device)).NormalInPlace(0, 1, generator) * std.Detach() + mean, std, std);

    /// <summary>Normal with a mean for each element and one standard deviation.</summary>
    public static Tensor Normal(Tensor mean, double std = 1, Generator? generator = null) =>
        Drawn(Empty(new TensorSpec(mean.Shape, mean.DType, mean.Device)).NormalInPlace(0, 1, generator) * std + mean.Detach(), mean, mean);

    /// <summary>A draw is a result of its parameters, and does not move with them.</summary>
    static Tensor Drawn(Tensor y, Tensor a, Tensor b)
    {
        if (!Autograd.IsGradEnabled) return y;
        if (a.RequiresGrad) y += a.Map(default(NoSlope));
        return b.RequiresGrad && !ReferenceEquals(a, b) ? y + b.Map(default(NoSlope)) : y;
    }

    /// <summary>Normal with one mean and one standard deviation.</summary>
    public static Tensor Normal(double mean, double std, ReadOnlySpan<long> size, DType? dtype = null, Generator? generator = null) => Empty(size, dtype).NormalInPlace(mean, std, generator);

    /// <summary>Uniform on [from, to), in place.</summary>
    public Tensor UniformInPlace(double from = 0, double to = 1, Generator? generator = null) => Op.ApplyInPlace(new UniformFill(from, to, generator ?? Generator.Default), this, this);

    /// <summary>Normal, in place.</summary>
    public Tensor NormalInPlace(double mean = 0, double std = 1, Generator? generator = null) => Op.ApplyInPlace(new NormalFill(mean, std, generator ?? Generator.Default), this, this);

    /// <summary>Whole numbers, uniform on [low, high), in place.</summary>
    public Tensor RandomInPlace(long low, long high, Generator? generator = null) => Op.ApplyInPlace(new IntegerFill(low, high, generator ?? Generator.Default), this, this);

    /// <summary>1 with probability <paramref name="p"/>, else 0, in place.</summary>
    public Tensor BernoulliInPlace(double p = 0.5, Generator? generator = null) => Op.ApplyInPlace(new BernoulliFill(p, generator ?? Generator.Default), this, this);

    /// <summary>Exponential with rate <paramref name="lambda"/>, in place.</summary>
    public Tensor ExponentialInPlace(double lambda = 1, Generator? generator = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lambda);
        return Continuous(ContinuousKind.Exponential, lambda, 0, generator);
    }

    /// <summary>Cauchy, in place.</summary>
    public Tensor CauchyInPlace(double median = 0, double sigma = 1, Generator? generator = null) => Continuous(ContinuousKind.Cauchy, median, sigma, generator);

    /// <summary>The exponential of a normal number, in place.</summary>
    public Tensor LogNormalInPlace(double mean = 1, double std = 2, Generator? generator = null) => Continuous(ContinuousKind.LogNormal, mean, std, generator);

    /// <summary>The number of trials up to the first success, in place.</summary>
    public Tensor GeometricInPlace(double p, Generator? generator = null) => Continuous(ContinuousKind.Geometric, p, 0, generator);

    Tensor Continuous(ContinuousKind kind, double a, double b, Generator? generator) => Op.ApplyInPlace(new ContinuousFill(kind, a, b, generator ?? Generator.Default), this, this);

    /// <summary>1 with the probability that each element of this tensor states, else 0.</summary>
    /// <exception cref="ArgumentException">A probability does not lie in [0, 1].</exception>
    public Tensor Bernoulli(Generator? generator = null)
    {
        if (!DType.IsFloatingPoint) throw new ArgumentException($"Bernoulli: probabilities must be floating point, not {DType}.");
        if (Count > 0 && !Device.IsMeta && Ge(0).LogicalAnd(Le(1)).LogicalNot().MayHold) throw new ArgumentException("Bernoulli: all probabilities must lie in [0, 1].");
        if (Lift is not null) return Drawn(Empty(new TensorSpec(Shape, DType, Device)).UniformInPlace(0, 1, generator).Lt(Detach()).To(DType), this, this);
        bool isDouble = DType == DType.Float64;
        Tensor p = Detach().CastTo(isDouble ? DType.Float64 : DType.Float32).MakeContiguous(), y = Empty(new TensorSpec(Shape, p.DType));
        Generator g = generator ?? Generator.Default;
        fixed (byte* pp = p.Storage, py = y.Storage)
            if (isDouble) g.Bernoulli((double*)py, Count, (double*)pp + p.Layout.Offset);
            else g.Bernoulli((float*)py, Count, (float*)pp + p.Layout.Offset);
        return Drawn(y.CastTo(DType), this, this);
    }

    /// <summary>Draws categories by their weights, which this tensor states: (C,) or (N, C) → (samples,) or (N, samples) of int64.</summary>
    /// <exception cref="ArgumentException">Weights are negative, not finite or all 0, or there are too few to draw without replacement.</exception>
    public Tensor Multinomial(long samples, bool replacement = false, Generator? generator = null)
    {
        if (Rank is 0 or > 2 || !DType.IsFloatingPoint) throw new ArgumentException($"Multinomial: weights are a vector or a matrix of floating-point numbers, not {DType} {Shape}.");
        if (samples <= 0) throw new ArgumentException($"Multinomial: {samples} samples cannot be drawn.");
        Tensor most = Shape[^1] == 0 ? Zeros(Shape[..^1], DType) : Detach().Amax([-1]);
        if (Count > 0 && !(Detach().Min().Item<double>() >= 0 && most.Max().Item<double>() < double.PositiveInfinity)) throw new ArgumentException("Multinomial: weights must be finite and not negative.");
        long categories = Shape[^1], rows = Rank == 2 ? Shape[0] : 1;
        if (!replacement && samples > categories) throw new ArgumentException($"Multinomial: {samples} samples cannot be drawn from {categories} categories without replacement.");
        if (most.Count > 0 && !(most.Min().Item<double>() > 0)) throw new ArgumentException("Multinomial: all weights of a row are 0.");
        DType type = DType == DType.Float64 ? DType.Float64 : DType.Float32;
        Generator g = generator ?? Generator.Default;
        // Without replacement: those with the largest quotients by exponential numbers.
        if (!replacement)
        {
            using var _ = Autograd.NoGrad();
            Tensor keys = Detach().CastTo(type) / Empty(new TensorSpec(Shape, type)).ExponentialInPlace(1, g);
            return samples == 1 ? keys.ArgMax(-1, keepDim: true) : keys.TopK(samples).Indices;
        }
        Tensor w = Detach().CastTo(type).MakeContiguous(), y = Empty(Rank == 2 ? [rows, samples] : [samples], DType.Int64);
        fixed (byte* pw = w.Storage, py = y.Storage)
            if (type == DType.Float64) g.Multinomial((double*)pw + w.Layout.Offset, rows, categories, (long*)py, samples);
            else g.Multinomial((float*)pw + w.Layout.Offset, rows, categories, (long*)py, samples);
        return y;
    }
}
