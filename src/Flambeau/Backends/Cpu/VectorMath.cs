using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// The transcendental functions over lanes, each written once: to 2 ulp of the correct value, with C's answers for infinities,
/// NaNs, signed zeros and subnormals, and the same bits at every vector width that has a fused multiply-add. Polynomials are minimax fits of this project's own
/// (Remez), with the relative error of the approximation beside them; the reductions are the classic ones of Cody and Waite.
/// </summary>
/// <remarks>The short functions are inlined into the loops that use them. The long ones are calls.</remarks>
internal static unsafe partial class VectorMath
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>A constant that depends on the precision, of which the JIT keeps one.</summary>
    [MethodImpl(Inline)]
    static T Const<T>(double forFloat, double forDouble) where T : struct, ILane<T> => T.Const(T.IsDouble ? forDouble : forFloat);

    // Horner's rule, continued from p by two to four more coefficients, the highest first; two at a time: c₁x + c₀ needs not wait for p, and what bounds
    // a long body is the wait for the last result (GELU of 65,536 floats: 25 µs one at a time, 23 so).
    // Without an instruction for it the steps need not be fused: that would take eight times as long.
    [MethodImpl(Inline)]
    static T Horner<T>(T p, T x, double c1, double c0) where T : struct, ILane<T> =>
        T.MulAdd(p, x * x, T.MulAdd(T.Const(c1), x, T.Const(c0)));

    [MethodImpl(Inline)]
    static T Horner<T>(T p, T x, double c2, double c1, double c0) where T : struct, ILane<T> =>
        T.MulAdd(T.MulAdd(p, x, T.Const(c2)), x * x, T.MulAdd(T.Const(c1), x, T.Const(c0)));

    [MethodImpl(Inline)]
    static T Horner<T>(T p, T x, double c3, double c2, double c1, double c0) where T : struct, ILane<T>
    {
        T square = x * x;
        return T.MulAdd(T.MulAdd(p, square, T.MulAdd(T.Const(c3), x, T.Const(c2))), square, T.MulAdd(T.Const(c1), x, T.Const(c0)));
    }

    /// <summary>The polynomial in r of up to the sixth degree whose coefficients, the highest first, stand in a table at the place that <paramref name="interval"/> names.</summary>
    [MethodImpl(Inline)]
    static T Polynomial<T>(float* table, int degree, T interval, int bit, T r) where T : struct, ILane<T>
    {
        T p = T.Lookup(table, interval, bit);
        if (degree > 5) p = T.MulAdd(p, r, T.Lookup(table += Tables.Row, interval, bit));
        p = T.MulAdd(p, r, T.Lookup(table + Tables.Row, interval, bit));
        p = T.MulAdd(p, r, T.Lookup(table + 2 * Tables.Row, interval, bit));
        p = T.MulAdd(p, r, T.Lookup(table + 3 * Tables.Row, interval, bit));
        p = T.MulAdd(p, r, T.Lookup(table + 4 * Tables.Row, interval, bit));
        return T.MulAdd(p, r, T.Lookup(table + 5 * Tables.Row, interval, bit));
    }

    /// <summary>f of each number by the scalar library, where the arguments are too rare to be worth more.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static T Each<T>(T x, delegate*<double, double> f) where T : struct, ILane<T>
    {
        byte* p = stackalloc byte[64];
        T.Store(x, p);
        for (int i = 0; i < T.Count; i++)
            if (T.IsDouble) ((double*)p)[i] = f(((double*)p)[i]);
            else ((float*)p)[i] = (float)f(((float*)p)[i]);
        return T.Load(p);
    }

    /// <summary>f of each pair of numbers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static T Each<TFunction, T>(TFunction f, T a, T b) where TFunction : struct, IScalarFunction where T : struct, ILane<T>
    {
        byte* p = stackalloc byte[64], q = stackalloc byte[64];
        T.Store(a, p);
        T.Store(b, q);
        for (int i = 0; i < T.Count; i++)
            if (T.IsDouble) ((double*)p)[i] = f.Value(((double*)p)[i], ((double*)q)[i]);
            else ((float*)p)[i] = (float)f.Value(((float*)p)[i], ((float*)q)[i]);
        return T.Load(p);
    }
}
