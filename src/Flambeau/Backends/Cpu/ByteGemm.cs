using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flambeau.Backends.Cpu;

/// <summary>
/// C(m×n) of int32 = A(m×k)·B(k×n) of int8, exactly, modulo 2³². Both factors are packed as words of neighbours along k (<see cref="IByteWords{V}"/>): tiles of six rows of A, panels of two
/// vectors of B; six rows by two vectors of sums stay in registers. Where the left bytes are made unsigned by adding 128, sums begin at −128 times the columns' sums.
/// </summary>
internal static unsafe class ByteGemm
{
    const int Rows = 6;                               // 12 sums + 2 + 1 of 16 registers, which is what the instruction's encoding reaches
    const long TilesBytes = 256 << 10;                // of packed rows that meet a panel in L1 one after the other, and stay in L2

    public struct Product
    {
        public long M, N, K;
        public sbyte* A, B;
        public int* C;
        public long RsA, CsA, RsB, CsB, RsC, CsC;
    }

    public static void Run(in Product p)
    {
        if (AvxVnniInt8.IsSupported) On<Vector256<int>, SignedBySigned>(in p);
        else if (AvxVnni.IsSupported) On<Vector256<int>, UnsignedBySigned>(in p);
        else if (Avx512BW.IsSupported) On<Vector512<int>, Pairs512>(in p);
        else if (Avx2.IsSupported) On<Vector256<int>, Pairs256>(in p);
        else On<Vector128<int>, Pairs128>(in p);
    }

    static void On<V, W>(in Product p) where V : struct where W : struct, IByteWords<V>
    {
        long width = 2 * W.Columns, words = Partition.Count(p.K, W.Depth), tiles = Partition.Count(p.M, Rows), panels = Partition.Count(p.N, width);
        var job = new Job<V, W>
        {
            P = p, Words = words, Tiles = tiles, TilesPerGroup = Math.Max(1, TilesBytes / (4 * Rows * Math.Max(1, words))),
            PackedA = Scratch.Get<int>(Scratch.Use.A, tiles * Rows * words),
            PackedB = Scratch.Get<int>(Scratch.Use.B, panels * width * (words + 1)),
        };
        Threads.For(tiles, (1 << 15) / (p.K * Rows + 1) + 1, new PackRows<V, W> { Job = &job });
        Threads.For(panels, (1 << 15) / (p.K * width + 1) + 1, new PackColumns<V, W> { Job = &job });
        long groups = Partition.Count(tiles, job.TilesPerGroup);
        double work = (double)p.M * p.N * Math.Max(1, p.K);
        // More groups where there are few panels, so that every thread gets some.
        long wanted = (long)Math.Min(work / Blocked.WorkPerClaim, 4.0 * Threads.Count);
        if (groups * panels < wanted) job.TilesPerGroup = Math.Max(1, tiles * panels / wanted);
        groups = Partition.Count(tiles, job.TilesPerGroup);
        Threads.For(groups * panels, (long)(Blocked.WorkPerClaim / (work / (groups * panels))) + 1, new Multiply<V, W> { Job = &job, Panels = panels });
    }

    struct Job<V, W> where V : struct where W : struct, IByteWords<V>
    {
        public Product P;
        public long Words, Tiles, TilesPerGroup;
        public int* PackedA;                          // tile after tile: [word][row]
        public int* PackedB;                          // panel after panel: where the sums begin, and [word][column]
    }

    // Parts of a word that lie outside are 0, which their partners in B are too.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Word<V, W>(sbyte* p, long step, long count, int bias) where V : struct where W : struct, IByteWords<V>
    {
        int word = 0;
        for (int d = 0; d < W.Depth && d < count; d++)
            word |= W.Depth == 4 ? (byte)(p[d * step] + bias) << (8 * d) : (ushort)(short)p[d * step] << (16 * d);
        return word;
    }

    struct PackRows<V, W> : IRangeBody where V : struct where W : struct, IByteWords<V>
    {
        public Job<V, W>* Job;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            ref readonly Product p = ref Job->P;
            for (long tile = begin; tile < end; tile++)
                for (int i = 0; i < Rows; i++)
                {
                    long row = tile * Rows + i, whole = p.CsA == 1 ? p.K / W.Depth : 0, q = 0;
                    int* to = Job->PackedA + tile * Rows * Job->Words + i;
                    sbyte* from = p.A + Math.Min(row, p.M - 1) * p.RsA;
                    if (W.Depth == 4)
                        for (; q < whole; q++, to += Rows, from += 4) *to = W.Bias == 0 ? Unsafe.ReadUnaligned<int>(from) : Unsafe.ReadUnaligned<int>(from) ^ unchecked((int)0x80808080);
                    else
                        for (; q < whole; q++, to += Rows, from += 2) *to = (ushort)(short)from[0] | from[1] << 16;
                    for (; q < Job->Words; q++, to += Rows, from += W.Depth * p.CsA) *to = Word<V, W>(from, p.CsA, p.K - q * W.Depth, W.Bias);
                }
        }
    }

    struct PackColumns<V, W> : IRangeBody where V : struct where W : struct, IByteWords<V>
    {
        public Job<V, W>* Job;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            ref readonly Product p = ref Job->P;
            int width = 2 * W.Columns;
            for (long panel = begin; panel < end; panel++)
            {
                int* sums = Job->PackedB + panel * width * (Job->Words + 1), to = sums + width;
                int w = (int)Math.Min(width, p.N - panel * width);
                sbyte* from = p.B + panel * width * p.CsB;
                long q = 0, whole = Sse2.IsSupported && p.CsB == 1 && w == width ? p.K / W.Depth : 0;
                for (; q < whole; q++, to += width, from += W.Depth * p.RsB)
                    if (W.Depth == 4) Four(from, p.RsB, to);
                    else
                        for (int j = 0; j < width; j += 8) Two(from + j, p.RsB, to + j);
                for (; q < Job->Words; q++, to += width, from += W.Depth * p.RsB)
                    for (int j = 0; j < width; j++) to[j] = j < w ? Word<V, W>(from + j * p.CsB, p.RsB, p.K - q * W.Depth, 0) : 0;

                int ones = 0x01010101;
                V l = default, r = default, one = W.Broadcast(&ones);
                if (W.Bias != 0)
                    for (q = 1; q <= Job->Words; q++)
                    {
                        l = W.MultiplyAdd(l, one, W.Load(sums + q * width));
                        r = W.MultiplyAdd(r, one, W.Load(sums + q * width + W.Columns));
                    }
                W.Store(l, sums);
                W.Store(r, sums + W.Columns);
                for (int j = 0; j < width; j++) sums[j] *= -W.Bias;
            }
        }

        // Sixteen columns of four rows.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Four(sbyte* from, long step, int* to)
        {
            Vector128<sbyte> a = Vector128.Load(from), b = Vector128.Load(from + step), c = Vector128.Load(from + 2 * step), d = Vector128.Load(from + 3 * step);
            Vector128<short> ab = Sse2.UnpackLow(a, b).AsInt16(), cd = Sse2.UnpackLow(c, d).AsInt16();
            Sse2.UnpackLow(ab, cd).AsInt32().Store(to);
            Sse2.UnpackHigh(ab, cd).AsInt32().Store(to + 4);
            (ab, cd) = (Sse2.UnpackHigh(a, b).AsInt16(), Sse2.UnpackHigh(c, d).AsInt16());
            Sse2.UnpackLow(ab, cd).AsInt32().Store(to + 8);
            Sse2.UnpackHigh(ab, cd).AsInt32().Store(to + 12);
        }

        // Eight columns of two rows.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Two(sbyte* from, long step, int* to)
        {
            Vector128<sbyte> a = Vector128.CreateScalar(Unsafe.ReadUnaligned<long>(from)).AsSByte(), b = Vector128.CreateScalar(Unsafe.ReadUnaligned<long>(from + step)).AsSByte();
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Sse2.UnpackLow(a, b));
            low.AsInt32().Store(to);
            high.AsInt32().Store(to + 4);
        }
    }

    struct Multiply<V, W> : IRangeBody where V : struct where W : struct, IByteWords<V>
    {
        public Job<V, W>* Job;
        public long Panels;

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(long begin, long end)
        {
            int width = 2 * W.Columns;
            int* edge = stackalloc int[Rows * width];
            ref readonly Product p = ref Job->P;
            for (long item = begin; item < end; item++)
            {
                long group = item / Panels, panel = item % Panels, last = Math.Min(Job->Tiles, (group + 1) * Job->TilesPerGroup);
                int* b = Job->PackedB + panel * width * (Job->Words + 1);
                int w = (int)Math.Min(width, p.N - panel * width);
                for (long tile = group * Job->TilesPerGroup; tile < last; tile++)
                {
                    long row = tile * Rows;
                    int h = (int)Math.Min(Rows, p.M - row);
                    int* c = p.C + row * p.RsC + panel * width * p.CsC, a = Job->PackedA + tile * Rows * Job->Words;
                    if (h == Rows && w == width && p.CsC == 1) Tile(Job->Words, a, b, c, (nint)p.RsC);
                    else
                    {
                        Tile(Job->Words, a, b, edge, width);
                        for (int i = 0; i < h; i++)
                            for (int j = 0; j < w; j++) c[i * p.RsC + j * p.CsC] = edge[i * width + j];
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Tile(long words, int* a, int* b, int* c, nint rsC)
        {
            V l0 = W.Load(b), r0 = W.Load(b + W.Columns);
            V l1 = l0, l2 = l0, l3 = l0, l4 = l0, l5 = l0, r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0;
            for (; words > 0; words--, a += Rows)
            {
                b += 2 * W.Columns;
                V l = W.Load(b), r = W.Load(b + W.Columns), x = W.Broadcast(a);
                l0 = W.MultiplyAdd(l0, x, l);
                r0 = W.MultiplyAdd(r0, x, r);
                x = W.Broadcast(a + 1);
                l1 = W.MultiplyAdd(l1, x, l);
                r1 = W.MultiplyAdd(r1, x, r);
                x = W.Broadcast(a + 2);
                l2 = W.MultiplyAdd(l2, x, l);
                r2 = W.MultiplyAdd(r2, x, r);
                x = W.Broadcast(a + 3);
                l3 = W.MultiplyAdd(l3, x, l);
                r3 = W.MultiplyAdd(r3, x, r);
                x = W.Broadcast(a + 4);
                l4 = W.MultiplyAdd(l4, x, l);
                r4 = W.MultiplyAdd(r4, x, r);
                x = W.Broadcast(a + 5);
                l5 = W.MultiplyAdd(l5, x, l);
                r5 = W.MultiplyAdd(r5, x, r);
            }
            Put(l0, r0, c);
            Put(l1, r1, c + rsC);
            Put(l2, r2, c + 2 * rsC);
            Put(l3, r3, c + 3 * rsC);
            Put(l4, r4, c + 4 * rsC);
            Put(l5, r5, c + 5 * rsC);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Put(V l, V r, int* c)
        {
            W.Store(l, c);
            W.Store(r, c + W.Columns);
        }
    }
}
