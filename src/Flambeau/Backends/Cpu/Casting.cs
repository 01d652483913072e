using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// Conversions between element types, eight numbers at a time, bit by bit those of <see cref="Element"/>: through int32, int64, float32 or float64, whatever of these
/// holds all numbers of the source; what float32 holds on both sides, a whole lane at a time. Numbers that leave the range in which the short way is exact are converted one by one.
/// </summary>
internal static unsafe class Casting
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Converts n neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TFrom, TTo>(TFrom* from, TTo* to, long n) where TFrom : unmanaged where TTo : unmanaged
    {
        long i = 0;
        if (IsSingle<TFrom>() && (IsSingle<TTo>() || typeof(TTo) == typeof(Complex64)))
            i = Vector512.IsHardwareAccelerated ? Lanes<V512<float>, TFrom, TTo>(from, to, n) : Vector256.IsHardwareAccelerated ? Lanes<V256<float>, TFrom, TTo>(from, to, n) : Lanes<V128<float>, TFrom, TTo>(from, to, n);
        else if (IsPossible<TFrom, TTo>())
            for (; i + 8 <= n; i += 8)
                if (!Eight(from + i, to + i)) Each(from + i, to + i, 8);
        Each(from + i, to + i, n - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static long Lanes<L, TFrom, TTo>(TFrom* from, TTo* to, long n) where L : struct, ILane<L> where TFrom : unmanaged where TTo : unmanaged
    {
        long i = 0;
        for (; i + L.Count <= n; i += L.Count) PutSingle(Single<L, TFrom>(from + i), to + i);
        return i;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Each<TFrom, TTo>(TFrom* from, TTo* to, long n) where TFrom : unmanaged where TTo : unmanaged
    {
        for (long i = 0; i < n; i++) to[i] = Element.Convert<TFrom, TTo>(from[i]);
    }

    /// <summary>Whether there is a way that rounds once. What has more than 24 bits would be rounded twice on the way to 16.</summary>
    [MethodImpl(Inline)]
    static bool IsPossible<TFrom, TTo>() where TFrom : unmanaged where TTo : unmanaged =>
        typeof(TFrom) != typeof(Complex) && typeof(TFrom) != typeof(Complex64) && typeof(TTo) != typeof(Complex) && typeof(TTo) != typeof(Complex64)
        && !(IsLow<TTo>() && (typeof(TFrom) == typeof(double) || typeof(TFrom) == typeof(long) || typeof(TFrom) == typeof(int)));

    [MethodImpl(Inline)]
    static bool IsLow<T>() => typeof(T) == typeof(Half) || typeof(T) == typeof(BFloat16);

    [MethodImpl(Inline)]
    static bool IsSingle<T>() => typeof(T) == typeof(float) || IsLow<T>();

    /// <summary>False if the numbers are out of range.</summary>
    [MethodImpl(Inline)]
    static bool Eight<TFrom, TTo>(TFrom* from, TTo* to) where TFrom : unmanaged where TTo : unmanaged
    {
        if (typeof(TFrom) == typeof(double))
        {
            Vector256<double> a = Vector256.Load((double*)from), b = Vector256.Load((double*)from + 4);
            if (typeof(TTo) == typeof(float)) Vector256.Narrow(a, b).Store((float*)to);
            else if (typeof(TTo) == typeof(bool)) Truth(~Vector256.Narrow(Vector256.Equals(a, Vector256<double>.Zero).AsInt64(), Vector256.Equals(b, Vector256<double>.Zero).AsInt64()), (byte*)to);
            else return Long(a, b, to);
            return true;
        }
        if (IsSingle<TFrom>())
        {
            Vector256<float> x = Single<V256<float>, TFrom>(from).V;
            if (typeof(TTo) == typeof(double) || typeof(TTo) == typeof(long))
            {
                (Vector256<double> a, Vector256<double> b) = Vector256.Widen(x);
                if (typeof(TTo) == typeof(long)) return Long(a, b, to);
                a.Store((double*)to);
                b.Store((double*)to + 4);
            }
            else if (typeof(TTo) == typeof(bool)) Truth(~Vector256.Equals(x, Vector256<float>.Zero).AsInt32(), (byte*)to);
            else
            {
                if (!Vector256.LessThanAll(Vector256.Abs(x), Vector256.Create(2147483648f))) return false;
                PutInt(Vector256.ConvertToInt32(x), to);
            }
            return true;
        }
        if (typeof(TFrom) == typeof(long))
        {
            Vector256<long> a = Vector256.Load((long*)from), b = Vector256.Load((long*)from + 4);
            if (typeof(TTo) == typeof(bool)) Truth(~Vector256.Narrow(Vector256.Equals(a, Vector256<long>.Zero), Vector256.Equals(b, Vector256<long>.Zero)), (byte*)to);
            else if (typeof(TTo) == typeof(float) || typeof(TTo) == typeof(double))
            {
                if (!Exact.Fits(a) || !Exact.Fits(b)) return false;
                PutDouble(Exact.ToDouble(a), Exact.ToDouble(b), to);
            }
            else PutInt(Vector256.Narrow(a, b), to);
            return true;
        }
        Vector256<int> v = Int(from);
        if (IsSingle<TTo>()) PutSingle(new V256<float>(Vector256.ConvertToSingle(v)), to);
        else if (typeof(TTo) == typeof(long) || typeof(TTo) == typeof(double))
        {
            (Vector256<long> a, Vector256<long> b) = Vector256.Widen(v);
            if (typeof(TTo) == typeof(double)) PutDouble(Exact.ToDouble(a), Exact.ToDouble(b), to);
            else
            {
                a.Store((long*)to);
                b.Store((long*)to + 4);
            }
        }
        else if (typeof(TTo) == typeof(bool)) Truth(~Vector256.Equals(v, Vector256<int>.Zero), (byte*)to);
        else PutInt(v, to);
        return true;
    }

    [MethodImpl(Inline)]
    static bool Long<TTo>(Vector256<double> a, Vector256<double> b, TTo* to) where TTo : unmanaged
    {
        if (!Exact.Fits(a) || !Exact.Fits(b)) return false;
        Vector256<long> u = Exact.ToInt64(a), v = Exact.ToInt64(b);
        if (typeof(TTo) != typeof(long)) PutInt(Vector256.Narrow(u, v), to);
        else
        {
            u.Store((long*)to);
            v.Store((long*)to + 4);
        }
        return true;
    }

    // ---- eight numbers in, eight out ----

    [MethodImpl(Inline)]
    static Vector256<int> Int<T>(T* p) where T : unmanaged
    {
        if (typeof(T) == typeof(int)) return Vector256.Load((int*)p);
        if (typeof(T) == typeof(short)) return Vector256.WidenLower(Vector128.Load((short*)p).ToVector256Unsafe());
        Vector128<byte> b = Vector128.CreateScalarUnsafe(*(ulong*)p).AsByte();
        return typeof(T) == typeof(sbyte) ? Vector256.WidenLower(Vector128.WidenLower(b.AsSByte()).ToVector256Unsafe()) : Vector256.WidenLower(Vector128.WidenLower(b).ToVector256Unsafe()).AsInt32();
    }

    [MethodImpl(Inline)]
    static void PutInt<T>(Vector256<int> x, T* p) where T : unmanaged
    {
        if (sizeof(T) == 4) { x.Store((int*)p); return; }
        Vector128<short> s = Vector256.Narrow(x, x).GetLower();
        if (sizeof(T) == 2) s.Store((short*)p);
        else *(ulong*)p = Vector128.Narrow(s, s).AsUInt64().ToScalar();
    }

    [MethodImpl(Inline)]
    static void Truth(Vector256<int> mask, byte* p) => PutInt(mask & Vector256<int>.One, p);

    [MethodImpl(Inline)]
    static void PutDouble<T>(Vector256<double> a, Vector256<double> b, T* p) where T : unmanaged
    {
        if (typeof(T) == typeof(float)) { Vector256.Narrow(a, b).Store((float*)p); return; }
        a.Store((double*)p);
        b.Store((double*)p + 4);
    }

    [MethodImpl(Inline)]
    static L Single<L, T>(T* p) where L : struct, ILane<L> where T : unmanaged =>
        typeof(T) == typeof(float) ? L.Load(p) : typeof(T) == typeof(BFloat16) ? L.LoadBFloat16(p) : L.LoadHalf(p);

    [MethodImpl(Inline)]
    static void PutSingle<L, T>(L x, T* p) where L : struct, ILane<L> where T : unmanaged
    {
        if (typeof(T) == typeof(float)) L.Store(x, p);
        else if (typeof(T) == typeof(BFloat16)) L.StoreBFloat16(x, p);
        else if (typeof(T) == typeof(Half)) L.StoreHalf(x, p);
        else
        {
            L.Weave(x, L.Zero, out L a, out L b);
            L.Store(a, p);
            L.Store(b, (float*)p + L.Count);
        }
    }
}
