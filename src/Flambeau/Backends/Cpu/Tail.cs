using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>What kernels that go row by row need beside whole lanes: a row's last, incomplete lane, and a lane's numbers combined.</summary>
internal static unsafe class Tail<L> where L : struct, ILane<L>
{
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => L.IsDouble ? 8 : 4;
    }

    /// <summary>The first <paramref name="n"/> numbers at p; <paramref name="rest"/> in the lanes after them.</summary>
    [SkipLocalsInit]
    public static L Load(byte* p, int n, L rest)
    {
        byte* t = stackalloc byte[64];
        L.Store(rest, t);
        for (int i = 0; i < n; i++)
            if (L.IsDouble) ((double*)t)[i] = ((double*)p)[i];
            else ((float*)t)[i] = ((float*)p)[i];
        return L.Load(t);
    }

    [SkipLocalsInit]
    public static void Store(L x, byte* p, int n)
    {
        byte* t = stackalloc byte[64];
        L.Store(x, t);
        for (int i = 0; i < n; i++)
            if (L.IsDouble) ((double*)p)[i] = ((double*)t)[i];
            else ((float*)p)[i] = ((float*)t)[i];
    }

    /// <summary>The numbers of a lane added up: the even ones, the odd ones, then both.</summary>
    [SkipLocalsInit]
    public static double Sum(L x)
    {
        byte* t = stackalloc byte[64];
        L.Store(x, t);
        double even = 0, odd = 0;
        for (int i = 0; i < L.Count; i += 2) (even, odd) = (even + Get(t, i), odd + Get(t, i + 1));
        return even + odd;
    }

    /// <summary>The largest number of a lane; NaN may be passed over.</summary>
    [SkipLocalsInit]
    public static double Max(L x)
    {
        byte* t = stackalloc byte[64];
        L.Store(x, t);
        double even = Get(t, 0), odd = Get(t, 1);
        for (int i = 2; i < L.Count; i += 2)
        {
            if (Get(t, i) > even) even = Get(t, i);
            if (Get(t, i + 1) > odd) odd = Get(t, i + 1);
        }
        return even > odd ? even : odd;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Get(byte* p, long i) => L.IsDouble ? ((double*)p)[i] : ((float*)p)[i];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(byte* p, long i, double v)
    {
        if (L.IsDouble) ((double*)p)[i] = v;
        else ((float*)p)[i] = (float)v;
    }
}
