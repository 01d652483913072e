namespace Flambeau.Distributions;

/// <summary>A region in which a parameter or a value must lie. PyTorch's <c>torch.distributions.constraints.Constraint</c>.</summary>
/// <remarks><see cref="object.ToString"/> completes the sentence "must be …". <see cref="Constraints"/> names those in use.</remarks>
public abstract record Constraint
{
    /// <summary>Whether the region consists of separate points.</summary>
    public virtual bool IsDiscrete => false;

    /// <summary>How many of the last axes form one event.</summary>
    public virtual int EventDim => 0;

    /// <summary>Where the value satisfies it: a bool for each event.</summary>
    public abstract Tensor Check(Tensor value);

    private protected static string Text(Tensor bound) => bound.Count == 1 ? bound.Item<double>().ToString(System.Globalization.CultureInfo.InvariantCulture) : $"a bound of shape {bound.Shape}";
}

/// <summary>Not NaN.</summary>
public sealed record RealConstraint : Constraint
{
    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => value.Eq(value);

    /// <inheritdoc/>
    public override string ToString() => "a number";
}

/// <summary>0 or 1.</summary>
public sealed record BooleanConstraint : Constraint
{
    /// <inheritdoc/>
    public override bool IsDiscrete => true;

    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => value.Eq(0) | value.Eq(1);

    /// <inheritdoc/>
    public override string ToString() => "0 or 1";
}

/// <summary>Between bounds, either of which may be missing, included or not; whole numbers only if discrete.</summary>
/// <param name="LowerBound">The lower bound; null: none.</param>
/// <param name="UpperBound">The upper bound; null: none.</param>
public record IntervalConstraint(Tensor? LowerBound, Tensor? UpperBound) : Constraint
{
    /// <summary>Whether the lower bound itself satisfies it.</summary>
    public bool IncludesLower { get; init; } = true;

    /// <summary>Whether the upper bound itself satisfies it.</summary>
    public bool IncludesUpper { get; init; } = true;

    /// <summary>Whether only whole numbers satisfy it.</summary>
    public bool IsInteger { get; init; }

    /// <inheritdoc/>
    public override bool IsDiscrete => IsInteger;

    /// <inheritdoc/>
    public override Tensor Check(Tensor value)
    {
        Tensor? y = IsInteger ? (value % 1).Eq(0) : null;
        if (LowerBound is { } low) And(IncludesLower ? value >= low : value > low);
        if (UpperBound is { } high) And(IncludesUpper ? value <= high : value < high);
        return y ?? value.Eq(value);

        void And(Tensor t) => y = y is null ? t : y & t;
    }

    /// <summary>Whether this is [0, 1].</summary>
    internal bool IsUnit => LowerBound is { Count: 1 } a && UpperBound is { Count: 1 } b && a.Item<double>() == 0 && b.Item<double>() == 1;

    /// <inheritdoc/>
    public override string ToString()
    {
        string kind = IsInteger ? "a whole number" : "";
        string low = LowerBound is null ? "" : $"{(IncludesLower ? "at least" : "greater than")} {Text(LowerBound)}", high = UpperBound is null ? "" : $"{(IncludesUpper ? "at most" : "less than")} {Text(UpperBound)}";
        return string.Join(" ", ((string[])[kind, low, low != "" && high != "" ? "and" : "", high]).Where(s => s != ""));
    }
}

/// <summary>An event is valid only if all its entries, which another constraint judges, are.</summary>
/// <param name="BaseConstraint">Judges the entries.</param>
/// <param name="ReinterpretedBatchNDims">How many further axes an event has.</param>
public sealed record IndependentConstraint(Constraint BaseConstraint, int ReinterpretedBatchNDims) : Constraint
{
    /// <inheritdoc/>
    public override bool IsDiscrete => BaseConstraint.IsDiscrete;

    /// <inheritdoc/>
    public override int EventDim => BaseConstraint.EventDim + ReinterpretedBatchNDims;

    /// <inheritdoc/>
    public override Tensor Check(Tensor value)
    {
        Tensor y = BaseConstraint.Check(value);
        if (y.Rank < ReinterpretedBatchNDims) throw new ArgumentException($"A value of shape {value.Shape} has fewer axes than an event, which has {EventDim}.");
        return ReinterpretedBatchNDims == 0 ? y : y.Flatten(y.Rank - ReinterpretedBatchNDims).All([-1]);
    }

    /// <inheritdoc/>
    public override string ToString() => BaseConstraint.ToString();
}

/// <summary>Vectors of zeros and a single 1.</summary>
public sealed record OneHotConstraint : Constraint
{
    /// <inheritdoc/>
    public override bool IsDiscrete => true;

    /// <inheritdoc/>
    public override int EventDim => 1;

    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => (value.Eq(0) | value.Eq(1)).All([-1]) & value.Sum(-1).Eq(1);

    /// <inheritdoc/>
    public override string ToString() => "zeros and a single 1 along the last axis";
}

/// <summary>Vectors of numbers ≥ 0 whose sum is 1, to within 1e-6.</summary>
public sealed record SimplexConstraint : Constraint
{
    /// <inheritdoc/>
    public override int EventDim => 1;

    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => (value >= 0).All([-1]) & ((value.Sum(-1) - 1).Abs() < 1e-6);

    /// <inheritdoc/>
    public override string ToString() => "not negative, with the sum 1 along the last axis";
}

/// <summary>Vectors of counts whose sum is not above a bound.</summary>
/// <param name="UpperBound">The bound.</param>
public sealed record MultinomialConstraint(Tensor UpperBound) : Constraint
{
    /// <inheritdoc/>
    public override bool IsDiscrete => true;

    /// <inheritdoc/>
    public override int EventDim => 1;

    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => (value >= 0).All([-1]) & (value.Sum(-1) <= UpperBound);

    /// <inheritdoc/>
    public override string ToString() => $"counts whose sum along the last axis is at most {Text(UpperBound)}";
}

/// <summary>Different constraints on the parts into which an axis is cut, as <see cref="Tensor.Cat(IReadOnlyList{Tensor}, int)"/> joins them.</summary>
/// <param name="CSeq">One for each part.</param>
/// <param name="Dim">The axis.</param>
/// <param name="Lengths">The length of each part; null: 1 each.</param>
public sealed record CatConstraint(IReadOnlyList<Constraint> CSeq, int Dim = 0, IReadOnlyList<long>? Lengths = null) : Constraint
{
    /// <inheritdoc/>
    public override bool IsDiscrete => CSeq.Any(c => c.IsDiscrete);

    /// <inheritdoc/>
    public override int EventDim => CSeq.Max(c => c.EventDim);

    /// <inheritdoc/>
    public override Tensor Check(Tensor value)
    {
        var y = new Tensor[CSeq.Count];
        long start = 0;
        for (int i = 0; i < y.Length; i++)
        {
            long n = Lengths?[i] ?? 1;
            y[i] = CSeq[i].Check(value.Narrow(Dim, start, n));
            start += n;
        }
        return Tensor.Cat(y, Dim);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", then ", CSeq)} along axis {Dim}";
}

/// <summary>Different constraints on the slices of an axis, as <see cref="Tensor.Stack(IReadOnlyList{Tensor}, int)"/> joins them.</summary>
/// <param name="CSeq">One for each slice.</param>
/// <param name="Dim">The axis.</param>
public sealed record StackConstraint(IReadOnlyList<Constraint> CSeq, int Dim = 0) : Constraint
{
    /// <inheritdoc/>
    public override bool IsDiscrete => CSeq.Any(c => c.IsDiscrete);

    /// <inheritdoc/>
    public override int EventDim
    {
        get
        {
            int n = CSeq.Max(c => c.EventDim);
            return Dim + n < 0 ? n + 1 : n;
        }
    }

    /// <inheritdoc/>
    public override Tensor Check(Tensor value) => Tensor.Stack([.. CSeq.Select((c, i) => c.Check(value.Select(Dim, i)))], Dim);

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", then ", CSeq)} along axis {Dim}";
}
