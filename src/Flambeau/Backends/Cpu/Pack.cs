using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Flambeau.Backends.Cpu;

/// <summary>Lays parts of matrices out in the order in which <see cref="Tile"/> reads them.</summary>
internal static unsafe class Pack
{
    const MethodImplOptions Optimize = MethodImplOptions.AggressiveOptimization;

    /// <summary>to[κ·room + i] = from[i·stride + κ·strideK] for i &lt; width, 0 for width ≤ i &lt; room; κ &lt; k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panel<E, T>(E* from, long stride, long strideK, int width, int room, long k, E* to)
        where E : unmanaged where T : struct, ILane<T>
    {
        if (stride == 1) Copy<E, T>(from, (nint)strideK, width, room, (nint)k, to);
        else if (strideK == 1) Transpose(from, (nint)stride, width, room, (nint)k, to);
        else Gather(from, (nint)stride, (nint)strideK, width, room, 0, (nint)k, to);
        if (width < room)
            for (long q = 0; q < k; q++) new Span<E>(to + q * room + width, room - width).Clear();
    }

    /// <summary>Asks for the cache lines of [p, p + count). The address need not be valid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch<E>(E* p, int count) where E : unmanaged
    {
        if (!Sse.IsSupported) return;
        for (byte* q = (byte*)p; q < p + count; q += 64) Sse.Prefetch0(q);
    }

    [MethodImpl(Optimize)]
    static void Copy<E, T>(E* from, nint strideK, int width, int room, nint k, E* to) where E : unmanaged where T : struct, ILane<T>
    {
        if (width == 2 * T.Count)
        {
            for (; k > 0; k--, from += strideK, to += room)
            {
                Prefetch(from + 16 * strideK, width);
                T l = T.Load(from), r = T.Load(from + T.Count);
                T.Store(l, to);
                T.Store(r, to + T.Count);
            }
            return;
        }
        // A whole vector a row, whose end is overwritten by the next row; the last row exactly.
        if (width <= T.Count && 2 * width > T.Count && width == room && strideK >= T.Count)
            for (; k > 1; k--, from += strideK, to += room)
            {
                Prefetch(from + 16 * strideK, width);
                T.Store(T.Load(from), to);
            }
        for (; k > 0; k--, from += strideK, to += room)
        {
            int i = 0;
            for (; i + V128<E>.Count <= width; i += V128<E>.Count) V128<E>.Store(V128<E>.Load(from + i), to + i);
            for (; i < width; i++) to[i] = from[i];
        }
    }

    [MethodImpl(Optimize)]
    static void Gather<E>(E* from, nint stride, nint strideK, int width, nint room, nint k0, nint k, E* to) where E : unmanaged
    {
        for (nint q = k0; q < k; q++)
            for (int i = 0; i < width; i++) to[q * room + i] = from[i * stride + q * strideK];
    }

    // Rows of `from` become columns of `to`. Lines of four rows are used up before the next four rows are touched: rows may lie a power of two apart and then all fall into
    // one set of the cache (eight at a time, by 256 bits, took half as long again where it has 8 ways, and twice from memory). The next panel's rows are on their way meanwhile.
    [MethodImpl(Optimize)]
    static void Transpose<E>(E* from, nint stride, int width, int room, nint k, E* to) where E : unmanaged
    {
        nint deep = Turns && width >= 4 ? k & ~3 : 0, line = 64 / sizeof(E);
        for (nint k0 = 0; k0 < deep; k0 += line)
        {
            nint end = Math.Min(deep, k0 + line);
            for (int i4 = 0; i4 < width; i4 += 4)
            {
                int i = Math.Min(i4, width - 4);      // the last four rows may overlap those before
                E* row = from + i * stride + k0;
                if (Sse.IsSupported)
                    for (int r = 0; r < 4; r++) Sse.Prefetch1(row + (width + r) * stride);
                for (nint q = k0; q < end; q += 4, row += 4)
                    if (sizeof(E) == 4) Transpose4((float*)row, stride, (float*)(to + q * room + i), room);
                    else Transpose4((double*)row, stride, (double*)(to + q * room + i), room);
            }
        }
        if (deep < k) Gather(from, stride, 1, width, room, deep, k, to);
    }

    /// <summary>to[i] = from[2i] for i &lt; n.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EverySecond(float* from, float* to, long n)
    {
        long i = 0;
        if (n > 4 && Turns)
        {
            for (; i < n - 4; i += 4) Even(Vector128.Load(from + 2 * i), Vector128.Load(from + 2 * i + 4)).Store(to + i);
            float* last = from + 2 * n - 9;           // nothing after the last element is read
            Odd(Vector128.Load(last), Vector128.Load(last + 4)).Store(to + n - 4);
            return;
        }
        for (; i < n; i++) to[i] = from[2 * i];
    }

    static Vector128<float> Even(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.Shuffle(a, b, 0b10_00_10_00) : AdvSimd.Arm64.UnzipEven(a, b);
    static Vector128<float> Odd(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.Shuffle(a, b, 0b11_01_11_01) : AdvSimd.Arm64.UnzipOdd(a, b);

    static bool Turns => Sse2.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <summary>to[j·strideTo + i] = from[i·strideFrom + j] for i &lt; rows, j &lt; count; four rows are read to the end before the next are touched.</summary>
    [MethodImpl(Optimize)]
    public static void TurnRows<E>(E* from, nint strideFrom, nint rows, E* to, nint strideTo, nint count) where E : unmanaged
    {
        if (rows < 4 || count < 4 || !Turns) Gather(from, strideFrom, 1, (int)rows, strideTo, 0, count, to);
        else
            for (nint i4 = 0; i4 < rows; i4 += 4)
            {
                nint i = Math.Min(i4, rows - 4);      // the last four rows, and columns, may overlap those before
                for (nint j4 = 0; j4 < count; j4 += 4) Turn4(from, strideFrom, to, strideTo, i, Math.Min(j4, count - 4));
            }
    }

    /// <summary>The same; four rows are written to the end before the next are touched.</summary>
    [MethodImpl(Optimize)]
    public static void TurnColumns<E>(E* from, nint strideFrom, nint rows, E* to, nint strideTo, nint count) where E : unmanaged
    {
        if (rows < 4 || count < 4 || !Turns) Gather(from, strideFrom, 1, (int)rows, strideTo, 0, count, to);
        else
            for (nint j4 = 0; j4 < count; j4 += 4)
            {
                nint j = Math.Min(j4, count - 4);
                for (nint i4 = 0; i4 < rows; i4 += 4) Turn4(from, strideFrom, to, strideTo, Math.Min(i4, rows - 4), j);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Turn4<E>(E* from, nint strideFrom, E* to, nint strideTo, nint i, nint j) where E : unmanaged
    {
        from += i * strideFrom + j;
        to += j * strideTo + i;
        if (sizeof(E) == 4) Transpose4((float*)from, strideFrom, (float*)to, strideTo);
        else Transpose4((double*)from, strideFrom, (double*)to, strideTo);
    }

    /// <summary>to[j·strideTo + i] = from[i·strideFrom + j] for i, j &lt; 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose4(float* from, nint strideFrom, float* to, nint strideTo)
    {
        var a = Vector128.Load(from);
        var b = Vector128.Load(from + strideFrom);
        var c = Vector128.Load(from + 2 * strideFrom);
        var d = Vector128.Load(from + 3 * strideFrom);
        var (ac0, ac1) = (Low(a, c), High(a, c));             // a₀c₀a₁c₁  a₂c₂a₃c₃
        var (bd0, bd1) = (Low(b, d), High(b, d));
        Low(ac0, bd0).Store(to);
        High(ac0, bd0).Store(to + strideTo);
        Low(ac1, bd1).Store(to + 2 * strideTo);
        High(ac1, bd1).Store(to + 3 * strideTo);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose4(double* from, nint strideFrom, double* to, nint strideTo)
    {
        for (int i = 0; i < 4; i += 2, from += 2 * strideFrom, to += 2)
        {
            var (a0, a1) = (Vector128.Load(from), Vector128.Load(from + 2));
            var (b0, b1) = (Vector128.Load(from + strideFrom), Vector128.Load(from + strideFrom + 2));
            Low(a0, b0).Store(to);
            High(a0, b0).Store(to + strideTo);
            Low(a1, b1).Store(to + 2 * strideTo);
            High(a1, b1).Store(to + 3 * strideTo);
        }
    }

    static Vector128<float> Low(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);
    static Vector128<float> High(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
    static Vector128<double> Low(Vector128<double> a, Vector128<double> b) => Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);
    static Vector128<double> High(Vector128<double> a, Vector128<double> b) => Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
}
