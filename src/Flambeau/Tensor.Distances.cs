using Flambeau.Ops;

namespace Flambeau;

// Distances, and norms kept within bounds.
public partial class Tensor
{
    /// <summary>The distance of each row of x₁ to each row of x₂. PyTorch's <c>cdist</c>.</summary>
    /// <param name="x1">(…, P, M), floating point.</param>
    /// <param name="x2">(…, R, M); the leading axes broadcast.</param>
    /// <param name="p">The norm's exponent, not negative.</param>
    /// <param name="computeMode">Whether Euclidean distances may be computed by a product of matrices, which is faster and less exact:
    /// <c>"use_mm_for_euclid_dist"</c>, <c>"donot_use_mm_for_euclid_dist"</c>, or, for many rows only, <c>"use_mm_for_euclid_dist_if_necessary"</c>.
    /// Differences are taken one by one anyway where there is room for them.</param>
    /// <returns>(…, P, R).</returns>
    /// <exception cref="ArgumentException">Shapes or types do not fit, p is negative, or there is no such mode.</exception>
    public static Tensor CDist(Tensor x1, Tensor x2, double p = 2, string? computeMode = "use_mm_for_euclid_dist_if_necessary")
    {
        using var autocast = Amp.Enter("cdist", ref x1, ref x2);
        if (computeMode is not (null or "use_mm_for_euclid_dist" or "donot_use_mm_for_euclid_dist" or "use_mm_for_euclid_dist_if_necessary"))
            throw new ArgumentException($"CDist: there is no computeMode \"{computeMode}\".", nameof(computeMode));
        if (x1.Rank < 2 || x2.Rank < 2 || x1.Shape[^1] != x2.Shape[^1]) throw new ArgumentException($"CDist: {x1.Shape} and {x2.Shape} do not fit: they are (…, P, M) and (…, R, M).");
        if (!x1.DType.IsFloatingPoint || !x2.DType.IsFloatingPoint) throw new ArgumentException($"CDist: {x1.DType} and {x2.DType}: both must be floating point.");
        if (!(p >= 0)) throw new ArgumentOutOfRangeException(nameof(p), $"CDist: p is {p}; it must not be negative.");
        const long few = 25;                                                     // up to so many rows the differences themselves, as PyTorch does
        bool isLarge = x1.Shape[^2] > few || x2.Shape[^2] > few;
        if (x1.Shape[^1] == 0) p = 1;                                            // in no dimension all distances are 0, by any norm
        bool isProduct = p == 2 && computeMode != "donot_use_mm_for_euclid_dist" && (computeMode == "use_mm_for_euclid_dist" || isLarge);
        if (isProduct) return Op.Apply(Ternary<DistanceOf>.Default, x1.Square().Sum([-1], true), x2.Square().Sum([-1]).Unsqueeze(-2), x1.MatMul(x2.MT));
        (x1, x2) = (x1.Unsqueeze(-2), x2.Unsqueeze(-3));
        if (p == 1 && SumOf<AbsoluteError>.Takes(x1, x2)) return Op.Apply(new SumOf<AbsoluteError>(default, Axes.Of("cdist", [-1], Math.Max(x1.Rank, x2.Rank)), false), x1, x2);
        return VectorNorms.Along(x1 - x2, p, [-1], false);
    }

    /// <summary>The norm of the difference, over all elements. PyTorch's <c>dist</c>.</summary>
    /// <param name="other">Broadcasts with this tensor.</param>
    /// <param name="p">The norm's exponent.</param>
    public Tensor Dist(Tensor other, double p = 2) => VectorNorms.Along(this - other, p, [], false);

    /// <summary>Each part along an axis scaled down, if need be, to a norm of at most <paramref name="maxNorm"/>. PyTorch's <c>renorm</c>.</summary>
    /// <param name="p">The norm's exponent, positive.</param>
    /// <param name="dim">The axis along which the parts lie.</param>
    /// <param name="maxNorm">The bound, not negative.</param>
    /// <exception cref="ArgumentException">Fewer than two axes, or no floating-point or complex type, or p or maxNorm is out of range.</exception>
    public Tensor Renorm(double p, int dim, double maxNorm)
    {
        if (!(p > 0)) throw new ArgumentOutOfRangeException(nameof(p), $"Renorm: p is {p}; it must be positive.");
        if (!(maxNorm >= 0)) throw new ArgumentOutOfRangeException(nameof(maxNorm), $"Renorm: maxNorm is {maxNorm}; it must not be negative.");
        if (Rank < 2 || !DType.IsDifferentiable) throw new ArgumentException($"Renorm: {DType} {Shape}: at least two axes and a floating-point or complex type are wanted.");
        if (DType.IsLowPrecision) return Float().Renorm(p, dim, maxNorm).To(DType);
        int axis = Layout.Axis(dim, Rank, "Renorm");
        long[] others = [.. Enumerable.Range(0, Rank).Where(d => d != axis).Select(d => (long)d)];
        Tensor norm = VectorNorms.Along(this, p, others, true), far = norm > maxNorm;
        return this * Where(far, maxNorm / (norm + 1e-7), 1.0);
    }

    /// <summary>As <see cref="Renorm"/>, in place.</summary>
    /// <inheritdoc cref="Renorm"/>
    public Tensor RenormInPlace(double p, int dim, double maxNorm) => CopyInPlace(Renorm(p, dim, maxNorm));

    /// <summary>A value around a tensor. PyTorch's <c>constant_pad_nd</c>.</summary>
    /// <param name="pad">How many before and after along the last axis, then along the last but one, and so on; negative ones are cut off.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">The pad does not fit the shape.</exception>
    public Tensor ConstantPadNd(ReadOnlySpan<long> pad, Scalar? value = null)
    {
        int axes = pad.Length / 2;
        if (pad.Length % 2 != 0 || axes > Rank)
            throw new ArgumentException($"ConstantPadNd: the pad {Dims.Create(pad)} does not fit a tensor of shape {Shape}: it holds two numbers for each axis, from the last on.");
        long[] before = new long[Rank], after = new long[Rank];
        for (int k = 0; k < axes; k++) (before[^(k + 1)], after[^(k + 1)]) = (pad[2 * k], pad[2 * k + 1]);
        System.Numerics.Complex v = value is { } s ? s.Value : 0;
        if (v.Imaginary == 0) return Op.Apply(new ConstantPad(new Dims(before), new Dims(after), v.Real), this);
        // The kernel's constant is real: of others, padding is what ones, padded with zeros, leave open.
        Tensor inside = Op.Apply(new ConstantPad(new Dims(before), new Dims(after), 0), Ones(Shape, DType.Bool));
        return Where(inside, Op.Apply(new ConstantPad(new Dims(before), new Dims(after), 0), this), Full([], v, DType));
    }
}
