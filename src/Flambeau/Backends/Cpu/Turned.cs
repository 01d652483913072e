using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// Transposition: to[i · st + j] = from[i + j · sf]. Bound by memory, and before that by pages and by the cache's sets: of a matrix whose rows are
/// some kilobytes apart, all lines of a column fall into one set, and each lies in a page of its own.
/// </summary>
internal static unsafe class Turned
{
    const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization, Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>A tile's side: a line of memory is read whole, once, and written whole, once.</summary>
    public const int Side = 16;

    /// <summary>Elements of a block, in which tiles follow one another: it touches as many pages as it has rows and columns, which the TLB holds.</summary>
    public const long BlockSize = 128 * 128;

    /// <summary>Rows and columns of a block of a matrix: square unless the matrix is narrow.</summary>
    public static (long Rows, long Columns) Block(long rows, long columns)
    {
        long r = Math.Min(rows, 128), c = Math.Min(columns, Partition.RoundUp(BlockSize / r, Side));
        return (Math.Min(rows, Partition.RoundUp(BlockSize / c, Side)), c);
    }

    /// <summary>A contiguous square of 8 or 16 that the first cache holds, to another.</summary>
    [MethodImpl(Hot)]
    public static void Near<E>(E* from, E* to, int side) where E : unmanaged
    {
        if (sizeof(E) == 4 && side == Side && Avx512F.IsSupported) Tile512((float*)from, side, (float*)to, side);
        else if (sizeof(E) == 4 && Avx.IsSupported) Squares256((float*)from, side, (float*)to, side, side);
        else if (sizeof(E) == 8 && Avx.IsSupported) Squares256((double*)from, side, (double*)to, side, side);
        else Edge(from, side, to, side, side, side);
    }

    [SkipLocalsInit]
    [MethodImpl(Hot)]
    public static void Copy<E>(E* from, long sf, E* to, long st, long rows, long columns) where E : unmanaged
    {
        E* tile = stackalloc E[Side * Side];
        for (long i = 0; i < rows; i += Side)
            for (long j = 0; j < columns; j += Side)
            {
                E* source = from + i + j * sf, target = to + i * st + j;
                if (i + Side > rows || j + Side > columns) Edge(source, sf, target, st, Math.Min(Side, rows - i), Math.Min(Side, columns - j));
                else if (sizeof(E) == 4 && Avx512F.IsSupported) Tile512((float*)source, sf, (float*)target, st);
                else if (sizeof(E) == 4 && Avx.IsSupported) Tile256((float*)source, sf, (float*)target, st, (float*)tile);
                else if (sizeof(E) == 8 && Avx.IsSupported) Tile256((double*)source, sf, (double*)target, st, (double*)tile);
                else
                {
                    for (int k = 0; k < Side; k++) Unsafe.CopyBlockUnaligned(tile + k * Side, source + k * sf, (uint)(Side * sizeof(E)));
                    Edge(tile, Side, target, st, Side, Side);
                }
            }
    }

    [MethodImpl(Hot)]
    static void Edge<E>(E* from, long sf, E* to, long st, long rows, long columns) where E : unmanaged
    {
        for (long i = 0; i < rows; i++)
            for (long j = 0; j < columns; j++) to[i * st + j] = from[i + j * sf];
    }

    // Rows are loaded and stored whole; in between, pairs of rows are interleaved by 1 and by 2 numbers, then by 4 and by 8.
    [MethodImpl(Hot)]
    static void Tile512(float* p, long s, float* q, long t)
    {
        Four(p, s, out var a0, out var a1, out var a2, out var a3);
        Four(p + 4 * s, s, out var b0, out var b1, out var b2, out var b3);
        Four(p + 8 * s, s, out var c0, out var c1, out var c2, out var c3);
        Four(p + 12 * s, s, out var d0, out var d1, out var d2, out var d3);
        Columns(a0, b0, c0, d0, q, 4 * t);
        Columns(a1, b1, c1, d1, q + t, 4 * t);
        Columns(a2, b2, c2, d2, q + 2 * t, 4 * t);
        Columns(a3, b3, c3, d3, q + 3 * t, 4 * t);

        // Of four rows: in each quarter of 128 bits, column 4 · quarter + k.
        [MethodImpl(Inline)]
        static void Four(float* p, long s, out Vector512<float> r0, out Vector512<float> r1, out Vector512<float> r2, out Vector512<float> r3)
        {
            Vector512<float> x0 = Vector512.Load(p), x1 = Vector512.Load(p + s), x2 = Vector512.Load(p + 2 * s), x3 = Vector512.Load(p + 3 * s);
            Vector512<double> u0 = Avx512F.UnpackLow(x0, x1).AsDouble(), u1 = Avx512F.UnpackHigh(x0, x1).AsDouble(),
                u2 = Avx512F.UnpackLow(x2, x3).AsDouble(), u3 = Avx512F.UnpackHigh(x2, x3).AsDouble();
            r0 = Avx512F.UnpackLow(u0, u2).AsSingle();
            r1 = Avx512F.UnpackHigh(u0, u2).AsSingle();
            r2 = Avx512F.UnpackLow(u1, u3).AsSingle();
            r3 = Avx512F.UnpackHigh(u1, u3).AsSingle();
        }

        // Quarters of four vectors become columns k, k + 4, k + 8, k + 12.
        [MethodImpl(Inline)]
        static void Columns(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* q, long t)
        {
            Vector512<float> u = Avx512F.Shuffle4x128(a, b, 0x88), v = Avx512F.Shuffle4x128(a, b, 0xdd),
                x = Avx512F.Shuffle4x128(c, d, 0x88), y = Avx512F.Shuffle4x128(c, d, 0xdd);
            Avx512F.Shuffle4x128(u, x, 0x88).Store(q);
            Avx512F.Shuffle4x128(v, y, 0x88).Store(q + t);
            Avx512F.Shuffle4x128(u, x, 0xdd).Store(q + 2 * t);
            Avx512F.Shuffle4x128(v, y, 0xdd).Store(q + 3 * t);
        }
    }

    // By way of a buffer: eight rows at a time would leave half of the target's lines for later.
    [MethodImpl(Hot)]
    static void Tile256(float* p, long s, float* q, long t, float* tile)
    {
        for (int k = 0; k < Side; k++)
        {
            Vector256.Load(p + k * s).Store(tile + k * Side);
            Vector256.Load(p + k * s + 8).Store(tile + k * Side + 8);
        }
        Squares256(tile, Side, q, t, Side);
    }

    // Squares of 8 × 8: in each half of a vector four rows by a column.
    [MethodImpl(Hot)]
    static void Squares256(float* p, long s, float* q, long t, int side)
    {
        for (int i = 0; i < side; i += 4)
            for (int j = 0; j < side; j += 8)
            {
                float* from = p + j * s + i, to = q + i * t + j;
                Vector256<float> x0 = Two(from, 4 * s), x1 = Two(from + s, 4 * s), x2 = Two(from + 2 * s, 4 * s), x3 = Two(from + 3 * s, 4 * s);
                Vector256<double> u0 = Avx.UnpackLow(x0, x1).AsDouble(), u1 = Avx.UnpackHigh(x0, x1).AsDouble(), u2 = Avx.UnpackLow(x2, x3).AsDouble(),
                    u3 = Avx.UnpackHigh(x2, x3).AsDouble();
                Avx.UnpackLow(u0, u2).Store((double*)to);
                Avx.UnpackHigh(u0, u2).Store((double*)(to + t));
                Avx.UnpackLow(u1, u3).Store((double*)(to + 2 * t));
                Avx.UnpackHigh(u1, u3).Store((double*)(to + 3 * t));
            }

        [MethodImpl(Inline)]
        static Vector256<float> Two(float* p, long apart) => Vector256.Create(Vector128.Load(p), Vector128.Load(p + apart));
    }

    [MethodImpl(Hot)]
    static void Tile256(double* p, long s, double* q, long t, double* tile)
    {
        for (int k = 0; k < Side; k++)
            for (int i = 0; i < Side; i += 4) Vector256.Load(p + k * s + i).Store(tile + k * Side + i);
        Squares256(tile, Side, q, t, Side);
    }

    [MethodImpl(Hot)]
    static void Squares256(double* p, long s, double* q, long t, int side)
    {
        for (int i = 0; i < side; i += 4)
            for (int j = 0; j < side; j += 4)
            {
                double* from = p + j * s + i, to = q + i * t + j;
                Vector256<double> x0 = Vector256.Load(from), x1 = Vector256.Load(from + s), x2 = Vector256.Load(from + 2 * s), x3 = Vector256.Load(from + 3 * s);
                Vector256<double> u0 = Avx.UnpackLow(x0, x1), u1 = Avx.UnpackHigh(x0, x1), u2 = Avx.UnpackLow(x2, x3), u3 = Avx.UnpackHigh(x2, x3);
                Avx.Permute2x128(u0, u2, 0x20).Store(to);
                Avx.Permute2x128(u1, u3, 0x20).Store(to + t);
                Avx.Permute2x128(u0, u2, 0x31).Store(to + 2 * t);
                Avx.Permute2x128(u1, u3, 0x31).Store(to + 3 * t);
            }
    }
}
