using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Adamax"/>.</summary>
public sealed record AdamaxOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public AdamaxOptions() => Lr = 2e-3;

    /// <summary>How slowly the mean of the gradient changes.</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>How slowly its largest size falls.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>What keeps the quotient finite.</summary>
    public double Eps { get; set; } = 1e-8;

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

/// <summary>Adam with the largest size of the gradient in place of its root mean square: Kingma and Ba (2015). PyTorch's <c>torch.optim.Adamax</c>.</summary>
public sealed class Adamax : Optimizer<AdamaxOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public Adamax(params IEnumerable<ParamGroup<AdamaxOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="AdamaxOptions"/>.</summary>
    public Adamax(IEnumerable<Tensor> parameters, double lr = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0, bool maximize = false)
        : this(new ParamGroup<AdamaxOptions>(parameters, new() { Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="AdamaxOptions"/>.</summary>
    public Adamax(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 2e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0, bool maximize = false)
        : this(new ParamGroup<AdamaxOptions>(parameters, new() { Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, Maximize = maximize })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, AdamaxOptions options, ParameterState state)
    {
        double stepSize = options.Lr / (1 - Math.Pow(options.Beta1, state.NextStep()));
        Run("Adamax.Step", new Rule(new(options), stepSize, options.Beta1, options.Beta2, options.Eps), parameter, gradient,
            state.GetOrAdd("exp_avg", parameter), state.GetOrAdd("exp_inf", parameter));
    }

    readonly record struct Rule(GradientOf Gradient, Coefficient StepSize, Decay Beta1, Decay Beta2, Coefficient Eps) : IUpdate
    {
        public int States => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            g = Gradient.Get(p, g);
            a = a + (g - a) * T.Const(Beta1.New);
            b = T.Max(b * T.Const(Beta2.Kept), T.Abs(g) + T.Const(Eps));
            p = p - a * T.Const(StepSize) / b;
        }
    }
}
