using System.Runtime.Intrinsics;
using Flambeau.Backends.Cpu;

namespace Flambeau.Tests.Kernels;

/// <summary>A function of lanes under test, at any width and precision, over arrays of any length.</summary>
abstract class LaneFunction(string name, Func<double, double, double>? scalar)
{
    /// <summary>The width that kernels use on this machine, in bits.</summary>
    public static int Widest => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    public string Name => name;

    /// <summary>The scalar library's answer, where it has the function.</summary>
    public Func<double, double, double>? Scalar => scalar;

    /// <summary>Where most arguments of a float are worth trying.</summary>
    public (double From, double To) Range { get; init; }

    /// <summary>The largest error in double.</summary>
    public double DoubleUlps { get; init; } = 2;

    public abstract float[] Floats(int width, float[] x, float[] y);
    public abstract double[] Doubles(int width, double[] x, double[] y);
}

interface ILaneFunctionOfTwo
{
    static abstract T Apply<T>(T x, T y) where T : struct, ILane<T>;
}

sealed unsafe class LaneFunction<F>(string name, Func<double, double, double>? scalar = null) : LaneFunction(name, scalar)
    where F : struct, ILaneFunctionOfTwo
{
    public override float[] Floats(int width, float[] x, float[] y) => width switch
    {
        128 => Run<float, V128<float>>(x, y),
        256 => Run<float, V256<float>>(x, y),
        _ => Run<float, V512<float>>(x, y),
    };

    public override double[] Doubles(int width, double[] x, double[] y) => width switch
    {
        128 => Run<double, V128<double>>(x, y),
        256 => Run<double, V256<double>>(x, y),
        _ => Run<double, V512<double>>(x, y),
    };

    static E[] Run<E, T>(E[] x, E[] y) where E : unmanaged where T : struct, ILane<T>
    {
        int padded = (x.Length + T.Count - 1) / T.Count * T.Count;
        E[] a = new E[padded], b = new E[padded], result = new E[padded];
        x.CopyTo(a, 0);
        y.CopyTo(b, 0);
        fixed (E* p = a, q = b, r = result)
            for (int i = 0; i < padded; i += T.Count) T.Store(F.Apply(T.Load(p + i), T.Load(q + i)), r + i);
        return result[..x.Length];
    }
}

readonly struct Exp : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Exp(x); }
readonly struct Expm1 : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Expm1(x); }
readonly struct Log : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Log(x); }
readonly struct Log1p : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Log1p(x); }
readonly struct Sin : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Sin(x); }
readonly struct Cos : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Cos(x); }
readonly struct Tan : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Tan(x); }
readonly struct Asin : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Asin(x); }
readonly struct Acos : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Acos(x); }
readonly struct Atan : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Atan(x); }
readonly struct Atan2 : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Atan2(x, y); }
readonly struct Sinh : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Sinh(x); }
readonly struct Cosh : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Cosh(x); }
readonly struct Tanh : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Tanh(x); }
readonly struct Pow : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Pow(x, y); }
readonly struct Erf : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Erf(x); }
readonly struct Erfc : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Erfc(x); }
readonly struct Lgamma : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Lgamma(x); }
readonly struct Digamma : ILaneFunctionOfTwo { public static T Apply<T>(T x, T y) where T : struct, ILane<T> => T.Digamma(x); }
