using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Asgd"/>.</summary>
public sealed record AsgdOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public AsgdOptions() => Lr = 1e-2;

    /// <summary>How fast the parameters shrink and the step falls.</summary>
    public double Lambd { get; set; } = 1e-4;

    /// <summary>The power by which the step falls.</summary>
    public double Alpha { get; set; } = 0.75;

    /// <summary>At which step averaging starts.</summary>
    public double T0 { get; set; } = 1e6;
}

/// <summary>Averaged stochastic gradient descent: Polyak and Juditsky (1992). PyTorch's <c>torch.optim.ASGD</c>.</summary>
public sealed class Asgd : Optimizer<AsgdOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public Asgd(params IEnumerable<ParamGroup<AsgdOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="AsgdOptions"/>.</summary>
    public Asgd(IEnumerable<Tensor> parameters, double lr = 1e-2, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weightDecay = 0, bool maximize = false)
        : this(new ParamGroup<AsgdOptions>(parameters, new() { Lr = lr, Lambd = lambd, Alpha = alpha, T0 = t0, WeightDecay = weightDecay, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="AsgdOptions"/>.</summary>
    public Asgd(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-2, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weightDecay = 0, bool maximize = false)
        : this(new ParamGroup<AsgdOptions>(parameters, new() { Lr = lr, Lambd = lambd, Alpha = alpha, T0 = t0, WeightDecay = weightDecay, Maximize = maximize })) { }

    /// <summary>The average of a parameter's values, which is what to use in the end.</summary>
    /// <exception cref="KeyNotFoundException">The parameter has not been changed yet.</exception>
    public Tensor AverageOf(Tensor parameter) => StateOf(parameter).Tensors["ax"];

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, AsgdOptions options, ParameterState state)
    {
        double step = state.NextStep(), eta = state.Values.GetValueOrDefault("eta", options.Lr), mu = state.Values.GetValueOrDefault("mu", 1);
        Run("Asgd.Step", new Rule(new(options), eta, 1 - options.Lambd * eta, mu), parameter, gradient, state.GetOrAdd("ax", parameter));
        state.Values["eta"] = options.Lr / Math.Pow(1 + options.Lambd * options.Lr * step, options.Alpha);
        state.Values["mu"] = 1 / Math.Max(1, step - options.T0);
    }

    readonly record struct Rule(GradientOf Gradient, Coefficient Eta, Coefficient Shrink, Coefficient Mu) : IUpdate
    {
        public int States => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            g = Gradient.Get(p, g);
            p = p * T.Const(Shrink) - g * T.Const(Eta);
            a = Mu.Is(1) ? p : a + (p - a) * T.Const(Mu);
        }
    }
}
