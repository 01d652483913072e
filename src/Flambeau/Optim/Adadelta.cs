using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Adadelta"/>.</summary>
public sealed record AdadeltaOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public AdadeltaOptions() => Lr = 1;

    /// <summary>How slowly the mean squares change.</summary>
    public double Rho { get; set; } = 0.9;

    /// <summary>What keeps the quotient finite.</summary>
    public double Eps { get; set; } = 1e-6;

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        AtLeastZero(Eps, nameof(Eps));
        if (!(Rho is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(Rho), Rho, $"Rho is {Rho}; it must lie in [0, 1].");
    }
}

/// <summary>Zeiler (2012). PyTorch's <c>torch.optim.Adadelta</c>.</summary>
public sealed class Adadelta : Optimizer<AdadeltaOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public Adadelta(params IEnumerable<ParamGroup<AdadeltaOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="AdadeltaOptions"/>.</summary>
    public Adadelta(IEnumerable<Tensor> parameters, double lr = 1, double rho = 0.9, double eps = 1e-6, double weightDecay = 0, bool maximize = false)
        : this(new ParamGroup<AdadeltaOptions>(parameters, new() { Lr = lr, Rho = rho, Eps = eps, WeightDecay = weightDecay, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="AdadeltaOptions"/>.</summary>
    public Adadelta(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1, double rho = 0.9, double eps = 1e-6, double weightDecay = 0, bool maximize = false)
        : this(new ParamGroup<AdadeltaOptions>(parameters, new() { Lr = lr, Rho = rho, Eps = eps, WeightDecay = weightDecay, Maximize = maximize })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, AdadeltaOptions options, ParameterState state)
    {
        state.NextStep();
        Run("Adadelta.Step", new Rule(new(options), options.Lr, options.Rho, options.Eps), parameter, gradient,
            state.GetOrAdd("square_avg", parameter), state.GetOrAdd("acc_delta", parameter));
    }

    readonly record struct Rule(GradientOf Gradient, Coefficient Lr, Decay Rho, Coefficient Eps) : IUpdate
    {
        public int States => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            g = Gradient.Get(p, g);
            a = a * T.Const(Rho.Kept) + g * g * T.Const(Rho.New);
            T delta = T.Sqrt(b + T.Const(Eps)) / T.Sqrt(a + T.Const(Eps)) * g;
            b = b * T.Const(Rho.Kept) + delta * delta * T.Const(Rho.New);
            p = p - delta * T.Const(Lr);
        }
    }
}
