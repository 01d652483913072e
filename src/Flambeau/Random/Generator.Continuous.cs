using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Backends.Cpu;

namespace Flambeau;

public sealed unsafe partial class Generator
{
    /// <summary>Fills with numbers of density λe^(−λx): −log(1 − u)/λ with a uniform double u.</summary>
    internal void Exponential<T>(T* destination, long count, double lambda) where T : unmanaged, INumberBase<T> =>
        FromUniform(destination, count, new ExponentialOf(-1 / lambda));

    /// <summary>Fills with numbers of Cauchy's distribution: median + σ tan π(u − ½) with a uniform double u.</summary>
    internal void Cauchy<T>(T* destination, long count, double median, double sigma) where T : unmanaged, INumberBase<T> =>
        FromUniform(destination, count, new CauchyOf(median, sigma));

    /// <summary>Fills with the number of trials up to the first success: ⌈log u / log(1 − p)⌉ with a uniform double u.</summary>
    internal void Geometric<T>(T* destination, long count, double probability) where T : unmanaged, INumberBase<T> =>
        FromUniform(destination, count, new GeometricOf(Math.Log(1 - probability)));

    /// <summary>Fills with eˣ for x as <see cref="NormalByOne(double*, long, double, double)"/> gives it.</summary>
    internal void LogNormal<T>(T* destination, long count, double mean, double std) where T : unmanaged, INumberBase<T>
    {
        double* x = stackalloc double[Chunk / 2];
        lock (_gate)
            for (int n; count > 0; count -= n, destination += n)
            {
                n = (int)Math.Min(Chunk / 2, count);
                NormalByOne(x, n, mean, std);
                Apply(x, n, new ExpOf());
                for (int i = 0; i < n; i++) destination[i] = T.CreateTruncating(x[i]);
            }
    }

    void FromUniform<T, TMap>(T* destination, long count, TMap map) where T : unmanaged, INumberBase<T> where TMap : struct, IMap
    {
        double* x = stackalloc double[Chunk / 2];
        lock (_gate)
            for (int n; count > 0; count -= n, destination += n)
            {
                n = (int)Math.Min(Chunk / 2, count);
                DrawUnit(x, n);
                Apply(x, n, map);
                for (int i = 0; i < n; i++) destination[i] = T.CreateTruncating(x[i]);
            }
    }

    // In whole lanes: the buffer is a multiple of them, and what lies beyond the numbers does not matter.
    static void Apply<TMap>(double* x, int count, TMap map) where TMap : struct, IMap
    {
        if (Vector512.IsHardwareAccelerated) Apply<V512<double>, TMap>(x, count, map);
        else if (Vector256.IsHardwareAccelerated) Apply<V256<double>, TMap>(x, count, map);
        else Apply<V128<double>, TMap>(x, count, map);
    }

    static void Apply<T, TMap>(double* x, int count, TMap map) where T : struct, ILane<T> where TMap : struct, IMap
    {
        for (int i = 0; i < count; i += T.Count) T.Store(map.Of(T.Load(x + i)), x + i);
    }

    interface IMap
    {
        T Of<T>(T u) where T : struct, ILane<T>;
    }

    readonly struct ExponentialOf(double scale) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Of<T>(T u) where T : struct, ILane<T> => T.Const(scale) * T.Log(T.One - u);
    }

    readonly struct CauchyOf(double median, double sigma) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Of<T>(T u) where T : struct, ILane<T> =>
            T.Fma(T.Const(sigma), T.Tan(T.Const(Math.PI) * (u - T.Const(0.5))), T.Const(median));
    }

    readonly struct GeometricOf(double logFailure) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Of<T>(T u) where T : struct, ILane<T> => T.Ceil(T.Log(u) / T.Const(logFailure));
    }

    readonly struct ExpOf : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Of<T>(T u) where T : struct, ILane<T> => T.Exp(u);
    }
}
