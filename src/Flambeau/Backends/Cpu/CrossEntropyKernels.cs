using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void CrossEntropy(Tensor x, Tensor target, Tensor? weight, Lines lines, long ignore, double smoothing, Tensor loss,
        Tensor rowWeight, Tensor max, Tensor logSum)
    {
        if (loss.Count == 0) return;
        fixed (byte* px = x.Storage, pt = target.Storage, pw = (weight ?? x).Storage, pl = loss.Storage, pr = rowWeight.Storage, pm = max.Storage,
            ps = logSum.Storage)
        {
            CrossEntropyVisitor v = new(new()
            {
                X = Start(px, x), Target = (long*)Start(pt, target), Weight = weight is null ? null : Start(pw, weight), Loss = Start(pl, loss),
                RowWeight = Start(pr, rowWeight), Max = Start(pm, max), LogSum = Start(ps, logSum), S = lines, Ignore = ignore, Smoothing = smoothing,
            });
            LaneDispatch.Visit(x.DType, ref v);
        }
    }

    internal override void CrossEntropyBackward(Tensor g, Tensor x, Tensor target, Tensor? weight, Tensor max, Tensor logSum, Lines lines,
        long ignore, double smoothing, Tensor dx)
    {
        if (dx.Count == 0) return;
        fixed (byte* px = x.Storage, pt = target.Storage, pw = (weight ?? x).Storage, pg = g.Storage, pd = dx.Storage, pm = max.Storage, ps = logSum.Storage)
        {
            CrossEntropyVisitor v = new(new()
            {
                X = Start(px, x), Target = (long*)Start(pt, target), Weight = weight is null ? null : Start(pw, weight), Loss = Start(pg, g),
                Dx = Start(pd, dx), Max = Start(pm, max), LogSum = Start(ps, logSum), S = lines, Ignore = ignore, Smoothing = smoothing,
            });
            LaneDispatch.Visit(x.DType, ref v);
        }
    }

    /// <summary>Loss is the gradient of the losses in the backward pass, for which Dx is given.</summary>
    struct CrossEntropyArguments
    {
        public byte* X, Weight, Loss, RowWeight, Max, LogSum, Dx;
        public long* Target;
        public Lines S;
        public long Ignore;
        public double Smoothing;
    }

    readonly struct CrossEntropyVisitor(CrossEntropyArguments a) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            CrossEntropyArguments all = a;
            long across = a.S.Inner == 1 ? 1 : (a.S.Inner + L.Count - 1) / L.Count;
            double total = a.S.Length;
            if (a.Weight != null)
            {
                total = 0;
                for (long c = 0; c < a.S.Length; c++) total += Tail<L>.Get(a.Weight, c);
            }
            Threads.For(a.S.Outer * across, Math.Max(1, RowGrain / (a.S.Length * (a.S.Inner == 1 ? 1 : L.Count))),
                new CrossEntropyBody<L>(&all, across, total));
        }
    }

    readonly struct CrossEntropyBody<L>(CrossEntropyArguments* a, long across, double totalWeight) : IRangeBody where L : struct, ILane<L>
    {
        public void Run(long begin, long end)
        {
            for (long item = begin; item < end; item++)
            {
                long outer = item / across, column = item % across * L.Count;
                int width = (int)Math.Min(L.Count, a->S.Inner - column);
                if (a->S.Inner == 1)
                {
                    if (a->Dx == null) Row(item);
                    else RowBackward(item);
                }
                else if (a->Dx == null)
                {
                    if (width == L.Count) Columns<Whole>(outer, column, width);
                    else Columns<Part>(outer, column, width);
                }
                else if (width == L.Count) ColumnsBackward<Whole>(outer, column, width);
                else ColumnsBackward<Part>(outer, column, width);
            }
        }

        double Weight(long c) => a->Weight == null ? 1 : Tail<L>.Get(a->Weight, c);

        // Apart from Run: the JIT inlines only so much into one method, and the exponential must be.
        [MethodImpl(MethodImplOptions.NoInlining)]
        void Row(long r)
        {
            long n = a->S.Length;
            byte* x = a->X + r * n * Tail<L>.Size;
            double max = RowMath<L>.Max(x, n), log = Math.Log(RowMath<L>.ExpSum(x, n, max, null)), spread = 0;
            Tail<L>.Set(a->Max, r, max);
            Tail<L>.Set(a->LogSum, r, log);
            if (a->Smoothing != 0 && a->Target[r] != a->Ignore) spread = Below(x, n, max) + totalWeight * log;
            Finish(r, max, log, spread, x, 1);
        }

        /// <summary>Σ w (max − x): terms of one sign, so that nothing is lost where all scores are large.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        double Below(byte* x, long n, double max)
        {
            int w = L.Count, e = Tail<L>.Size;
            byte* weight = a->Weight;
            L m = L.Const(max);
            double total = 0;
            long i = 0;
            while (i + w <= n)
            {
                L sum = L.Zero, other = L.Zero;
                for (long stop = Math.Min(n, i + RowMath<L>.Stretch); i + w <= stop; i += w)
                {
                    L d = m - L.Load(x + i * e);
                    (sum, other) = (other + (weight == null ? d : d * L.Load(weight + i * e)), sum);
                }
                total += Tail<L>.Sum(sum) + Tail<L>.Sum(other);
            }
            for (; i < n; i++) total += Weight(i) * (max - Tail<L>.Get(x, i));
            return total;
        }

        // Loss and weight of a line whose maximum and sum are known; its classes lie `step` apart.
        void Finish(long r, double max, double log, double spread, byte* x, long step)
        {
            long t = a->Target[r];
            double w = 0, loss = 0;
            if (t != a->Ignore)
            {
                ClassLoss.CheckClass("CrossEntropy", t, a->S.Length, a->Ignore);
                w = Weight(t);
                loss = (1 - a->Smoothing) * w * (max - Tail<L>.Get(x, t * step) + log);
                if (a->Smoothing != 0) loss += a->Smoothing / a->S.Length * spread;
            }
            Tail<L>.Set(a->Loss, r, loss);
            Tail<L>.Set(a->RowWeight, r, w);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        void RowBackward(long r)
        {
            long n = a->S.Length, t = a->Target[r], i = 0;
            int w = L.Count, e = Tail<L>.Size;
            byte* x = a->X + r * n * e, dx = a->Dx + r * n * e;
            if (t == a->Ignore)
            {
                for (; i < n; i++) Tail<L>.Set(dx, i, 0);
                return;
            }
            double g = Tail<L>.Get(a->Loss, r), even = g * a->Smoothing / n, hit = g * (1 - a->Smoothing) * Weight(t);
            L scale = L.Const(hit + even * totalWeight), less = L.Const(even), max = L.Const(Tail<L>.Get(a->Max, r)), log = L.Const(Tail<L>.Get(a->LogSum, r));
            bool smooth = a->Smoothing != 0;
            for (; i + w <= n; i += w)
            {
                L d = scale * L.Exp(L.Load(x + i * e) - max - log);
                if (smooth) d -= a->Weight == null ? less : less * L.Load(a->Weight + i * e);
                L.Store(d, dx + i * e);
            }
            if (i < n)
            {
                L d = scale * L.Exp(Tail<L>.Load(x + i * e, (int)(n - i), max) - max - log);
                if (smooth) d -= a->Weight == null ? less : less * Tail<L>.Load(a->Weight + i * e, (int)(n - i), L.Zero);
                Tail<L>.Store(d, dx + i * e, (int)(n - i));
            }
            Tail<L>.Set(dx, t, Tail<L>.Get(dx, t) - hit);
        }

        void Columns<W>(long outer, long column, int width) where W : struct, IWidth
        {
            long n = a->S.Length, step = a->S.Inner * Tail<L>.Size, first = outer * a->S.Inner + column;
            byte* x = a->X + (outer * n * a->S.Inner + column) * Tail<L>.Size;
            L max = L.Const(double.NegativeInfinity), sum = L.Zero, spread = L.Zero;
            for (long c = 0; c < n; c++) max = L.MaxNative(max, W.Load<L>(x + c * step, width));
            for (long c = 0; c < n; c++) sum += L.Exp(W.Load<L>(x + c * step, width) - max);
            L log = L.Log(sum);
            W.Store(max, a->Max + first * Tail<L>.Size, width);
            W.Store(log, a->LogSum + first * Tail<L>.Size, width);
            if (a->Smoothing != 0)
                for (long c = 0; c < n; c++) spread += L.Const(Weight(c)) * (max - W.Load<L>(x + c * step, width) + log);
            byte* s = stackalloc byte[64];
            L.Store(spread, s);
            for (int k = 0; k < width; k++)
                Finish(first + k, Tail<L>.Get(a->Max, first + k), Tail<L>.Get(a->LogSum, first + k), Tail<L>.Get(s, k), x + k * Tail<L>.Size, a->S.Inner);
        }

        void ColumnsBackward<W>(long outer, long column, int width) where W : struct, IWidth
        {
            long n = a->S.Length, step = a->S.Inner * Tail<L>.Size, first = outer * a->S.Inner + column;
            byte* x = a->X + (outer * n * a->S.Inner + column) * Tail<L>.Size, dx = a->Dx + (outer * n * a->S.Inner + column) * Tail<L>.Size;
            byte* hits = stackalloc byte[64], evens = stackalloc byte[64];
            for (int k = 0; k < width; k++)
            {
                long t = a->Target[first + k];
                double g = t == a->Ignore ? 0 : Tail<L>.Get(a->Loss, first + k);
                Tail<L>.Set(hits, k, t == a->Ignore ? 0 : g * (1 - a->Smoothing) * Weight(t));
                Tail<L>.Set(evens, k, g * a->Smoothing / n);
            }
            L even = Tail<L>.Load(evens, width, L.Zero), scale = L.Fma(even, L.Const(totalWeight), Tail<L>.Load(hits, width, L.Zero));
            L max = W.Load<L>(a->Max + first * Tail<L>.Size, width), log = W.Load<L>(a->LogSum + first * Tail<L>.Size, width);
            for (long c = 0; c < n; c++)
                W.Store(scale * L.Exp(W.Load<L>(x + c * step, width) - max - log) - even * L.Const(Weight(c)), dx + c * step, width);
            for (int k = 0; k < width; k++)
            {
                long t = a->Target[first + k];
                if (t == a->Ignore) continue;
                long at = k + t * a->S.Inner;
                Tail<L>.Set(dx, at, Tail<L>.Get(dx, at) - Tail<L>.Get(hits, k));
            }
        }
    }

    internal override void Nll(Tensor x, Tensor target, Tensor? weight, Lines lines, long ignore, Tensor loss, Tensor rowWeight)
    {
        if (x.DType == DType.Float64) Pick<double>(x, target, weight, lines, ignore, loss, rowWeight);
        else Pick<float>(x, target, weight, lines, ignore, loss, rowWeight);
    }

    static void Pick<E>(Tensor x, Tensor target, Tensor? weight, Lines lines, long ignore, Tensor loss, Tensor rowWeight) where E : unmanaged, INumberBase<E>
    {
        fixed (byte* px = x.Storage, pt = target.Storage, pw = (weight ?? x).Storage, pl = loss.Storage, pr = rowWeight.Storage)
            Threads.For(lines.Count, 1 << 14, new Picks<E>((E*)Start(px, x), (long*)Start(pt, target), weight is null ? null : (E*)Start(pw, weight), lines, ignore,
                (E*)Start(pl, loss), (E*)Start(pr, rowWeight)));
    }

    readonly struct Picks<E>(E* x, long* classes, E* weight, Lines s, long ignore, E* loss, E* rowWeight) : IRangeBody where E : unmanaged, INumberBase<E>
    {
        public void Run(long begin, long end)
        {
            if (s.Inner == 1) Line(x + begin * s.Length, s.Length, 1, classes + begin, weight, s.Length, ignore, loss + begin, rowWeight + begin, end - begin);
            else
                for (long r = begin, n; r < end; r += n)
                {
                    long outer = r / s.Inner, inner = r % s.Inner;
                    n = Math.Min(end - r, s.Inner - inner);
                    Line(x + outer * s.Length * s.Inner + inner, 1, s.Inner, classes + r, weight, s.Length, ignore, loss + r, rowWeight + r, n);
                }
        }

        /// <summary>Rows that begin <paramref name="down"/> apart, with classes <paramref name="across"/> apart. What stands in a field would be read again after each store.</summary>
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        static void Line(E* x, long down, long across, long* classes, E* weight, long count, long ignore, E* loss, E* rowWeight, long n)
        {
            for (long i = 0; i < n; i++, x += down)
            {
                long t = classes[i];
                E w = E.Zero, y = E.Zero;
                if (t != ignore)
                {
                    ClassLoss.CheckClass("NllLoss", t, count, ignore);
                    w = weight == null ? E.One : weight[t];
                    y = -w * x[t * across];
                }
                (loss[i], rowWeight[i]) = (y, w);
            }
        }
    }

    internal override void NllBackward(Tensor g, Tensor target, Lines lines, long ignore, Tensor dx)
    {
        if (dx.Count == 0) return;
        if (dx.DType == DType.Float64) Place<double>(g, target, lines, ignore, dx);
        else Place<float>(g, target, lines, ignore, dx);
    }

    static void Place<E>(Tensor g, Tensor target, Lines lines, long ignore, Tensor dx) where E : unmanaged, INumberBase<E>
    {
        fixed (byte* pg = g.Storage, pt = target.Storage, pd = dx.Storage)
        {
            long block = Math.Max(1, 4096 / (lines.Length * lines.Inner));      // zeros that are in L1 when some of them are replaced
            Threads.For(lines.Outer, 8 * block, new Places<E>((E*)Start(pg, g), (long*)Start(pt, target), lines, ignore, (E*)Start(pd, dx), block));
        }
    }

    readonly struct Places<E>(E* g, long* classes, Lines s, long ignore, E* dx, long block) : IRangeBody where E : unmanaged, INumberBase<E>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            long size = s.Length * s.Inner;
            for (long first = begin; first < end; first += block)
            {
                long last = Math.Min(end, first + block);
                Cleared(dx + first * size, (last - first) * size);
                for (long outer = first; outer < last; outer++)
                    for (long i = 0, r = outer * s.Inner; i < s.Inner; i++, r++)
                        if (classes[r] != ignore) dx[outer * size + classes[r] * s.Inner + i] = -g[r];
            }
        }
    }

    static void Cleared<E>(E* y, long n) where E : unmanaged
    {
        for (long i = 0; i < n; i += 1 << 27) new Span<E>(y + i, (int)Math.Min(1 << 27, n - i)).Clear();
    }
}
