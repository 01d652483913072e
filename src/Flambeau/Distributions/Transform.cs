namespace Flambeau.Distributions;

/// <summary>
/// A mapping y = f(x), with its inverse and the determinant of its Jacobian where there are any: what a
/// <see cref="TransformedDistribution"/> is made with. PyTorch's <c>torch.distributions.transforms.Transform</c>.
/// </summary>
public abstract class Transform
{
    readonly int _cacheSize;
    Tensor? _x, _y;

    /// <param name="cacheSize">1: the last pair (x, y) is kept, so that the inverse of a result is its very argument, without rounding. 0: nothing is.</param>
    /// <exception cref="ArgumentOutOfRangeException">The cache size is neither 0 nor 1.</exception>
    protected Transform(int cacheSize = 0) => _cacheSize = cacheSize is 0 or 1 ? cacheSize : throw new ArgumentOutOfRangeException(nameof(cacheSize), "The cache size is 0 or 1.");

    /// <summary>Which arguments are valid.</summary>
    public abstract Constraint Domain { get; }

    /// <summary>Where results lie, which are the arguments of the inverse.</summary>
    public abstract Constraint Codomain { get; }

    /// <summary>Whether every result comes from exactly one argument.</summary>
    public virtual bool Bijective => true;

    /// <summary>+1 where the transform increases, −1 where it decreases.</summary>
    /// <exception cref="NotSupportedException">It does neither.</exception>
    public virtual Tensor Sign => throw new NotSupportedException($"{GetType().Name} is neither increasing nor decreasing.");

    /// <summary>How many of the last axes form one event.</summary>
    /// <exception cref="NotSupportedException">Arguments and results differ in that; ask <see cref="Domain"/> or <see cref="Codomain"/>.</exception>
    public virtual int EventDim => Domain.EventDim == Codomain.EventDim ? Domain.EventDim
        : throw new NotSupportedException($"{GetType().Name}: an argument has {Domain.EventDim} event axes, a result {Codomain.EventDim}. Ask Domain or Codomain.");

    /// <summary>The inverse, whose inverse is this.</summary>
    public virtual Transform Inv => field ??= new InverseTransform(this);

    /// <summary>y = f(x)</summary>
    public virtual Tensor Forward(Tensor x)
    {
        if (_cacheSize == 0) return Map(x);
        if (ReferenceEquals(x, _x)) return _y!;
        (_x, _y) = (x, Map(x));
        return _y;
    }

    /// <summary>x = f⁻¹(y), or an argument that has this result if there are several.</summary>
    public virtual Tensor Inverse(Tensor y)
    {
        if (_cacheSize == 0) return MapBack(y);
        if (ReferenceEquals(y, _y)) return _x!;
        (_x, _y) = (MapBack(y), y);
        return _x;
    }

    /// <summary>Computes <see cref="Forward"/>.</summary>
    protected abstract Tensor Map(Tensor x);

    /// <summary>Computes <see cref="Inverse"/>.</summary>
    protected abstract Tensor MapBack(Tensor y);

    /// <summary>log |det ∂y/∂x|, one number for each event.</summary>
    /// <exception cref="NotSupportedException">The transform has none.</exception>
    public virtual Tensor LogAbsDetJacobian(Tensor x, Tensor y) => throw new NotSupportedException($"{GetType().Name} has no Jacobian determinant.");

    /// <summary>The shape of the result for an argument's.</summary>
    public virtual Dims ForwardShape(Dims shape) => shape;

    /// <summary>The shape of the argument for a result's.</summary>
    public virtual Dims InverseShape(Dims shape) => shape;

    /// <summary>The same transform with another cache.</summary>
    public Transform WithCache(int cacheSize = 1) => _cacheSize == cacheSize ? this : Copy(cacheSize);

    /// <summary>The same transform with a cache of its own.</summary>
    protected abstract Transform Copy(int cacheSize);

    /// <summary>Whether another transform of the same class has the same parameters.</summary>
    protected virtual bool SameAs(Transform other) => true;

    /// <summary>Whether both are the same mapping.</summary>
    public override bool Equals(object? obj) => ReferenceEquals(this, obj) || obj is Transform t && t.GetType() == GetType() && SameAs(t);

    /// <inheritdoc/>
    public override int GetHashCode() => GetType().GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => GetType().Name;

    private protected static bool AreEqual(Tensor a, Tensor b) => ReferenceEquals(a, b) || a.Eq(b).All().Item<bool>();

    private protected static Dims AtLeast(int axes, Dims shape) => shape.Length >= axes ? shape
        : throw new ArgumentException($"A shape {shape} has fewer than the {axes} axes of an event.");

    sealed class InverseTransform(Transform of) : Transform(of._cacheSize)
    {
        public override Constraint Domain => of.Codomain;
        public override Constraint Codomain => of.Domain;
        public override bool Bijective => of.Bijective;
        public override Tensor Sign => of.Sign;
        public override Transform Inv => of;
        public override Tensor Forward(Tensor x) => of.Inverse(x);
        public override Tensor Inverse(Tensor y) => of.Forward(y);
        protected override Tensor Map(Tensor x) => of.Inverse(x);
        protected override Tensor MapBack(Tensor y) => of.Forward(y);
        public override Tensor LogAbsDetJacobian(Tensor x, Tensor y) => -of.LogAbsDetJacobian(y, x);
        public override Dims ForwardShape(Dims shape) => of.InverseShape(shape);
        public override Dims InverseShape(Dims shape) => of.ForwardShape(shape);
        protected override Transform Copy(int cacheSize) => of.WithCache(cacheSize).Inv;
        protected override bool SameAs(Transform other) => of.Equals(other.Inv);
        public override string ToString() => $"{of}.Inv";
    }
}
