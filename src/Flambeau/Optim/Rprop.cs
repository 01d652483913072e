using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Rprop"/>.</summary>
public sealed record RpropOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public RpropOptions() => Lr = 1e-2;

    /// <summary>By what a step shrinks when the gradient changes its sign.</summary>
    public double EtaMinus { get; set; } = 0.5;

    /// <summary>By what it grows when not.</summary>
    public double EtaPlus { get; set; } = 1.2;

    /// <summary>The smallest step.</summary>
    public double MinStepSize { get; set; } = 1e-6;

    /// <summary>The largest step.</summary>
    public double MaxStepSize { get; set; } = 50;

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        if (!(EtaMinus > 0 && EtaMinus < 1 && EtaPlus > 1)) throw new ArgumentOutOfRangeException(nameof(EtaMinus), $"EtaMinus is {EtaMinus} and EtaPlus {EtaPlus}; 0 < EtaMinus < 1 < EtaPlus must hold.");
    }
}

/// <summary>Resilient backpropagation, for gradients of all data: Riedmiller and Braun (1993). PyTorch's <c>torch.optim.Rprop</c>.</summary>
public sealed class Rprop : Optimizer<RpropOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public Rprop(params IEnumerable<ParamGroup<RpropOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="RpropOptions"/>.</summary>
    public Rprop(IEnumerable<Tensor> parameters, double lr = 1e-2, double etaMinus = 0.5, double etaPlus = 1.2, double minStepSize = 1e-6, double maxStepSize = 50, bool maximize = false)
        : this(new ParamGroup<RpropOptions>(parameters,
            new() { Lr = lr, EtaMinus = etaMinus, EtaPlus = etaPlus, MinStepSize = minStepSize, MaxStepSize = maxStepSize, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="RpropOptions"/>.</summary>
    public Rprop(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-2, double etaMinus = 0.5, double etaPlus = 1.2, double minStepSize = 1e-6, double maxStepSize = 50, bool maximize = false)
        : this(new ParamGroup<RpropOptions>(parameters,
            new() { Lr = lr, EtaMinus = etaMinus, EtaPlus = etaPlus, MinStepSize = minStepSize, MaxStepSize = maxStepSize, Maximize = maximize })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, RpropOptions options, ParameterState state)
    {
        state.NextStep();
        Run("Rprop.Step", new Rule(options.EtaMinus, options.EtaPlus, options.MinStepSize, options.MaxStepSize, options.Maximize), parameter, gradient,
            state.GetOrAdd("prev", parameter), state.GetOrAdd("step_size", parameter, options.Lr));
    }

    readonly record struct Rule(double EtaMinus, double EtaPlus, double Min, double Max, bool Maximize) : IUpdate
    {
        public int States => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            if (Maximize) g = -g;
            T turn = g * a, turned = T.Less(turn, T.Zero);
            T factor = T.Where(turned, T.Const(EtaMinus), T.Where(T.Less(T.Zero, turn), T.Const(EtaPlus), T.One));
            b = T.Min(T.Max(b * factor, T.Const(Min)), T.Const(Max));
            a = T.Where(turned, T.Zero, g);
            T sign = T.Where(T.Less(T.Zero, a), T.One, T.Where(T.Less(a, T.Zero), T.Const(-1), T.Zero));
            p = p - sign * b;
        }
    }
}
