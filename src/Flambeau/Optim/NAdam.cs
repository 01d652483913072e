using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="NAdam"/>.</summary>
public sealed record NAdamOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public NAdamOptions() => Lr = 2e-3;

    /// <summary>How slowly the mean of the gradient changes.</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>How slowly the mean of its square changes.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>What keeps the quotient finite.</summary>
    public double Eps { get; set; } = 1e-8;

    /// <summary>How fast the momentum grows to its full size.</summary>
    public double MomentumDecay { get; set; } = 4e-3;

    /// <summary>Whether weight decay shrinks the parameters, as in AdamW, instead of adding to the gradient.</summary>
    public bool DecoupledWeightDecay { get; set; }

    internal override double? CycledMomentum { get => Beta1; set => Beta1 = value!.Value; }

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        AtLeastZero(Eps, nameof(Eps));
        AtLeastZero(MomentumDecay, nameof(MomentumDecay));
        Fraction(Beta1, nameof(Beta1));
        Fraction(Beta2, nameof(Beta2));
    }
}

/// <summary>Adam with Nesterov's momentum: Dozat (2016). PyTorch's <c>torch.optim.NAdam</c>.</summary>
public sealed class NAdam : Optimizer<NAdamOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public NAdam(params IEnumerable<ParamGroup<NAdamOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="NAdamOptions"/>.</summary>
    public NAdam(IEnumerable<Tensor> parameters, double lr = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0, double momentumDecay = 4e-3,
        bool decoupledWeightDecay = false, bool maximize = false)
        : this(new ParamGroup<NAdamOptions>(parameters, new()
        {
            Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, MomentumDecay = momentumDecay, DecoupledWeightDecay = decoupledWeightDecay, Maximize = maximize,
        })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="NAdamOptions"/>.</summary>
    public NAdam(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0, double momentumDecay = 4e-3,
        bool decoupledWeightDecay = false, bool maximize = false)
        : this(new ParamGroup<NAdamOptions>(parameters, new()
        {
            Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, MomentumDecay = momentumDecay, DecoupledWeightDecay = decoupledWeightDecay, Maximize = maximize,
        })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, NAdamOptions options, ParameterState state)
    {
        double step = state.NextStep(), mu = Mu(step), next = Mu(step + 1);
        double product = state.Values["mu_product"] = state.Values.GetValueOrDefault("mu_product", 1) * mu;
        Rule rule = new(options.DecoupledWeightDecay ? new(0, options.Maximize) : new(options), options.DecoupledWeightDecay ? 1 - options.Lr * options.WeightDecay : 1,
            options.Beta1, options.Beta2, options.Eps, 1 - Math.Pow(options.Beta2, step), options.Lr * (1 - mu) / (1 - product),
            options.Lr * next / (1 - product * mu * next));                     // μ twice, as the recorded PyTorch (1.13) has it
        Run("NAdam.Step", rule, parameter, gradient, state.GetOrAdd("exp_avg", parameter), state.GetOrAdd("exp_avg_sq", parameter));

        double Mu(double t) => options.Beta1 * (1 - 0.5 * Math.Pow(0.96, t * options.MomentumDecay));
    }

    readonly record struct Rule(GradientOf Gradient, Coefficient Shrink, Decay Beta1, Decay Beta2, Coefficient Eps, Coefficient Correction2, Coefficient OfGradient, Coefficient OfMean) : IUpdate
    {
        public int States => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            if (!Shrink.Is(1)) p = p * T.Const(Shrink);
            g = Gradient.Get(p, g);
            Moments.Update(g, ref a, ref b, Beta1, Beta2);
            T root = T.Sqrt(b / T.Const(Correction2)) + T.Const(Eps);
            p = p - g * T.Const(OfGradient) / root - a * T.Const(OfMean) / root;
        }
    }
}
