using Flambeau.Nn;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Muon"/>.</summary>
public sealed record MuonOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults for Muon.</summary>
    public MuonOptions() => (Lr, WeightDecay) = (1e-3, 0.1);

    /// <summary>How slowly the mean of the gradient changes.</summary>
    public double Momentum { get; set; } = 0.95;

    /// <summary>Whether to look ahead: the gradient is mixed with the mean once more.</summary>
    public bool Nesterov { get; set; } = true;

    /// <summary>The first coefficient of an iteration's polynomial aX + bX³ + cX⁵.</summary>
    public double NsA { get; set; } = 3.4445;

    /// <summary>The second.</summary>
    public double NsB { get; set; } = -4.775;

    /// <summary>The third.</summary>
    public double NsC { get; set; } = 2.0315;

    /// <summary>What keeps the division by the norm finite.</summary>
    public double Eps { get; set; } = 1e-7;

    /// <summary>How many iterations there are.</summary>
    public int NsSteps { get; set; } = 5;

    /// <summary>
    /// How the rate follows the shape (A, B) of a parameter: <c>original</c>, times √max(1, A/B); <c>match_rms_adamw</c>, times 0.2·√max(A, B), which lets one use
    /// the rate and weight decay of AdamW. Null is <c>original</c>.
    /// </summary>
    public string? AdjustLrFn { get; set; }

    internal override double? CycledMomentum { get => Momentum; set => Momentum = value!.Value; }

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        AtLeastZero(Momentum, nameof(Momentum));
        AtLeastZero(Eps, nameof(Eps));
        if (NsSteps is < 0 or >= 100) throw new ArgumentOutOfRangeException(nameof(NsSteps), NsSteps, $"NsSteps is {NsSteps}; it must lie in [0, 99].");
        if (AdjustLrFn is not (null or "original" or "match_rms_adamw"))
            throw new ArgumentException($"AdjustLrFn is \"original\" or \"match_rms_adamw\", not \"{AdjustLrFn}\".", nameof(AdjustLrFn));
    }
}

/// <summary>
/// Steps of orthogonal matrices: the running mean of a gradient, with all its singular values near 1. For the matrices of hidden layers;
/// embeddings, heads, biases and norms are for <see cref="AdamW"/>. Jordan et al. (2024). PyTorch's <c>torch.optim.Muon</c>, whose iteration
/// runs in bfloat16; this one runs in the parameter's type, or float32 for narrower ones.
/// </summary>
public sealed class Muon : Optimizer<MuonOptions>
{
    /// <summary>For groups with options of their own.</summary>
    /// <exception cref="ArgumentException">A parameter is no matrix.</exception>
    public Muon(params IEnumerable<ParamGroup<MuonOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="MuonOptions"/>.</summary>
    /// <exception cref="ArgumentException">A parameter is no matrix.</exception>
    public Muon(IEnumerable<Tensor> parameters, double lr = 1e-3, double weightDecay = 0.1, double momentum = 0.95, bool nesterov = true,
        (double A, double B, double C)? nsCoefficients = null, double eps = 1e-7, int nsSteps = 5, string? adjustLrFn = null)
        : this(new ParamGroup<MuonOptions>(parameters, Of(lr, weightDecay, momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn))) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="MuonOptions"/>.</summary>
    /// <exception cref="ArgumentException">A parameter is no matrix.</exception>
    public Muon(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-3, double weightDecay = 0.1, double momentum = 0.95, bool nesterov = true,
        (double A, double B, double C)? nsCoefficients = null, double eps = 1e-7, int nsSteps = 5, string? adjustLrFn = null)
        : this(new ParamGroup<MuonOptions>(parameters, Of(lr, weightDecay, momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn))) { }

    static MuonOptions Of(double lr, double weightDecay, double momentum, bool nesterov, (double A, double B, double C)? ns, double eps, int nsSteps, string? adjustLrFn)
    {
        MuonOptions o = new() { Lr = lr, WeightDecay = weightDecay, Momentum = momentum, Nesterov = nesterov, Eps = eps, NsSteps = nsSteps, AdjustLrFn = adjustLrFn };
        return ns is { } c ? o with { NsA = c.A, NsB = c.B, NsC = c.C } : o;
    }

    private protected override void Check(Tensor parameter)
    {
        if (parameter.Rank != 2)
            throw new ArgumentException($"Muon: a parameter of shape {parameter.Shape} is no matrix. Give it to another optimizer, such as AdamW.", nameof(parameter));
        if (parameter.DType.IsComplex) throw new ArgumentException("Muon: complex parameters cannot be optimized.", nameof(parameter));
    }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, MuonOptions options, ParameterState state)
    {
        if (options.Maximize) gradient = -gradient;
        Tensor mean = state.GetOrAdd("momentum_buffer", parameter);
        mean.LerpInPlace(gradient, 1 - options.Momentum);
        Tensor step = Orthogonal(options.Nesterov ? gradient.Lerp(mean, options.Momentum) : mean, options);
        double a = parameter.Size(0), b = parameter.Size(1);
        double factor = options.AdjustLrFn == "match_rms_adamw" ? 0.2 * Math.Sqrt(Math.Max(a, b)) : Math.Sqrt(Math.Max(1, a / b));
        parameter.MulInPlace(1 - options.Lr * options.WeightDecay);
        parameter.AddInPlace(step * (-options.Lr * factor));
    }

    /// <summary>Takes the singular values near 1, by an odd polynomial that is steep at 0: no decomposition is needed, only products.</summary>
    static Tensor Orthogonal(Tensor g, MuonOptions o)
    {
        Tensor x = g.To(g.DType.Compute);
        bool isTall = x.Size(0) > x.Size(1);
        if (isTall) x = x.T;
        x = x / Math.Max(Math.Sqrt(x.Square().Sum().Item<double>()), o.Eps);
        for (int i = 0; i < o.NsSteps; i++)
        {
            Tensor gram = x.MatMul(x.T);
            x = x * o.NsA + (gram * o.NsB + gram.MatMul(gram) * o.NsC).MatMul(x);
        }
        return (isTall ? x.T : x).To(g.DType);
    }
}
