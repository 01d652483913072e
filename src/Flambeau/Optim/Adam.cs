using System.Runtime.CompilerServices;
using Flambeau.Nn;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Adam"/>.</summary>
public record AdamOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults for Adam.</summary>
    public AdamOptions() => Lr = 1e-3;

    /// <summary>How slowly the mean of the gradient changes.</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>How slowly the mean of its square changes.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>What keeps the quotient finite.</summary>
    public double Eps { get; set; } = 1e-8;

    /// <summary>Whether the largest mean square so far is used (Reddi et al., 2018).</summary>
    public bool Amsgrad { get; set; }

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

/// <summary>Kingma and Ba (2015). PyTorch's <c>torch.optim.Adam</c>.</summary>
public sealed class Adam : Optimizer<AdamOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public Adam(params IEnumerable<ParamGroup<AdamOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="AdamOptions"/>.</summary>
    public Adam(IEnumerable<Tensor> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0, bool amsgrad = false,
        bool maximize = false)
        : this(new ParamGroup<AdamOptions>(parameters, new() { Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, Amsgrad = amsgrad, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="AdamOptions"/>.</summary>
    public Adam(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0, bool amsgrad = false,
        bool maximize = false)
        : this(new ParamGroup<AdamOptions>(parameters, new() { Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, Amsgrad = amsgrad, Maximize = maximize })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, AdamOptions options, ParameterState state) =>
        Fused("Adam.Step", parameter, gradient, options, new(options), 1, state);

    internal static void Fused(string name, Tensor p, Tensor g, AdamOptions o, GradientOf gradient, double shrink, ParameterState state)
    {
        double step = state.NextStep();
        Rule rule = new(gradient, shrink, o.Beta1, o.Beta2, o.Eps, o.Lr / (1 - Math.Pow(o.Beta1, step)), Math.Sqrt(1 - Math.Pow(o.Beta2, step)), o.Amsgrad);
        Tensor mean = state.GetOrAdd("exp_avg", p), square = state.GetOrAdd("exp_avg_sq", p);
        if (o.Amsgrad) Run(name, rule, p, g, mean, square, state.GetOrAdd("max_exp_avg_sq", p));
        else Run(name, rule, p, g, mean, square);
    }

    /// <param name="Gradient">The gradient with its penalty.</param>
    /// <param name="Shrink">By what the parameter is multiplied first.</param>
    /// <param name="Beta1">How slowly the mean changes.</param>
    /// <param name="Beta2">How slowly the mean square changes.</param>
    /// <param name="Eps">What keeps the quotient finite.</param>
    /// <param name="StepSize">lr / (1 − β₁ᵗ)</param>
    /// <param name="RootCorrection2">√(1 − β₂ᵗ)</param>
    /// <param name="Amsgrad">Whether c is the largest mean square.</param>
    readonly record struct Rule(GradientOf Gradient, Coefficient Shrink, Decay Beta1, Decay Beta2, Coefficient Eps, Coefficient StepSize, Coefficient RootCorrection2, bool Amsgrad) : IUpdate
    {
        public int States => Amsgrad ? 3 : 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>
        {
            if (!Shrink.Is(1)) p = p * T.Const(Shrink);
            g = Gradient.Get(p, g);
            Moments.Update(g, ref a, ref b, Beta1, Beta2);
            T square = b;
            if (Amsgrad) square = c = T.Max(c, b);
            p = p - a * T.Const(StepSize) / (T.Sqrt(square) / T.Const(RootCorrection2) + T.Const(Eps));
        }
    }
}

/// <summary>The options of <see cref="AdamW"/>.</summary>
public sealed record AdamWOptions : AdamOptions
{
    /// <summary>PyTorch's defaults for AdamW: those of Adam, but for a <see cref="OptimizerOptions.WeightDecay"/> of 0.01.</summary>
    public AdamWOptions() => WeightDecay = 1e-2;
}

/// <summary>Adam that shrinks the parameters instead of adding a penalty to the gradient: Loshchilov and Hutter (2019). PyTorch's <c>torch.optim.AdamW</c>.</summary>
public sealed class AdamW : Optimizer<AdamWOptions>
{
    /// <summary>For groups with options of their own.</summary>
    public AdamW(params IEnumerable<ParamGroup<AdamWOptions>> groups) : base(groups) { }

    /// <summary>For parameters with common options; see <see cref="AdamWOptions"/>.</summary>
    public AdamW(IEnumerable<Tensor> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 1e-2, bool amsgrad = false,
        bool maximize = false)
        : this(new ParamGroup<AdamWOptions>(parameters, new() { Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, Amsgrad = amsgrad, Maximize = maximize })) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="AdamWOptions"/>.</summary>
    public AdamW(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 1e-2, bool amsgrad = false,
        bool maximize = false)
        : this(new ParamGroup<AdamWOptions>(parameters, new() { Lr = lr, Beta1 = beta1, Beta2 = beta2, Eps = eps, WeightDecay = weightDecay, Amsgrad = amsgrad, Maximize = maximize })) { }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, AdamWOptions options, ParameterState state) =>
        Adam.Fused("AdamW.Step", parameter, gradient, options, new(0, options.Maximize), 1 - options.Lr * options.WeightDecay, state);
}
