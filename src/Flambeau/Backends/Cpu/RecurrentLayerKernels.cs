using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;
using Layer = Flambeau.Ops.RecurrentLayer;

namespace Flambeau.Backends.Cpu;

// A layer over all time steps, forward and backward. A step is the state by its weight and then the cells. Threads share its rows; or its units, so that each meets the same part of
// the weight in every step, which then stays in its second-level cache, and all they wait for is the others' part of the new state.
internal sealed unsafe partial class CpuBackend
{
    internal override void RecurrentLayer(RecurrentKind kind, bool reverse, Tensor[] x, Tensor[] y)
    {
        if (y[0].Count == 0) return;
        bool lstm = kind == RecurrentKind.Lstm, gru = kind == RecurrentKind.Gru, keeps = y.Length > (lstm ? 3 : 2);
        long steps = y[0].Shape[0], rows = y[0].Shape[1], h = y[0].Shape[2];
        Tensor? more = x.Length > 3 ? x[3] : null, c = null, gates = null;
        // What nobody asks for has room for one step, which stays in the second-level cache.
        if (lstm) c = keeps ? y[3] : Tensor.Empty(new TensorSpec([1, rows, h], y[0].DType, y[0].Device));
        if (lstm || gru) gates = keeps ? y[^1] : Tensor.Empty(new TensorSpec([1, rows, 4 * h], y[0].DType, y[0].Device));
        Tensor[] t = [x[0], x[1], x[2], more ?? x[1], y[0], c ?? x[1], gates ?? y[0]];
        fixed (byte* p0 = t[0].Storage, p1 = t[1].Storage, p2 = t[2].Storage, p3 = t[3].Storage, p4 = t[4].Storage, p5 = t[5].Storage, p6 = t[6].Storage)
        {
            LayerArguments a = new()
            {
                Kind = kind, Reverse = reverse, Keeps = keeps || gates is null, Steps = steps, Rows = rows, Width = h,
                Gates = Start(p0, t[0]), H0 = Start(p1, t[1]), Weight = Start(p2, t[2]), Bias = gru && more is not null ? Start(p3, t[3]) : null,
                C0 = Start(p3, t[3]), Y = Start(p4, t[4]), C = Start(p5, t[5]), Kept = Start(p6, t[6]),
            };
            ForwardVisitor v = new(&a);
            LaneDispatch.Visit(y[0].DType, ref v);
        }
        long last = reverse ? 0 : steps - 1;
        Copy(y[0].Window(new Select(0, last).Transform(y[0].Layout)), y[1]);
        if (c is not null) Copy(c.Window(new Select(0, keeps ? last : 0).Transform(c.Layout)), y[2]);
        if (keeps) return;
        c?.Dispose();
        gates?.Dispose();
    }

    internal override void RecurrentLayerBackward(RecurrentKind kind, bool reverse, Tensor[] x, Tensor[] y)
    {
        if (x[0].Count == 0) return;
        bool lstm = kind == RecurrentKind.Lstm, gru = kind == RecurrentKind.Gru;
        Copy(x[1], y[1]);                             // the gradient of the last h, and of the last c, become those of the first
        if (lstm) Copy(x[5], y[2]);
        Tensor[] t = [x[0], x[2], x[3], x[4], lstm ? x[6] : x[3], lstm ? x[7] : x[3], lstm ? x[8] : gru ? x[5] : x[2], y[0], y[1], lstm || gru ? y[2] : y[0]];
        fixed (byte* p0 = t[0].Storage, p1 = t[1].Storage, p2 = t[2].Storage, p3 = t[3].Storage, p4 = t[4].Storage)
        fixed (byte* p5 = t[5].Storage, p6 = t[6].Storage, p7 = t[7].Storage, p8 = t[8].Storage, p9 = t[9].Storage)
        {
            LayerArguments a = new()
            {
                Kind = kind, Reverse = reverse, Steps = x[0].Shape[0], Rows = x[0].Shape[1], Width = x[0].Shape[2],
                Dy = Start(p0, t[0]), Y = Start(p1, t[1]), H0 = Start(p2, t[2]), Weight = Start(p3, t[3]), C0 = Start(p4, t[4]), C = Start(p5, t[5]), Kept = Start(p6, t[6]),
                Gates = Start(p7, t[7]), Dh = Start(p8, t[8]), Dc = Start(p9, t[9]), Own = gru ? Start(p9, t[9]) : Start(p7, t[7]),
            };
            BackwardVisitor v = new(&a);
            LaneDispatch.Visit(x[0].DType, ref v);
        }
    }

    /// <summary>What a layer's steps work on; names are those of <see cref="Ops.RecurrentLayer"/>.</summary>
    struct LayerArguments
    {
        public RecurrentKind Kind;
        public bool Reverse, Keeps;                   // Keeps: Kept and C have all steps, not one
        public long Steps, Rows, Width;
        public byte* H0, C0, Weight, Bias, Y, C;
        public byte* Gates;                           // the input's share; backward its gradient
        public byte* Kept;                            // the gates after their functions; all h where there is but one
        public byte* Dy, Dh, Dc;                      // gradients of all h, and of h and c between two steps
        public byte* Own;                             // the gradient of the state's share of the gates
        public byte* Packed;                          // the weight in panels, or null
        public long UnitParts, RowParts;

        public readonly long Count => Layer.Gates(Kind);

        /// <summary>Parts of a row of <see cref="Kept"/>.</summary>
        public readonly long Places => Kind <= RecurrentKind.Gru ? 4 : 1;

        /// <summary>The step that is taken as number <paramref name="i"/>.</summary>
        public readonly long Time(long i) => Reverse ? Steps - 1 - i : i;

        /// <summary>
        /// Shares a step out: rows, if there are some for each and the weight stays in the last cache, for what another thread has written is read slowly (256 units, batch 32, 2 threads:
        /// 9.1 and 7.2 ms a layer); else units in whole panels first, then rows.
        /// </summary>
        public void Share(int panel, int size)
        {
            const long WorkPerPart = 1 << 16;         // multiply-adds: a microsecond, of which waiting for the others takes a fifth
            long weight = Width * Width * Count, parts = Math.Clamp(Rows * weight / WorkPerPart, 1, Threads.Count);
            UnitParts = Rows >= 8 * parts && weight * size <= Caches.L3 / 4 ? 1 : Math.Min(parts, Partition.Count(Width, panel));
            RowParts = Math.Min(parts / UnitParts, Rows);
        }

        public readonly (long U0, long U1, long R0, long R1) Part(long part, int panel)
        {
            long panels = Partition.Count(Width, panel), u = part % UnitParts, r = part / UnitParts;
            return (Partition.Begin(panels, UnitParts, u) * panel, Math.Min(Width, Partition.Begin(panels, UnitParts, u + 1) * panel),
                Partition.Begin(Rows, RowParts, r), Partition.Begin(Rows, RowParts, r + 1));
        }
    }

    readonly struct ForwardVisitor(LayerArguments* a) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (L.IsDouble) LayerForward<double, L>.All(a);
            else LayerForward<float, L>.All(a);
        }
    }

    readonly struct BackwardVisitor(LayerArguments* a) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (L.IsDouble) LayerBackward<double, L>.All(a);
            else LayerBackward<float, L>.All(a);
        }
    }

    readonly struct LayerForward<E, L>(LayerArguments* a) : ISteps where E : unmanaged, INumberBase<E> where L : struct, ILane<L>
    {
        public static void All(LayerArguments* a)
        {
            a->Share(Panels<E, L>.Width, sizeof(E));
            // In few steps a single row meets the weight too seldom for laying it out: it is read where it lies.
            if (a->Rows > 1 || a->Width < L.Count || a->Steps > 16)
            {
                a->Packed = (byte*)Scratch.Get<E>(Scratch.Use.Weight, Partition.RoundUp(a->Width, Panels<E, L>.Width) * a->Count * a->Width);
                Threads.For(Partition.Count(a->Width, Panels<E, L>.Width) * a->Count, Math.Max(1, 16384 / a->Width / Panels<E, L>.Width), new PackBody(a));
            }
            Steps.Run(a->Steps, a->UnitParts * a->RowParts, new LayerForward<E, L>(a));
        }

        // Panels of gates: the gates of a panel of units one after the other.
        readonly struct PackBody(LayerArguments* a) : IRangeBody
        {
            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public void Run(long begin, long end)
            {
                long h = a->Width, size = Panels<E, L>.Width;
                for (long i = begin; i < end; i++)
                {
                    long unit = i / a->Count * size, gate = i % a->Count;
                    Panels<E, L>.Pack((E*)a->Weight + (gate * h + unit) * h, 1, h, (int)Math.Min(size, h - unit), h, (E*)a->Packed + i * size * h);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long step, long part)
        {
            (long u0, long u1, long r0, long r1) = a->Part(part, Panels<E, L>.Width);
            long n = u1 - u0, h = a->Width, e = sizeof(E), t = a->Time(step), all = a->Rows * h * e, row = h * e, gates = a->Count, places = a->Places;
            byte* y = a->Y + t * all, kept = a->Kept, before = step == 0 ? a->H0 : a->Y + a->Time(step - 1) * all, c = a->C, cBefore = step == 0 ? a->C0 : c;
            if (a->Keeps)
            {
                kept += t * all * places;
                c += t * all;
                if (step > 0) cBefore += a->Time(step - 1) * all;
            }
            for (long r = r0; r < r1; r++)
            {
                byte* from = a->Gates + (t * a->Rows + r) * row * gates + u0 * e, to = kept + r * row * places + u0 * e, bias = a->Bias + u0 * e;
                for (long k = 0; k < gates; k++) RecurrentCells<L>.Sum(from + k * row, a->Bias != null && k < 2 ? bias + k * row : null, to + k * row, n);
                if (a->Kind != RecurrentKind.Gru) continue;
                if (a->Bias != null) RecurrentCells<L>.Sum(bias + 2 * row, null, to + 3 * row, n);
                else new Span<byte>(to + 3 * row, (int)(n * e)).Clear();
            }
            Product(step, (E*)before, (E*)kept, u0, u1, r0, r1);
            for (long r = r0; r < r1; r++)
            {
                long at = r * row + u0 * e;
                byte* g = kept + r * row * places + u0 * e;
                switch (a->Kind)
                {
                    case RecurrentKind.Lstm: RecurrentCells<L>.Lstm(g, row, cBefore + at, y + at, c + at, n); break;
                    case RecurrentKind.Gru: RecurrentCells<L>.Gru(g, row, g + 3 * row, before + at, y + at, n); break;
                    case RecurrentKind.Tanh: RecurrentCells<L>.Tanhs(g, n); break;
                    default: RecurrentCells<L>.Relus(g, n); break;
                }
            }
        }

        // kept += before · weightᵀ; what r multiplies has a place of its own
        void Product(long step, E* before, E* kept, long u0, long u1, long r0, long r1)
        {
            long h = a->Width, gates = a->Count, places = a->Places, size = Panels<E, L>.Width;
            bool apart = a->Kind == RecurrentKind.Gru;
            if (a->Packed == null)
            {
                // What was read last is still in the cache, what was read first perhaps no longer: forward and backward in turns.
                bool backward = step % 2 == 1;
                for (long i = 0; i < gates; i++)
                {
                    long k = backward ? gates - 1 - i : i;
                    Dot.Vector<E, L>((nint)h, before, (E*)a->Weight + (k * h + u0) * h, (nint)h, kept + (apart && k == 2 ? 3 : k) * h + u0, 1, (nint)(u1 - u0), backward, accumulate: true);
                }
                return;
            }
            long first = u0 / size * gates, end = Partition.Count(u1, size) * gates, one = r1 - r0 == 1 ? Math.Min(end, h / size * gates) : 0;
            bool asks = step + 1 < a->Steps && r1 - r0 > 1;
            for (long i = first; i < end; i++)
            {
                E* panel = (E*)a->Packed + i * size * h;
                if (asks) Ask((E*)a->Gates + ((a->Time(step + 1) * a->Rows + r0) * gates + i % gates) * h + i / gates * size, gates * h, r1 - r0);
                if (i + Panels<E, L>.Together <= one)
                {
                    Panels<E, L>.AddRow((nint)h, before + r0 * h, panel, To(i), To(i + 1), To(i + 2), To(i + 3));
                    i += Panels<E, L>.Together - 1;
                }
                else Panels<E, L>.Add(r1 - r0, (int)Math.Min(size, h - i / gates * size), h, before + r0 * h, h, panel, To(i), h * places);
            }

            // The input's share of the next step: a thread's units are short pieces of its rows, which nothing else fetches in time, and another thread may have written them.
            static void Ask(E* p, long step, long rows)
            {
                for (long r = 0; r < rows; r++, p += step) Pack.Prefetch(p, Panels<E, L>.Width);
            }

            E* To(long i) => kept + (r0 * places + (apart && i % gates == 2 ? 3 : i % gates)) * h + i / gates * size;
        }
    }

    readonly struct LayerBackward<E, L>(LayerArguments* a) : ISteps where E : unmanaged, INumberBase<E> where L : struct, ILane<L>
    {
        public static void All(LayerArguments* a)
        {
            long size = Panels<E, L>.Width, k = a->Count * a->Width;
            a->Share((int)size, sizeof(E));
            a->Packed = (byte*)Scratch.Get<E>(Scratch.Use.Weight, Partition.RoundUp(a->Width, size) * k);
            Threads.For(Partition.Count(a->Width, size), Math.Max(1, 16384 / k / size), new PackBody(a));
            Steps.Run(a->Steps + 1, a->UnitParts * a->RowParts, new LayerBackward<E, L>(a));
        }

        readonly struct PackBody(LayerArguments* a) : IRangeBody
        {
            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public void Run(long begin, long end)
            {
                long h = a->Width, size = Panels<E, L>.Width, k = a->Count * h;
                for (long i = begin; i < end; i++)
                    Panels<E, L>.Pack((E*)a->Weight + i * size, h, 1, (int)Math.Min(size, h - i * size), k, (E*)a->Packed + i * size * k);
            }
        }

        // Dh: after a step what h gets directly, a GRU's z · dh. In the next one what comes from its gates is added, and what comes from the result.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long step, long part)
        {
            (long u0, long u1, long r0, long r1) = a->Part(part, Panels<E, L>.Width);
            long n = u1 - u0, h = a->Width, e = sizeof(E), all = a->Rows * h * e, row = h * e, gates = a->Count, places = a->Places, size = Panels<E, L>.Width;
            bool last = step == a->Steps, carries = step == 0 || a->Kind == RecurrentKind.Gru;
            long t = last ? 0 : a->Time(a->Steps - 1 - step);
            for (long r = r0; r < r1; r++)
            {
                byte* dh = a->Dh + r * row + u0 * e, dy = a->Dy + t * all + r * row + u0 * e;
                if (!last) RecurrentCells<L>.Sum(dy, carries ? dh : null, dh, n);
                else if (!carries) new Span<byte>(dh, (int)(n * e)).Clear();
            }
            if (step > 0)
            {
                E* own = (E*)a->Own + (a->Time(a->Steps - step) * a->Rows + r0) * h * gates;
                for (long u = u0; u < u1; u += size)
                {
                    E* panel = (E*)a->Packed + u * h * gates, to = (E*)a->Dh + r0 * h + u;
                    if (r1 - r0 == 1 && u + Panels<E, L>.Together * size <= u1)
                    {
                        Panels<E, L>.AddRow((nint)(h * gates), own, panel, to, to + size, to + 2 * size, to + 3 * size);
                        u += (Panels<E, L>.Together - 1) * size;
                    }
                    else Panels<E, L>.Add(r1 - r0, (int)Math.Min(size, u1 - u), h * gates, own, h * gates, panel, to, h);
                }
            }
            if (last) return;

            bool first = step == a->Steps - 1;
            long previous = first ? 0 : a->Time(a->Steps - 2 - step);
            byte* before = first ? a->H0 : a->Y + previous * all, cBefore = first ? a->C0 : a->C + previous * all;
            for (long r = r0; r < r1; r++)
            {
                long at = r * row + u0 * e;
                byte* kept = a->Kept + (t * a->Rows + r) * row * places + u0 * e, d = a->Gates + (t * a->Rows + r) * row * gates + u0 * e, own = a->Own + (t * a->Rows + r) * row * gates + u0 * e;
                switch (a->Kind)
                {
                    case RecurrentKind.Lstm: RecurrentCells<L>.LstmBackward(kept, row, cBefore + at, a->C + t * all + at, a->Dh + at, a->Dc + at, d, a->Dc + at, n); break;
                    case RecurrentKind.Gru: RecurrentCells<L>.GruBackward(kept, row, kept + 3 * row, before + at, a->Dh + at, d, own, row, a->Dh + at, n); break;
                    default: RecurrentCells<L>.PlainBackward(a->Kind == RecurrentKind.Tanh, kept, a->Dh + at, d, n); break;
                }
            }
        }
    }
}
