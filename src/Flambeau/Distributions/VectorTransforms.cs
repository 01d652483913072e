using Flambeau.Nn;

namespace Flambeau.Distributions;

/// <summary>Vectors to the simplex: yᵢ = e^xᵢ / Σ e^xⱼ. Not bijective: the inverse is log y.</summary>
public sealed class SoftmaxTransform(int cacheSize = 0) : Transform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Domain => Constraints.RealVector;

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Simplex;

    /// <inheritdoc/>
    public override bool Bijective => false;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => x.Softmax(-1);

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => y.Log();

    /// <inheritdoc/>
    public override Dims ForwardShape(Dims shape) => AtLeast(1, shape);

    /// <inheritdoc/>
    public override Dims InverseShape(Dims shape) => AtLeast(1, shape);

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new SoftmaxTransform(cacheSize);
}

/// <summary>
/// Vectors of length K − 1 to the simplex of K numbers, by breaking a stick: zᵢ = σ(xᵢ − log(K − i)) is which part of the rest yᵢ takes,
/// so that x = 0 gives equal parts.
/// </summary>
public sealed class StickBreakingTransform(int cacheSize = 0) : Transform(cacheSize)
{
    /// <inheritdoc/>
    public override Constraint Domain => Constraints.RealVector;

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Simplex;

    // log K, log(K − 1) … for n = K − 1 breaks: the i-th, from 0, leaves K − i − 1 parts of its kind.
    static Tensor Offset(Tensor x, long n) => (n - Tensor.Arange(n, x.DType)).Log();

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x)                                                                 // (…, K − 1) → (…, K)
    {
        Tensor z = SigmoidTransform.Inside((x - Offset(x, x.Shape[^1])).Sigmoid());
        return F.Pad(z, [0, 1], value: 1) * F.Pad((1 - z).CumProd(-1), [1, 0], value: 1);
    }

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y)
    {
        Tensor parts = y.Narrow(-1, 0, y.Shape[^1] - 1), rest = (1 - parts.CumSum(-1)).Clamp(min: Common.Tiny(y.DType));
        return parts.Log() - rest.Log() + Offset(y, parts.Shape[^1]);
    }

    // ∂y/∂x is triangular with the diagonal y (1 − z).
    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) =>
        ((Offset(x, x.Shape[^1]) - x).LogSigmoid() + y.Narrow(-1, 0, x.Shape[^1]).Log()).Sum(-1);

    /// <inheritdoc/>
    public override Dims ForwardShape(Dims shape) => [.. AtLeast(1, shape)[..^1], shape[^1] + 1];

    /// <inheritdoc/>
    public override Dims InverseShape(Dims shape) => [.. AtLeast(1, shape)[..^1], shape[^1] - 1];

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new StickBreakingTransform(cacheSize);
}

/// <summary>Another shape for an event: the last axes, which have the sizes <c>inShape</c>, as <c>outShape</c>.</summary>
/// <exception cref="ArgumentException">The shapes have different numbers of elements.</exception>
public sealed class ReshapeTransform : Transform
{
    /// <summary>A transform of events of one shape to another.</summary>
    public ReshapeTransform(Dims inShape, Dims outShape, int cacheSize = 0) : base(cacheSize)
    {
        if (inShape.Count != outShape.Count) throw new ArgumentException($"ReshapeTransform: {inShape} has {inShape.Count} elements, {outShape} has {outShape.Count}.");
        (InShape, OutShape) = (inShape, outShape);
    }

    /// <summary>The event shape of arguments.</summary>
    public Dims InShape { get; }

    /// <summary>The event shape of results.</summary>
    public Dims OutShape { get; }

    /// <inheritdoc/>
    public override Constraint Domain => Constraints.Independent(Constraints.Real, InShape.Length);

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Independent(Constraints.Real, OutShape.Length);

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => x.Reshape(ForwardShape(x.Shape));

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => y.Reshape(InverseShape(y.Shape));

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => Tensor.Zeros(x.Shape[..^InShape.Length], x.DType);

    /// <inheritdoc/>
    public override Dims ForwardShape(Dims shape) => Replace(shape, InShape, OutShape);

    /// <inheritdoc/>
    public override Dims InverseShape(Dims shape) => Replace(shape, OutShape, InShape);

    static Dims Replace(Dims shape, Dims from, Dims to) => AtLeast(from.Length, shape)[^from.Length..] == from ? [.. shape[..^from.Length], .. to]
        : throw new ArgumentException($"ReshapeTransform: a shape {shape} does not end in {from}.");

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new ReshapeTransform(InShape, OutShape, cacheSize);

    /// <inheritdoc/>
    protected override bool SameAs(Transform other) => other is ReshapeTransform r && r.InShape == InShape && r.OutShape == OutShape;
}
