namespace Flambeau.Distributions;

/// <summary>Transforms one after the other, the first one first; none: the identity.</summary>
public class ComposeTransform : Transform
{
    /// <summary>A chain; with a cache, each part gets one.</summary>
    public ComposeTransform(IReadOnlyList<Transform> parts, int cacheSize = 0) : base(cacheSize) =>
        Parts = cacheSize == 0 ? [.. parts] : [.. parts.Select(p => p.WithCache(cacheSize))];

    /// <summary>The transforms.</summary>
    public IReadOnlyList<Transform> Parts { get; }

    /// <inheritdoc/>
    public override Constraint Domain
    {
        get
        {
            if (Parts.Count == 0) return Constraints.Real;
            int n = Parts[^1].Codomain.EventDim;
            for (int i = Parts.Count - 1; i >= 0; i--) n = Math.Max(n + Parts[i].Domain.EventDim - Parts[i].Codomain.EventDim, Parts[i].Domain.EventDim);
            return Widened(Parts[0].Domain, n);
        }
    }

    /// <inheritdoc/>
    public override Constraint Codomain
    {
        get
        {
            if (Parts.Count == 0) return Constraints.Real;
            int n = Parts[0].Domain.EventDim;
            foreach (Transform p in Parts) n = Math.Max(n + p.Codomain.EventDim - p.Domain.EventDim, p.Codomain.EventDim);
            return Widened(Parts[^1].Codomain, n);
        }
    }

    static Constraint Widened(Constraint c, int eventDim) => eventDim > c.EventDim ? Constraints.Independent(c, eventDim - c.EventDim) : c;

    /// <inheritdoc/>
    public override bool Bijective => Parts.All(p => p.Bijective);

    /// <inheritdoc/>
    public override Tensor Sign
    {
        get
        {
            Tensor? y = null;
            foreach (Transform p in Parts)
                if (p.Sign is { IsWrappedNumber: false } s) y = y is null ? s : y * s;                      // numbers are +1 here
            return y ?? 1;
        }
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Map(x);                                                     // the parts cache

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => MapBack(y);

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x)
    {
        foreach (Transform p in Parts) x = p.Forward(x);
        return x;
    }

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y)
    {
        for (int i = Parts.Count - 1; i >= 0; i--) y = Parts[i].Inverse(y);
        return y;
    }

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y)
    {
        if (Parts.Count == 0) return Tensor.ZerosLike(x);
        int n = Domain.EventDim;
        Tensor? sum = null;
        for (int i = 0; i < Parts.Count; i++)
        {
            Transform p = Parts[i];
            Tensor next = i == Parts.Count - 1 ? y : p.Forward(x), term = Common.SumRightmost(p.LogAbsDetJacobian(x, next), n - p.Domain.EventDim);
            sum = sum is null ? term : sum + term;
            n += p.Codomain.EventDim - p.Domain.EventDim;
            x = next;
        }
        return sum!;
    }

    /// <inheritdoc/>
    public override Dims ForwardShape(Dims shape) => Parts.Aggregate(shape, (s, p) => p.ForwardShape(s));

    /// <inheritdoc/>
    public override Dims InverseShape(Dims shape) => Parts.Reverse().Aggregate(shape, (s, p) => p.InverseShape(s));

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new ComposeTransform(Parts, cacheSize);

    /// <inheritdoc/>
    protected override bool SameAs(Transform other) => Parts.SequenceEqual(((ComposeTransform)other).Parts);

    /// <inheritdoc/>
    public override string ToString() => $"ComposeTransform({string.Join(", ", Parts)})";
}

/// <summary>y = x. PyTorch's <c>identity_transform</c>.</summary>
public sealed class IdentityTransform(int cacheSize = 0) : ComposeTransform([], cacheSize)
{
    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new IdentityTransform(cacheSize);
}

/// <summary>Another transform whose events have further axes: the log determinant is summed over them.</summary>
public sealed class IndependentTransform(Transform baseTransform, int reinterpretedBatchNDims, int cacheSize = 0) : Transform(cacheSize)
{
    /// <summary>The transform of an entry.</summary>
    public Transform BaseTransform { get; } = baseTransform.WithCache(cacheSize);

    /// <summary>How many further axes an event has.</summary>
    public int ReinterpretedBatchNDims => reinterpretedBatchNDims;

    /// <inheritdoc/>
    public override Constraint Domain => Constraints.Independent(BaseTransform.Domain, reinterpretedBatchNDims);

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Independent(BaseTransform.Codomain, reinterpretedBatchNDims);

    /// <inheritdoc/>
    public override bool Bijective => BaseTransform.Bijective;

    /// <inheritdoc/>
    public override Tensor Sign => BaseTransform.Sign;

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x)
    {
        AtLeast(Domain.EventDim, x.Shape);
        return BaseTransform.Forward(x);
    }

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y)
    {
        AtLeast(Codomain.EventDim, y.Shape);
        return BaseTransform.Inverse(y);
    }

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => Common.SumRightmost(BaseTransform.LogAbsDetJacobian(x, y), reinterpretedBatchNDims);

    /// <inheritdoc/>
    public override Dims ForwardShape(Dims shape) => BaseTransform.ForwardShape(shape);

    /// <inheritdoc/>
    public override Dims InverseShape(Dims shape) => BaseTransform.InverseShape(shape);

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new IndependentTransform(BaseTransform, reinterpretedBatchNDims, cacheSize);

    /// <inheritdoc/>
    protected override bool SameAs(Transform other) =>
        other is IndependentTransform i && i.ReinterpretedBatchNDims == reinterpretedBatchNDims && i.BaseTransform.Equals(BaseTransform);
}

/// <summary>A transform for each part of an axis, as <see cref="Tensor.Cat(IReadOnlyList{Tensor}, int)"/> joins them.</summary>
/// <exception cref="ArgumentException">There are not as many lengths as transforms, or an argument has another length.</exception>
public sealed class CatTransform : Transform
{
    readonly long[] _lengths;

    /// <summary>Transforms of parts of the axis <paramref name="dim"/>, of the lengths stated or 1 each.</summary>
    public CatTransform(IReadOnlyList<Transform> tseq, int dim = 0, IReadOnlyList<long>? lengths = null, int cacheSize = 0) : base(cacheSize)
    {
        Transforms = cacheSize == 0 ? [.. tseq] : [.. tseq.Select(t => t.WithCache(cacheSize))];
        _lengths = lengths is null ? [.. tseq.Select(_ => 1L)] : [.. lengths];
        if (_lengths.Length != tseq.Count) throw new ArgumentException($"CatTransform: {tseq.Count} transforms, but {_lengths.Length} lengths.", nameof(lengths));
        Dim = dim;
    }

    /// <summary>The transforms.</summary>
    public IReadOnlyList<Transform> Transforms { get; }

    /// <summary>The axis.</summary>
    public int Dim { get; }

    /// <summary>The length of each part.</summary>
    public IReadOnlyList<long> Lengths => _lengths;

    /// <summary>The length of the axis.</summary>
    public long Length => _lengths.Sum();

    /// <inheritdoc/>
    public override int EventDim => Transforms.Max(t => t.EventDim);

    /// <inheritdoc/>
    public override Constraint Domain => Constraints.Cat([.. Transforms.Select(t => t.Domain)], Dim, _lengths);

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Cat([.. Transforms.Select(t => t.Codomain)], Dim, _lengths);

    /// <inheritdoc/>
    public override bool Bijective => Transforms.All(t => t.Bijective);

    Tensor[] Parts(Tensor x)
    {
        if (x.Size(Dim) != Length) throw new ArgumentException($"CatTransform: axis {Dim} of {x.Shape} does not have the length {Length}.");
        return x.Split(_lengths, Dim);
    }

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => Tensor.Cat([.. Parts(x).Zip(Transforms, (p, t) => t.Forward(p))], Dim);

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => Tensor.Cat([.. Parts(y).Zip(Transforms, (p, t) => t.Inverse(p))], Dim);

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y)
    {
        int n = EventDim, dim = (Dim >= 0 ? Dim - x.Rank : Dim) + n;
        Tensor[] terms = [.. Parts(x).Zip(Parts(y), Transforms).Select(p => Common.SumRightmost(p.Third.LogAbsDetJacobian(p.First, p.Second), n - p.Third.EventDim))];
        return dim < 0 ? Tensor.Cat(terms, dim) : terms.Aggregate((a, b) => a + b);                          // an axis of the batch, or of the event
    }

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new CatTransform(Transforms, Dim, _lengths, cacheSize);

    /// <inheritdoc/>
    protected override bool SameAs(Transform other) =>
        other is CatTransform c && c.Dim == Dim && c._lengths.AsSpan().SequenceEqual(_lengths) && c.Transforms.SequenceEqual(Transforms);
}

/// <summary>A transform for each slice of an axis, as <see cref="Tensor.Stack(IReadOnlyList{Tensor}, int)"/> joins them.</summary>
/// <exception cref="ArgumentException">An argument's axis has another length.</exception>
public sealed class StackTransform : Transform
{
    /// <summary>Transforms of the slices of the axis <paramref name="dim"/>.</summary>
    public StackTransform(IReadOnlyList<Transform> tseq, int dim = 0, int cacheSize = 0) : base(cacheSize)
    {
        Transforms = cacheSize == 0 ? [.. tseq] : [.. tseq.Select(t => t.WithCache(cacheSize))];
        Dim = dim;
    }

    /// <summary>The transforms.</summary>
    public IReadOnlyList<Transform> Transforms { get; }

    /// <summary>The axis.</summary>
    public int Dim { get; }

    /// <inheritdoc/>
    public override Constraint Domain => Constraints.Stack([.. Transforms.Select(t => t.Domain)], Dim);

    /// <inheritdoc/>
    public override Constraint Codomain => Constraints.Stack([.. Transforms.Select(t => t.Codomain)], Dim);

    /// <inheritdoc/>
    public override bool Bijective => Transforms.All(t => t.Bijective);

    Tensor[] Slices(Tensor x) => x.Size(Dim) == Transforms.Count ? x.Unbind(Dim)
        : throw new ArgumentException($"StackTransform: axis {Dim} of {x.Shape} does not have the length {Transforms.Count}.");

    /// <inheritdoc/>
    protected override Tensor Map(Tensor x) => Tensor.Stack([.. Slices(x).Zip(Transforms, (p, t) => t.Forward(p))], Dim);

    /// <inheritdoc/>
    protected override Tensor MapBack(Tensor y) => Tensor.Stack([.. Slices(y).Zip(Transforms, (p, t) => t.Inverse(p))], Dim);

    /// <inheritdoc/>
    public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) =>
        Tensor.Stack([.. Slices(x).Zip(Slices(y), Transforms).Select(p => p.Third.LogAbsDetJacobian(p.First, p.Second))], Dim);

    /// <inheritdoc/>
    protected override Transform Copy(int cacheSize) => new StackTransform(Transforms, Dim, cacheSize);

    /// <inheritdoc/>
    protected override bool SameAs(Transform other) => other is StackTransform s && s.Dim == Dim && s.Transforms.SequenceEqual(Transforms);
}
