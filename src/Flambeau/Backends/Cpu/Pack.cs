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
        else if (Side<E>(rows, count) is int side and > 4)
            for (nint ii = 0; ii < rows; ii += side)
            {
                nint i = Math.Min(ii, rows - side);
                for (nint jj = 0; jj < count; jj += side) TurnSquare(from, strideFrom, to, strideTo, i, Math.Min(jj, count - side), side);
            }
        else
            for (nint i4 = 0; i4 < rows; i4 += 4)
            {
                nint i = Math.Min(i4, rows - 4);      // the last rows, and columns, may overlap those before
                for (nint j4 = 0; j4 < count; j4 += 4) Turn4(from, strideFrom, to, strideTo, i, Math.Min(j4, count - 4));
            }
    }

    /// <summary>The same; some rows are written to the end before the next are touched.</summary>
    [MethodImpl(Optimize)]
    public static void TurnColumns<E>(E* from, nint strideFrom, nint rows, E* to, nint strideTo, nint count) where E : unmanaged
    {
        if (rows < 4 || count < 4 || !Turns) Gather(from, strideFrom, 1, (int)rows, strideTo, 0, count, to);
        else if (Side<E>(rows, count) is int side and > 4)
            for (nint jj = 0; jj < count; jj += side)
            {
                nint j = Math.Min(jj, count - side);
                for (nint ii = 0; ii < rows; ii += side) TurnSquare(from, strideFrom, to, strideTo, Math.Min(ii, rows - side), j, side);
            }
        else
            for (nint j4 = 0; j4 < count; j4 += 4)
            {
                nint j = Math.Min(j4, count - 4);
                for (nint i4 = 0; i4 < rows; i4 += 4) Turn4(from, strideFrom, to, strideTo, Math.Min(i4, rows - 4), j);
            }
    }

    // The side of the squares that are turned in registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Side<E>(nint rows, nint count) where E : unmanaged => sizeof(E) != 4 ? 4
        : Vector512.IsHardwareAccelerated && Avx512F.IsSupported && rows >= 16 && count >= 16 ? 16 : Avx.IsSupported && rows >= 8 && count >= 8 ? 8 : 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void TurnSquare<E>(E* from, nint strideFrom, E* to, nint strideTo, nint i, nint j, int side) where E : unmanaged
    {
        float* p = (float*)(from + i * strideFrom + j), q = (float*)(to + j * strideTo + i);
        if (side == 16) Transpose16(p, strideFrom, q, strideTo);
        else Transpose8(p, strideFrom, q, strideTo);
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

    /// <summary>The same for i, j &lt; 8. Halves of rows meet in the load; the rest is two steps within 128 bits.</summary>
    [MethodImpl(Optimize)]
    static void Transpose8(float* from, nint strideFrom, float* to, nint strideTo)
    {
        float* below = from + 4 * strideFrom;
        for (int half = 0; half < 2; half++, from += 4, below += 4, to += 4 * strideTo)
        {
            var a = Avx.InsertVector128(Vector128.Load(from).ToVector256Unsafe(), Vector128.Load(below), 1);
            var b = Avx.InsertVector128(Vector128.Load(from + strideFrom).ToVector256Unsafe(), Vector128.Load(below + strideFrom), 1);
            var c = Avx.InsertVector128(Vector128.Load(from + 2 * strideFrom).ToVector256Unsafe(), Vector128.Load(below + 2 * strideFrom), 1);
            var d = Avx.InsertVector128(Vector128.Load(from + 3 * strideFrom).ToVector256Unsafe(), Vector128.Load(below + 3 * strideFrom), 1);
            var (ac0, ac1) = (Avx.UnpackLow(a, c), Avx.UnpackHigh(a, c));
            var (bd0, bd1) = (Avx.UnpackLow(b, d), Avx.UnpackHigh(b, d));
            Avx.UnpackLow(ac0, bd0).Store(to);
            Avx.UnpackHigh(ac0, bd0).Store(to + strideTo);
            Avx.UnpackLow(ac1, bd1).Store(to + 2 * strideTo);
            Avx.UnpackHigh(ac1, bd1).Store(to + 3 * strideTo);
        }
    }

    /// <summary>The same for i, j &lt; 16: within 128 bits, and then those.</summary>
    [MethodImpl(Optimize)]
    static void Transpose16(float* from, nint strideFrom, float* to, nint strideTo)
    {
        nint below = 4 * strideFrom;
        Four<Vector512<float>> p = Columns(from, strideFrom), q = Columns(from + below, strideFrom), r = Columns(from + 2 * below, strideFrom), s = Columns(from + 3 * below, strideFrom);
        StoreColumns(p.A, q.A, r.A, s.A, to, 4 * strideTo);
        StoreColumns(p.B, q.B, r.B, s.B, to + strideTo, 4 * strideTo);
        StoreColumns(p.C, q.C, r.C, s.C, to + 2 * strideTo, 4 * strideTo);
        StoreColumns(p.D, q.D, r.D, s.D, to + 3 * strideTo, 4 * strideTo);
    }

    // Of four rows: columns 0, 4, 8, 12, then 1, 5, 9, 13, …
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Four<Vector512<float>> Columns(float* from, nint stride)
    {
        Vector512<float> a = Vector512.Load(from), b = Vector512.Load(from + stride), c = Vector512.Load(from + 2 * stride), d = Vector512.Load(from + 3 * stride);
        Vector512<double> ab0 = Avx512F.UnpackLow(a, b).AsDouble(), ab1 = Avx512F.UnpackHigh(a, b).AsDouble(), cd0 = Avx512F.UnpackLow(c, d).AsDouble(), cd1 = Avx512F.UnpackHigh(c, d).AsDouble();
        return new(Avx512F.UnpackLow(ab0, cd0).AsSingle(), Avx512F.UnpackHigh(ab0, cd0).AsSingle(), Avx512F.UnpackLow(ab1, cd1).AsSingle(), Avx512F.UnpackHigh(ab1, cd1).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreColumns(Vector512<float> p, Vector512<float> q, Vector512<float> r, Vector512<float> s, float* to, nint stride)
    {
        Vector512<float> pq0 = Avx512F.Shuffle4x128(p, q, 0x44), pq1 = Avx512F.Shuffle4x128(p, q, 0xee), rs0 = Avx512F.Shuffle4x128(r, s, 0x44), rs1 = Avx512F.Shuffle4x128(r, s, 0xee);
        Avx512F.Shuffle4x128(pq0, rs0, 0x88).Store(to);
        Avx512F.Shuffle4x128(pq0, rs0, 0xdd).Store(to + stride);
        Avx512F.Shuffle4x128(pq1, rs1, 0x88).Store(to + 2 * stride);
        Avx512F.Shuffle4x128(pq1, rs1, 0xdd).Store(to + 3 * stride);
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
