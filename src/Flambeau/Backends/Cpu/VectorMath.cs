using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>The transcendental functions over lanes, each written once.</summary>
internal static unsafe class VectorMath
{
    // A lane at a time through the scalar library until each function has its polynomial.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static T Each<T>(T x, Func<double, double> f) where T : struct, ILane<T>
    {
        byte* p = stackalloc byte[64];
        T.Store(x, p);
        for (int i = 0; i < T.Count; i++) { if (T.IsDouble) ((double*)p)[i] = f(((double*)p)[i]); else ((float*)p)[i] = (float)f(((float*)p)[i]); }
        return T.Load(p);
    }
    [MethodImpl(MethodImplOptions.NoInlining)]
    static T Each<T>(T x, T y, Func<double, double, double> f) where T : struct, ILane<T>
    {
        byte* p = stackalloc byte[64], q = stackalloc byte[64];
        T.Store(x, p); T.Store(y, q);
        for (int i = 0; i < T.Count; i++) { if (T.IsDouble) ((double*)p)[i] = f(((double*)p)[i], ((double*)q)[i]); else ((float*)p)[i] = (float)f(((float*)p)[i], ((float*)q)[i]); }
        return T.Load(p);
    }
    public static T Exp<T>(T x) where T : struct, ILane<T> => Each(x, Math.Exp);
    public static T Expm1<T>(T x) where T : struct, ILane<T> => Each(x, v => Math.Abs(v) < 1e-5 ? v + v * v / 2 : Math.Exp(v) - 1);
    public static T Log<T>(T x) where T : struct, ILane<T> => Each(x, Math.Log);
    public static T Log1p<T>(T x) where T : struct, ILane<T> => Each(x, v => Math.Abs(v) < 1e-5 ? v - v * v / 2 : Math.Log(1 + v));
    public static T Sin<T>(T x) where T : struct, ILane<T> => Each(x, Math.Sin);
    public static T Cos<T>(T x) where T : struct, ILane<T> => Each(x, Math.Cos);
    public static T Tan<T>(T x) where T : struct, ILane<T> => Each(x, Math.Tan);
    public static T Asin<T>(T x) where T : struct, ILane<T> => Each(x, Math.Asin);
    public static T Acos<T>(T x) where T : struct, ILane<T> => Each(x, Math.Acos);
    public static T Atan<T>(T x) where T : struct, ILane<T> => Each(x, Math.Atan);
    public static T Atan2<T>(T y, T x) where T : struct, ILane<T> => Each(y, x, Math.Atan2);
    public static T Sinh<T>(T x) where T : struct, ILane<T> => Each(x, Math.Sinh);
    public static T Cosh<T>(T x) where T : struct, ILane<T> => Each(x, Math.Cosh);
    public static T Tanh<T>(T x) where T : struct, ILane<T> => Each(x, Math.Tanh);
    public static T Pow<T>(T a, T b) where T : struct, ILane<T> => Each(a, b, Math.Pow);
    public static T Erf<T>(T x) where T : struct, ILane<T> => Each(x, _ => double.NaN);
    public static T Erfc<T>(T x) where T : struct, ILane<T> => Each(x, _ => double.NaN);
    public static T Lgamma<T>(T x) where T : struct, ILane<T> => Each(x, _ => double.NaN);
    public static T Digamma<T>(T x) where T : struct, ILane<T> => Each(x, _ => double.NaN);
}
