using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Optim;

/// <summary>What every rule begins with.</summary>
/// <param name="WeightDecay">The factor of the parameter that is added to its gradient.</param>
/// <param name="Maximize">Whether the gradient is turned around first.</param>
internal readonly record struct GradientOf(Coefficient WeightDecay, bool Maximize)
{
    public GradientOf(OptimizerOptions o) : this(o.WeightDecay, o.Maximize) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Get<T>(T p, T g) where T : IReal<T>
    {
        if (Maximize) g = -g;
        return !WeightDecay.Is(0) ? g + T.Const(WeightDecay) * p : g;
    }
}

/// <summary>Running means of a gradient and of its square.</summary>
internal static class Moments
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update<T>(T g, ref T mean, ref T square, in Decay beta1, in Decay beta2) where T : IReal<T>
    {
        mean = mean + (g - mean) * T.Const(beta1.New);
        square = square * T.Const(beta2.Kept) + g * g * T.Const(beta2.New);
    }
}
