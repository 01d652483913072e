using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Flambeau.Ops;

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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Load(byte* p, int n, L rest) => L.LoadPart(p, First(n), rest);

    /// <summary>The same where the machine has no such instruction.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static L Gather(void* p, L mask, L rest)
    {
        byte* t = stackalloc byte[64];
        L.Store(rest, t);
        int n = BitOperations.PopCount(L.MaskBits(mask));
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

    /// <summary>The mask of the last <paramref name="n"/> numbers of a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Last(int n) => L.Load((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Masks)) + 64 - (L.Count - n) * Size);

    /// <summary>The mask of the first <paramref name="n"/> numbers of a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L First(int n) => L.Load((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Masks)) + 128 - n * Size);

    // 64 bytes of zeros, 64 of ones, 64 of zeros
    static ReadOnlySpan<byte> Masks =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>The numbers of a lane added up, in double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(L x) => L.Fold<SumOp>(x);

    /// <summary>The largest number of a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Max(L x) => L.Fold<MaxOp>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Get(byte* p, long i) => L.IsDouble ? ((double*)p)[i] : ((float*)p)[i];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(byte* p, long i, double v)
    {
        if (L.IsDouble) ((double*)p)[i] = v;
        else ((float*)p)[i] = (float)v;
    }
}
