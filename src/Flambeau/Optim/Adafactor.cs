using Flambeau.Nn;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Adafactor"/>.</summary>
public sealed record AdafactorOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults for Adafactor.</summary>
    public AdafactorOptions() => Lr = 1e-2;

    /// <summary>The exponent of the step with which the weight of a new square falls.</summary>
    public double Beta2Decay { get; set; } = -0.8;

    /// <summary>What keeps the quotient finite; the distance of numbers at 1 in the parameter's type if null.</summary>
    public double? Eps1 { get; set; }

    /// <summary>The smallest size of a parameter by which its steps are scaled.</summary>
    public double Eps2 { get; set; } = 1e-3;

    /// <summary>The root mean square beyond which an update is scaled down.</summary>
    public double D { get; set; } = 1;

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        if (!(Beta2Decay <= 0)) throw new ArgumentOutOfRangeException(nameof(Beta2Decay), Beta2Decay, $"Beta2Decay is {Beta2Decay}; it must not be positive.");
        if (Eps1 is { } e) AtLeastZero(e, nameof(Eps1));
        AtLeastZero(Eps2, nameof(Eps2));
        if (!(D >= 1)) throw new ArgumentOutOfRangeException(nameof(D), D, $"D is {D}; it must be at least 1.");
    }
}

/// <summary>
/// Adam without its memory: of a matrix's mean squares only those of rows and columns are kept, and no mean of the gradient. Shazeer and
/// Stern (2018). PyTorch's <c>torch.optim.Adafactor</c>.
/// </summary>
public sealed class Adafactor : Optimizer<AdafactorOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public Adafactor(params IEnumerable<ParamGroup<AdafactorOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="AdafactorOptions"/>.</summary>
    public Adafactor(IEnumerable<Tensor> parameters, double lr = 1e-2, double beta2Decay = -0.8, double? eps1 = null, double eps2 = 1e-3, double d = 1, double weightDecay = 0, bool maximize = false)
        : this(new ParamGroup<AdafactorOptions>(parameters, new() { Lr = lr, Beta2Decay = beta2Decay, Eps1 = eps1, Eps2 = eps2, D = d, WeightDecay = weightDecay, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="AdafactorOptions"/>.</summary>
    public Adafactor(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-2, double beta2Decay = -0.8, double? eps1 = null, double eps2 = 1e-3, double d = 1, double weightDecay = 0, bool maximize = false)
        : this(new ParamGroup<AdafactorOptions>(parameters, new() { Lr = lr, Beta2Decay = beta2Decay, Eps1 = eps1, Eps2 = eps2, D = d, WeightDecay = weightDecay, Maximize = maximize })) { }

    private protected override void Check(Tensor parameter)
    {
        if (parameter.DType.IsComplex) throw new ArgumentException("Adafactor: complex parameters cannot be optimized.", nameof(parameter));
    }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, AdafactorOptions options, ParameterState state)
    {
        if (options.Maximize) gradient = -gradient;
        double step = state.NextStep(), weight = Math.Pow(step, options.Beta2Decay), eps1 = options.Eps1 ?? parameter.DType.Epsilon;
        double alpha = Math.Max(options.Eps2, Rms(parameter)) * Math.Min(options.Lr, 1 / Math.Sqrt(step));
        if (options.WeightDecay != 0) parameter.MulInPlace(1 - options.Lr * options.WeightDecay);
        Tensor square = gradient.Square(), variance;
        if (gradient.Rank > 1)
        {
            Tensor rows = Of("row_var", square.Mean(-1, keepDim: true)), columns = Of("col_var", square.Mean(-2, keepDim: true));
            variance = rows.MatMul(columns) / rows.Mean(-2, keepDim: true).Clamp(min: eps1);
        }
        else variance = Of("variance", square).Clone();
        Tensor update = variance.Clamp(min: eps1 * eps1).Rsqrt() * gradient;
        parameter.AddInPlace(update * (-alpha / Math.Max(1, Rms(update) / options.D)));

        Tensor Of(string name, Tensor now) => state.GetOrAdd(name, now).LerpInPlace(now, weight);
    }

    static double Rms(Tensor x) => Math.Sqrt(x.Square().Sum().Item<double>() / x.Count);

    private protected override void CheckStateShape(string key, Tensor state, Tensor parameter)
    {
        Dims p = parameter.Shape;
        Dims expected = key.EndsWith(".row_var", StringComparison.Ordinal) && p.Length > 1 ? new([.. p[..^1].Span, 1])
            : key.EndsWith(".col_var", StringComparison.Ordinal) && p.Length > 1 ? new([.. p[..^2].Span, 1, p[^1]]) : p;
        if (state.Shape != expected) throw new ArgumentException($"LoadStateDict: {key} has shape {state.Shape} where {expected} is expected.", nameof(state));
    }
}
