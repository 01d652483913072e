using System.Runtime.CompilerServices;

namespace Flambeau.Ops;

/// <summary>Polynomials by Horner's rule; coefficients are listed from the lowest on. Those of the special functions are this project's own Chebyshev fits, to 2e-17.</summary>
internal static class Series
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Horner<T>(T x, ReadOnlySpan<double> c) where T : IReal<T>
    {
        T p = T.Const(c[^1]);
        for (int i = c.Length - 2; i >= 0; i--) p = T.Fma(p, x, T.Const(c[i]));
        return p;
    }

    public static double Horner(double x, ReadOnlySpan<double> c)
    {
        double p = c[^1];
        for (int i = c.Length - 2; i >= 0; i--) p = p * x + c[i];
        return p;
    }
}

/// <summary>What operations answer that PyTorch does not derive either.</summary>
internal static class NoDerivative
{
    /// <summary>Throws, unless it is only asked what the derivative would use: nothing.</summary>
    /// <exception cref="NotSupportedException">Always, when values are wanted.</exception>
    public static T Of<T>(string op, string argument) where T : IReal<T> => typeof(T) == typeof(Probe) ? T.Zero
        : throw new NotSupportedException($"{op}: the derivative for {argument} is not implemented, as in PyTorch. Detach() that argument if it is to count as a constant.");
}
