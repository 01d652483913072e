using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Sgd"/>.</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public SgdOptions() => Lr = 1e-3;

    /// <summary>How much of the last step goes into this one.</summary>
    public double Momentum { get; set; }

    /// <summary>How much the gradient counts less in the momentum.</summary>
    public double Dampening { get; set; }

    /// <summary>Whether to look ahead along the momentum.</summary>
    public bool Nesterov { get; set; }

    internal override double? CycledMomentum { get => Momentum; set => Momentum = value!.Value; }

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        AtLeastZero(Momentum, nameof(Momentum));
        if (Nesterov && (Momentum == 0 || Dampening != 0)) throw new ArgumentException("Nesterov needs a momentum and no dampening.");
    }
}

/// <summary>Stochastic gradient descent, with momentum if wished. PyTorch's <c>torch.optim.SGD</c>.</summary>
public sealed class Sgd : Optimizer<SgdOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public Sgd(params IEnumerable<ParamGroup<SgdOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="SgdOptions"/>.</summary>
    public Sgd(IEnumerable<Tensor> parameters, double lr = 1e-3, double momentum = 0, double dampening = 0, double weightDecay = 0, bool nesterov = false, bool maximize = false)
        : this(new ParamGroup<SgdOptions>(parameters, new() { Lr = lr, Momentum = momentum, Dampening = dampening, WeightDecay = weightDecay, Nesterov = nesterov, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="SgdOptions"/>.</summary>
    public Sgd(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-3, double momentum = 0, double dampening = 0, double weightDecay = 0, bool nesterov = false, bool maximize = false)
        : this(new ParamGroup<SgdOptions>(parameters, new() { Lr = lr, Momentum = momentum, Dampening = dampening, WeightDecay = weightDecay, Nesterov = nesterov, Maximize = maximize })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, SgdOptions options, ParameterState state)
    {
        bool first = !state.Tensors.ContainsKey("momentum_buffer");
        Rule rule = new(new(options), options.Lr, options.Momentum, first ? 1 : 1 - options.Dampening, options.Nesterov);
        if (options.Momentum == 0) Run("Sgd.Step", rule, parameter, gradient);
        else Run("Sgd.Step", rule, parameter, gradient, state.GetOrAdd("momentum_buffer", parameter));
    }

    readonly record struct Rule(GradientOf Gradient, Coefficient Lr, Coefficient Momentum, Coefficient Weight, bool Nesterov) : IUpdate
    {
        public int States => Momentum.Is(0) ? 0 : 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            g = Gradient.Get(p, g);
            if (!Momentum.Is(0))
            {
                a = a * T.Const(Momentum) + g * T.Const(Weight);
                g = Nesterov ? g + a * T.Const(Momentum) : a;
            }
            p = p - g * T.Const(Lr);
        }
    }
}
