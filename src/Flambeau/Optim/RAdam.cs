using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="RAdam"/>.</summary>
public sealed record RAdamOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public RAdamOptions() => Lr = 1e-3;

    /// <summary>How slowly the mean of the gradient changes.</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>How slowly the mean of its square changes.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>What keeps the quotient finite.</summary>
    public double Eps { get; set; } = 1e-8;

    /// <summary>Whether weight decay shrinks the parameters, as in AdamW, instead of adding to the gradient.</summary>
    public bool DecoupledWeightDecay { get; set; }

    internal override double? CycledMomentum { get => Beta1; set => Beta1 = value!.Value; }

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        AtLeastZero(Eps, nameof(Eps));
        Fraction(Beta1, nameof(Beta1));
        Fraction(Beta2, nameof(Beta2));
    }
}

/// <summary>Adam that adapts only once the mean square is known well enough: Liu et al. (2020). PyTorch's <c>torch.optim.RAdam</c>.</summary>
public sealed class RAdam : Optimizer<RAdamOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public RAdam(params IEnumerable<ParamGroup<RAdamOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="RAdamOptions"/>.</summary>
    public RAdam(IEnumerable<Tensor> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0, bool decoupledWeightDecay = false,
        bool maximize = false)
        : this(new ParamGroup<RAdamOptions>(parameters,
            new() { Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, DecoupledWeightDecay = decoupledWeightDecay, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="RAdamOptions"/>.</summary>
    public RAdam(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0, bool decoupledWeightDecay = false,
        bool maximize = false)
        : this(new ParamGroup<RAdamOptions>(parameters,
            new() { Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, DecoupledWeightDecay = decoupledWeightDecay, Maximize = maximize })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, RAdamOptions options, ParameterState state)
    {
        double step = state.NextStep(), power2 = Math.Pow(options.Beta2, step), correction2 = 1 - power2;
        double longest = 2 / (1 - options.Beta2) - 1, length = longest - 2 * step * power2 / correction2;       // of the approximated simple moving average
        double rectified = length > 5 ? Math.Sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) * Math.Sqrt(correction2) : 0;
        Rule rule = new(options.DecoupledWeightDecay ? new(0, options.Maximize) : new(options), options.DecoupledWeightDecay ? 1 - options.Lr * options.WeightDecay : 1,
            options.Beta1, options.Beta2, options.Eps, options.Lr / (1 - Math.Pow(options.Beta1, step)), rectified);
        Run("RAdam.Step", rule, parameter, gradient, state.GetOrAdd("exp_avg", parameter), state.GetOrAdd("exp_avg_sq", parameter));
    }

    /// <param name="Gradient">The gradient with its penalty.</param>
    /// <param name="Shrink">By what the parameter is multiplied first.</param>
    /// <param name="Beta1">How slowly the mean changes.</param>
    /// <param name="Beta2">How slowly the mean square changes.</param>
    /// <param name="Eps">What keeps the quotient finite.</param>
    /// <param name="StepSize">lr / (1 − β₁ᵗ)</param>
    /// <param name="Rectified">The rectification times √(1 − β₂ᵗ); 0 while the step does not adapt.</param>
    readonly record struct Rule(GradientOf Gradient, Coefficient Shrink, Decay Beta1, Decay Beta2, Coefficient Eps, Coefficient StepSize, Coefficient Rectified) : IUpdate
    {
        public int States => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            if (!Shrink.Is(1)) p = p * T.Const(Shrink);
            g = Gradient.Get(p, g);
            Moments.Update(g, ref a, ref b, Beta1, Beta2);
            T step = a * T.Const(StepSize);
            if (!Rectified.Is(0)) step = step * T.Const(Rectified) / (T.Sqrt(b) + T.Const(Eps));
            p = p - step;
        }
    }
}
