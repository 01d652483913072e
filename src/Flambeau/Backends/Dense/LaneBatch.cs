using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Backends.Cpu;

namespace Flambeau.Backends.Dense;

/// <summary>
/// What can be done to as many tiny real matrices at once as a vector holds doubles, each in a lane of its own: where a matrix has fewer numbers in a row than a vector,
/// its own loops are all beginning and end.
/// </summary>
internal unsafe interface ILaneDense : IDense
{
    /// <summary>Whether matrices are small enough for this to be the faster way.</summary>
    bool IsTiny { get; }

    /// <summary>As <see cref="IDense.Run"/>, lane by lane; integers are doubles here.</summary>
    void Run<L>(Lanes<L>* x, Lanes<L>* y) where L : struct, ILane<L>;
}

/// <summary>Matrices in lanes: number i of all of them is a vector.</summary>
internal readonly unsafe struct Lanes<L>(double* at) where L : struct, ILane<L>
{
    public L this[long i]
    {
        get => L.Load(at + i * L.Count);
        set => L.Store(value, at + i * L.Count);
    }
}

/// <summary>Runs an <see cref="ILaneDense"/> over batches: in lanes if they are tiny and real, and more than one; else as any others.</summary>
internal static unsafe class LaneBatch
{
    const double WorkPerClaim = 20_000, Move = 2;      // to bring a number into its lane, or back, takes about as long as two multiplications do among numbers of one matrix

    public static void Run<TKernel>(TKernel kernel, long batch, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor> y) where TKernel : struct, ILaneDense
    {
        bool lanes = kernel.IsTiny && batch > 1;
        foreach (Tensor t in x) lanes &= !t.DType.IsComplex;
        foreach (Tensor t in y) lanes &= t.IsContiguous;
        if (!lanes) DenseBatch.Run(kernel, batch, x, y);
        else if (Vector512.IsHardwareAccelerated) Run<TKernel, V512<double>>(kernel, batch, x, y);
        else if (Vector256.IsHardwareAccelerated) Run<TKernel, V256<double>>(kernel, batch, x, y);
        else Run<TKernel, V128<double>>(kernel, batch, x, y);
    }

    static void Run<TKernel, L>(TKernel kernel, long batch, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor> y) where TKernel : struct, ILaneDense where L : struct, ILane<L>
    {
        Tensor[] all = new Tensor[x.Length + y.Length];
        for (int i = 0; i < x.Length; i++) all[i] = x[i].MakeContiguous();
        y.CopyTo(all.AsSpan(x.Length));
        int n = all.Length;
        fixed (byte* p0 = Of(0), p1 = Of(1), p2 = Of(2), p3 = Of(3), p4 = Of(4), p5 = Of(5))
        {
            byte** start = stackalloc byte*[] { p0, p1, p2, p3, p4, p5 };
            Part* parts = stackalloc Part[n];
            long size = 0;
            for (int i = 0; i < n; i++)
            {
                parts[i] = new(start[i] + all[i].Layout.Offset * all[i].DType.ItemSize, all[i].Count / batch, all[i].DType);
                size += parts[i].Size;
            }
            long groups = (batch + L.Count - 1) / L.Count;
            Threads.For(groups, Math.Max(1, (long)(WorkPerClaim / (Move * size * L.Count))), new Body<TKernel, L>(kernel, batch, parts, x.Length, n));
        }
        GC.KeepAlive(all);

        Storage Of(int i) => all[i < n ? i : 0].Storage;
    }

    /// <summary>Matrices, or what else there is one of for each matrix: where they begin, and how many numbers each has.</summary>
    readonly struct Part(byte* start, long size, DType dtype)
    {
        public long Size => size;

        /// <summary>So many matrices from this on, one after the other.</summary>
        public void Read(long from, long count, double* to)
        {
            long n = count * size;
            if (dtype == DType.Float32) Casting.Run((float*)start + from * size, to, n);
            else Rows.Copy(n, (double*)start + from * size, to);
        }

        public void Write(double* from, long count, long to)
        {
            long n = count * size;
            if (dtype == DType.Float32) Casting.Run(from, (float*)start + to * size, n);
            else if (dtype == DType.Int32) Casting.Run(from, (int*)start + to * size, n);
            else Rows.Copy(n, from, (double*)start + to * size);
        }
    }

    readonly struct Body<TKernel, L>(TKernel kernel, long batch, Part* parts, int inputs, int count) : IRangeBody where TKernel : struct, ILaneDense where L : struct, ILane<L>
    {
        public void Run(long begin, long end)
        {
            long most = 0, all = 0;
            for (int i = 0; i < count; i++) (most, all) = (Math.Max(most, Whole(parts[i].Size)), all + Whole(parts[i].Size));
            using Buffer<double> flat = new((most + 1) * L.Count), room = new((all + 2 * L.Count) * L.Count);
            double** at = stackalloc double*[count];
            Lanes<L>* lanes = stackalloc Lanes<L>[count];
            double* next = room.At + 2 * L.Count * L.Count;
            for (int i = 0; i < count; next += Whole(parts[i++].Size) * L.Count) lanes[i] = new(at[i] = next);
            for (long group = begin; group < end; group++)
            {
                long first = group * L.Count, some = Math.Min(L.Count, batch - first);
                for (int i = 0; i < inputs; i++)
                {
                    parts[i].Read(first, some, flat.At);
                    Spread(parts[i].Size, flat.At, at[i], room.At);
                }
                kernel.Run(lanes, lanes + inputs);
                for (int i = inputs; i < count; i++)
                {
                    Collect(parts[i].Size, at[i], flat.At, room.At);
                    parts[i].Write(flat.At, some, first);
                }
            }
        }

        static long Whole(long size) => (size + L.Count - 1) / L.Count * L.Count;

        // As many rows of so many numbers as a vector has lanes → one vector for each number.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Spread(long size, double* rows, double* lanes, double* room)
        {
            for (long i = 0; i < size; i += L.Count) Turn(rows + i, size, lanes + i * L.Count, L.Count, room);
        }

        // The last numbers first: what is written beyond the end of a row belongs to the next, which is written later.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static void Collect(long size, double* lanes, double* rows, double* room)
        {
            for (long i = Whole(size) - L.Count; i >= 0; i -= L.Count) Turn(lanes + i * L.Count, L.Count, rows + i, size, room);
        }

        // A square transposed: as often as it can be halved, rows of its upper half and of its lower are interleaved.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Turn(double* from, long sf, double* to, long st, double* room)
        {
            for (long rest = L.Count; rest > 2; rest /= 2)
            {
                Interleave(from, sf, room, L.Count);
                from = room;
                sf = L.Count;
                room += L.Count * L.Count;
            }
            Interleave(from, sf, to, st);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Interleave(double* from, long sf, double* to, long st)
        {
            for (long k = 0; k < L.Count / 2; k++)
            {
                L.Weave(L.Load(from + k * sf), L.Load(from + (k + L.Count / 2) * sf), out L a, out L b);
                L.Store(a, to + 2 * k * st);
                L.Store(b, to + (2 * k + 1) * st);
            }
        }
    }
}
