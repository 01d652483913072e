using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="RmsProp"/>.</summary>
public sealed record RmsPropOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public RmsPropOptions() => Lr = 1e-2;

    /// <summary>How slowly the mean square changes.</summary>
    public double Alpha { get; set; } = 0.99;

    /// <summary>What keeps the quotient finite.</summary>
    public double Eps { get; set; } = 1e-8;

    /// <summary>How much of the last step goes into this one.</summary>
    public double Momentum { get; set; }

    /// <summary>Whether to divide by an estimate of the standard deviation instead of the root mean square.</summary>
    public bool Centered { get; set; }

    internal override double? CycledMomentum { get => Momentum; set => Momentum = value!.Value; }

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        AtLeastZero(Alpha, nameof(Alpha));
        AtLeastZero(Eps, nameof(Eps));
        AtLeastZero(Momentum, nameof(Momentum));
    }
}

/// <summary>Hinton (2012); centered: Graves (2013). PyTorch's <c>torch.optim.RMSprop</c>.</summary>
public sealed class RmsProp : Optimizer<RmsPropOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public RmsProp(params IEnumerable<ParamGroup<RmsPropOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="RmsPropOptions"/>.</summary>
    public RmsProp(IEnumerable<Tensor> parameters, double lr = 1e-2, double alpha = 0.99, double eps = 1e-8, double weightDecay = 0, double momentum = 0, bool centered = false,
        bool maximize = false)
        : this(new ParamGroup<RmsPropOptions>(parameters, new() { Lr = lr, Alpha = alpha, Eps = eps, WeightDecay = weightDecay, Momentum = momentum, Centered = centered, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="RmsPropOptions"/>.</summary>
    public RmsProp(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-2, double alpha = 0.99, double eps = 1e-8, double weightDecay = 0, double momentum = 0, bool centered = false,
        bool maximize = false)
        : this(new ParamGroup<RmsPropOptions>(parameters, new() { Lr = lr, Alpha = alpha, Eps = eps, WeightDecay = weightDecay, Momentum = momentum, Centered = centered, Maximize = maximize })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, RmsPropOptions options, ParameterState state)
    {
        Rule rule = new(new(options), options.Lr, options.Alpha, options.Eps, options.Momentum, options.Centered);
        Tensor square = state.GetOrAdd("square_avg", parameter);
        switch (options)
        {
            case { Centered: false, Momentum: 0 }: Run("RmsProp.Step", rule, parameter, gradient, square); break;
            case { Centered: false }: Run("RmsProp.Step", rule, parameter, gradient, square, state.GetOrAdd("momentum_buffer", parameter)); break;
            case { Momentum: 0 }: Run("RmsProp.Step", rule, parameter, gradient, square, state.GetOrAdd("grad_avg", parameter)); break;
            default: Run("RmsProp.Step", rule, parameter, gradient, square, state.GetOrAdd("grad_avg", parameter), state.GetOrAdd("momentum_buffer", parameter)); break;
        }
    }

    readonly record struct Rule(GradientOf Gradient, Coefficient Lr, Decay Alpha, Coefficient Eps, Coefficient Momentum, bool Centered) : IUpdate
    {
        public int States => 1 + (Centered ? 1 : 0) + (Momentum.Is(0) ? 0 : 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            g = Gradient.Get(p, g);
            a = a * T.Const(Alpha.Kept) + g * g * T.Const(Alpha.New);
            T square = a;
            if (Centered)
            {
                b = b * T.Const(Alpha.Kept) + g * T.Const(Alpha.New);
                square = a - b * b;
            }
            T root = T.Sqrt(square) + T.Const(Eps);
            if (!Momentum.Is(0))
            {
                T last = (Centered ? c : b) * T.Const(Momentum) + g / root;
                if (Centered) c = last; else b = last;
                p = p - last * T.Const(Lr);
            }
            else p = p - g * T.Const(Lr) / root;
        }
    }
}
