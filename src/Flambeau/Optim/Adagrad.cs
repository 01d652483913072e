using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Adagrad"/>.</summary>
public sealed record AdagradOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public AdagradOptions() => Lr = 1e-2;

    /// <summary>How the learning rate falls with the steps: lr / (1 + (t − 1)·LrDecay).</summary>
    public double LrDecay { get; set; }

    /// <summary>Where the sums of squares begin.</summary>
    public double InitialAccumulatorValue { get; set; }

    /// <summary>What keeps the quotient finite.</summary>
    public double Eps { get; set; } = 1e-10;

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        AtLeastZero(LrDecay, nameof(LrDecay));
        AtLeastZero(InitialAccumulatorValue, nameof(InitialAccumulatorValue));
        AtLeastZero(Eps, nameof(Eps));
    }
}

/// <summary>Duchi, Hazan and Singer (2011). PyTorch's <c>torch.optim.Adagrad</c>.</summary>
public sealed class Adagrad : Optimizer<AdagradOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public Adagrad(params IEnumerable<ParamGroup<AdagradOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="AdagradOptions"/>.</summary>
    public Adagrad(IEnumerable<Tensor> parameters, double lr = 1e-2, double lrDecay = 0, double weightDecay = 0, double initialAccumulatorValue = 0, double eps = 1e-10, bool maximize = false)
        : this(new ParamGroup<AdagradOptions>(parameters,
            new() { Lr = lr, LrDecay = lrDecay, WeightDecay = weightDecay, InitialAccumulatorValue = initialAccumulatorValue, Eps = eps, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="AdagradOptions"/>.</summary>
    public Adagrad(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-2, double lrDecay = 0, double weightDecay = 0, double initialAccumulatorValue = 0, double eps = 1e-10, bool maximize = false)
        : this(new ParamGroup<AdagradOptions>(parameters,
            new() { Lr = lr, LrDecay = lrDecay, WeightDecay = weightDecay, InitialAccumulatorValue = initialAccumulatorValue, Eps = eps, Maximize = maximize })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, AdagradOptions options, ParameterState state)
    {
        double lr = options.Lr / (1 + (state.NextStep() - 1) * options.LrDecay);
        Run("Adagrad.Step", new Rule(new(options), lr, options.Eps), parameter, gradient, state.GetOrAdd("sum", parameter, options.InitialAccumulatorValue));
    }

    readonly record struct Rule(GradientOf Gradient, Coefficient Lr, Coefficient Eps) : IUpdate
    {
        public int States => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            g = Gradient.Get(p, g);
            a = a + g * g;
            p = p - g * T.Const(Lr) / (T.Sqrt(a) + T.Const(Eps));
        }
    }
}
