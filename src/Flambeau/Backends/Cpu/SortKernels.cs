using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void Sort(Tensor x, int axis, bool descending, Tensor values, Tensor indices)
    {
        if (values.Count == 0) return;
        SortVisitor v = new(x, axis, descending, null, values, indices);
        ElementDispatch.Visit(x.DType, ref v);
    }

    internal override void Pick(Tensor x, int axis, Rank rank, Tensor values, Tensor indices)
    {
        if (values.Count == 0) return;
        SortVisitor v = new(x, axis, false, rank, values, indices);
        ElementDispatch.Visit(x.DType, ref v);
    }

    readonly struct SortVisitor(Tensor x, int axis, bool descending, Rank? rank, Tensor values, Tensor indices) : IElementVisitor
    {
        public void Visit<E>() where E : unmanaged
        {
            if (sizeof(E) <= 4) Run<E, Placed32>();
            else if (sizeof(E) == 8) Run<E, Placed64>();
        }

        void Run<E, T>() where E : unmanaged where T : unmanaged, IPlaced<T>
        {
            fixed (byte* px = x.Storage, pv = values.Storage, pi = indices.Storage)
            {
                Select line = new(axis, 0);
                Layout lv = line.Transform(values.Layout), li = line.Transform(indices.Layout), lx = line.Transform(x.Layout);
                LoopNest nest = new(lv.Shape, lv, li, lx);
                long n = x.Shape[axis];
                Line<E> l = new() { X = (E*)px + x.Layout.Offset, Values = (E*)pv + values.Layout.Offset, Indices = (long*)pi + indices.Layout.Offset,
                    N = n, M = values.Shape[axis], Sx = x.Strides[axis], Sv = values.Strides[axis], Si = indices.Strides[axis] };
                long grain = Math.Max(1, 4096 / n);
                if (rank is { } r)
                {
                    Picks<E, T> body = new(l, r);
                    nest.RunInRanges(ref body, grain);
                }
                else
                {
                    Sorts<E, T> body = new(l, descending);
                    nest.RunInRanges(ref body, grain);
                }
            }
        }
    }

    /// <summary>What the kernels below know of a line: N elements in, M out.</summary>
    struct Line<E> where E : unmanaged
    {
        public E* X, Values;
        public long* Indices;
        public long N, M, Sx, Sv, Si;

        public readonly Line<E> At(long* offset, long* stride, long k)
        {
            Line<E> l = this;
            l.Values += offset[0] + k * stride[0];
            l.Indices += offset[1] + k * stride[1];
            l.X += offset[2] + k * stride[2];
            return l;
        }

        public readonly void Put(long i, long index)
        {
            Values[i * Sv] = X[index * Sx];
            Indices[i * Si] = index;
        }

        public readonly void Place<T>(T* items, ulong flip) where T : unmanaged, IPlaced<T>
        {
            for (long i = 0; i < N; i++) items[i] = T.Make(Order.Key(X[i * Sx]) ^ flip, i);
        }
    }

    readonly struct Sorts<E, T>(Line<E> line, bool descending) : INestBody where E : unmanaged where T : unmanaged, IPlaced<T>
    {
        const int Few = 32;                           // so many are kept in order by insertion

        readonly ulong _flip = descending ? ulong.MaxValue >> 64 - 8 * sizeof(E) : 0;

        public void Invoke(long* offset, long* stride, long count)
        {
            for (long k = 0; k < count; k++)
            {
                Line<E> l = line.At(offset, stride, k);
                T* sorted = l.M == l.N ? All(l) : 64 * l.M > l.N ? Many(l) : l.M <= Few ? First(l) : Weeded(l);
                for (long i = 0; i < l.M; i++) l.Put(i, sorted[i].Index);
            }
        }

        T* All(Line<E> l)
        {
            T* items = Scratch.Get<T>(Scratch.Use.Line, l.N);
            l.Place(items, _flip);
            return PlacedSort<T>.Run(items, Scratch.Get<T>(Scratch.Use.Spare, l.N), l.N, sizeof(E));
        }

        /// <summary>As PyTorch does it where k is no small part of the line, so that of equals the same ones are chosen.</summary>
        T* Many(Line<E> l)
        {
            T* items = Scratch.Get<T>(Scratch.Use.Line, l.N);
            l.Place(items, _flip);
            PlacedSort<T>.NthElement(items, l.N, l.M - 1);
            if (l.M > 17) return PlacedSort<T>.Run(items, Scratch.Get<T>(Scratch.Use.Spare, l.M), l.M, sizeof(E));
            PlacedSort<T>.Insertion(items, l.M - 1);
            return items;
        }

        /// <summary>The first M of what was read so far, in order.</summary>
        T* First(Line<E> l)
        {
            T* items = Scratch.Get<T>(Scratch.Use.Line, l.M);
            long have = 0;
            ulong last = 0;
            Bound<E> bound = new(l, descending);
            for (long i = 0; i < l.N;)
            {
                long end = have == l.M ? bound.Skip(ref i) : i + 1;
                for (; i < end; i++)
                {
                    ulong key = Order.Key(l.X[i * l.Sx]) ^ _flip;
                    if (have == l.M && key >= last) continue;
                    long j = have < l.M ? have++ : have - 1;
                    for (; j > 0 && key < items[j - 1].Key; j--) items[j] = items[j - 1];
                    items[j] = T.Make(key, i);
                    last = items[have - 1].Key;
                    bound.Set(items[have - 1].Index);
                }
            }
            return items;
        }

        /// <summary>Candidates are collected as long as they beat the last of the M best so far, and weeded out when there are too many.</summary>
        T* Weeded(Line<E> l)
        {
            long room = 2 * l.M + 64, have = 0;
            T* items = Scratch.Get<T>(Scratch.Use.Line, room), spare = Scratch.Get<T>(Scratch.Use.Spare, room);
            ulong last = ulong.MaxValue;
            bool weeded = false;
            Bound<E> bound = new(l, descending);
            for (long i = 0; i < l.N;)
            {
                long end = weeded ? bound.Skip(ref i) : i + 1;
                for (; i < end; i++)
                {
                    ulong key = Order.Key(l.X[i * l.Sx]) ^ _flip;
                    if (weeded && key >= last) continue;
                    items[have++] = T.Make(key, i);
                    if (have < room) continue;
                    T* sorted = PlacedSort<T>.Run(items, spare, have, sizeof(E));
                    if (sorted == spare) spare = items;
                    items = sorted;
                    have = l.M;
                    last = items[have - 1].Key;
                    weeded = true;
                    bound.Set(items[have - 1].Index);
                }
            }
            return PlacedSort<T>.Run(items, spare, have, sizeof(E));
        }
    }

    /// <summary>Most elements of a long line are no better than the worst one kept; a vector of them is skipped at once. NaNs never are.</summary>
    struct Bound<E>(Line<E> line, bool descending) where E : unmanaged
    {
        readonly int _width = line.Sx == 1 && Vector<E>.IsSupported && typeof(E) != typeof(bool) ? Vector<E>.Count : 0;
        Vector<E> _bound;

        public void Set(long index)
        {
            if (_width > 0) _bound = new(line.X[index]);
        }

        /// <summary>Moves on to the next vector with a better element; answers where that vector ends.</summary>
        public readonly long Skip(ref long i)
        {
            long w = _width, n = line.N;
            if (w == 0) return i + 1;
            E* x = line.X;
            if (descending) while (i + w <= n && Vector.LessThanOrEqualAll(Vector.Load(x + i), _bound)) i += w;
            else while (i + w <= n && Vector.GreaterThanOrEqualAll(Vector.Load(x + i), _bound)) i += w;
            return Math.Min(n, i + w);
        }
    }

    readonly struct Picks<E, T>(Line<E> line, Rank rank) : INestBody where E : unmanaged where T : unmanaged, IPlaced<T>
    {
        public void Invoke(long* offset, long* stride, long count)
        {
            for (long k = 0; k < count; k++)
            {
                Line<E> l = line.At(offset, stride, k);
                l.Put(0, Index(l));
            }
        }

        long Index(Line<E> l)
        {
            long nans = 0;
            if (rank.Kind is RankKind.Median or RankKind.NanMedian)
                for (long i = 0; i < l.N; i++)
                    if (Order.IsNan(l.X[i * l.Sx]))
                    {
                        if (rank.Kind == RankKind.Median) return i;
                        nans++;
                    }
            if (nans == l.N) return 0;
            T* items = Scratch.Get<T>(Scratch.Use.Line, l.N);
            l.Place(items, 0);
            return rank.Kind switch
            {
                RankKind.Mode => Mode(l, PlacedSort<T>.Run(items, Scratch.Get<T>(Scratch.Use.Spare, l.N), l.N, sizeof(E))),
                RankKind.Kth => PlacedSort<T>.Kth(items, l.N, rank.K - 1).Index,
                _ => PlacedSort<T>.Select(items, l.N, (l.N - nans - 1) / 2).Index,
            };
        }

        static long Mode(Line<E> l, T* sorted)
        {
            long best = 0, most = 0, run = 0;
            for (long i = 0; i < l.N; i++)
            {
                run++;
                // No NaN equals another.
                if (i + 1 < l.N && sorted[i].Key == sorted[i + 1].Key && !Order.IsNan(l.X[sorted[i].Index * l.Sx])) continue;
                if (run > most) (most, best) = (run, sorted[i].Index);
                run = 0;
            }
            return best;
        }
    }

    // ---- extremes with their places ----

    internal override void ArgExtreme(Tensor x, int axis, bool largest, Tensor values, Tensor indices)
    {
        if (values.Count == 0) return;
        ExtremeVisitor v = new(x, axis, largest, false, values, indices);
        ElementDispatch.Visit(x.DType, ref v);
    }

    internal override void CumExtreme(Tensor x, int axis, bool largest, Tensor values, Tensor indices)
    {
        if (values.Count == 0) return;
        ExtremeVisitor v = new(x, axis, largest, true, values, indices);
        ElementDispatch.Visit(x.DType, ref v);
    }

    readonly struct ExtremeVisitor(Tensor x, int axis, bool largest, bool running, Tensor values, Tensor indices) : IElementVisitor
    {
        public void Visit<E>() where E : unmanaged
        {
            fixed (byte* px = x.Storage, pv = values.Storage, pi = indices.Storage)
            {
                Select line = new(axis, 0);
                Layout lv = line.Transform(values.Layout), li = line.Transform(indices.Layout), lx = line.Transform(x.Layout);
                LoopNest nest = new(lv.Shape, lv, li, lx);
                Line<E> l = new() { X = (E*)px + x.Layout.Offset, Values = (E*)pv + values.Layout.Offset, Indices = (long*)pi + indices.Layout.Offset,
                    N = x.Shape[axis], Sx = x.Strides[axis], Sv = values.Strides[axis], Si = indices.Strides[axis] };
                long grain = Math.Max(1, 16384 / x.Shape[axis]);
                if (running)
                {
                    RunningExtremes<E> body = new(l, largest);
                    nest.RunInRanges(ref body, grain);
                }
                else
                {
                    ArgExtremes<E> body = new(l, largest);
                    nest.RunInRanges(ref body, grain);
                }
            }
        }
    }

    readonly struct ArgExtremes<E>(Line<E> line, bool largest) : INestBody where E : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long* offset, long* stride, long count)
        {
            if (Math.Abs(line.Sx) <= Math.Abs(stride[2]) || count == 1)
            {
                for (long k = 0; k < count; k++)
                {
                    Line<E> l = line.At(offset, stride, k);
                    l.Put(0, l.Sx == 1 && Vector<E>.IsSupported && typeof(E) != typeof(bool) ? Vectors(l) : Scalars(l, 0));
                }
                return;
            }
            // Lines side by side: element by element of all, the best so far in the results.
            Line<E> f = line.At(offset, stride, 0);
            long first = 0;
            if (sizeof(E) is 4 or 8 && Vector<E>.IsSupported && stride[0] == 1 && stride[1] == 1 && stride[2] == 1 && f.N < int.MaxValue)
                first = largest ? Columns<Larger>(f, count) : Columns<Smaller>(f, count);
            for (long i = 0; i < f.N; i++)
                for (long k = first; k < count; k++)
                {
                    E a = f.X[k * stride[2] + i * f.Sx];
                    ref E best = ref f.Values[k * stride[0]];
                    if (i > 0 && !IsBetter(a, best)) continue;
                    best = a;
                    f.Indices[k * stride[1]] = i;
                }
        }

        /// <summary>Lines side by side, a cache line of them at a time, the best and their places in vectors; answers how many are done.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static long Columns<TOf>(Line<E> l, long count) where TOf : struct, IVectorChoice
        {
            int w = Vector<E>.Count;
            long k = 0;
            for (; k + 2 * w <= count; k += 2 * w)
            {
                E* x = l.X + k;
                Vector<E> a = Vector.Load(x), b = Vector.Load(x + w), atA = Vector<E>.Zero, atB = atA;
                for (long i = 1; i < l.N; i++)
                {
                    x += l.Sx;
                    Vector<E> p = Vector.Load(x), q = Vector.Load(x + w), here = Place(i);
                    Vector<E> takesA = TOf.IsBetter(p, a) | Vector.AndNot(Vector.Equals(a, a), Vector.Equals(p, p)), takesB = TOf.IsBetter(q, b) | Vector.AndNot(Vector.Equals(b, b), Vector.Equals(q, q));
                    (a, atA) = (Vector.ConditionalSelect(takesA, p, a), Vector.ConditionalSelect(takesA, here, atA));
                    (b, atB) = (Vector.ConditionalSelect(takesB, q, b), Vector.ConditionalSelect(takesB, here, atB));
                }
                Vector.Store(a, l.Values + k);
                Vector.Store(b, l.Values + k + w);
                Put(atA, l.Indices + k);
                Put(atB, l.Indices + k + w);
            }
            return k;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector<E> Place(long i) => sizeof(E) == 4 ? Vector.As<int, E>(new((int)i)) : Vector.As<long, E>(new(i));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Put(Vector<E> places, long* to)
        {
            if (sizeof(E) == 4)
            {
                Vector.Widen(Vector.As<E, int>(places), out Vector<long> low, out Vector<long> high);
                Vector.Store(low, to);
                Vector.Store(high, to + Vector<long>.Count);
            }
            else Vector.Store(Vector.As<E, long>(places), to);
        }

        bool IsBetter(E a, E best) => (largest ? Order.Less(best, a) : Order.Less(a, best)) || Order.IsNan(a) && !Order.IsNan(best);

        long Scalars(Line<E> l, long from)
        {
            long best = from;
            for (long i = from + 1; i < l.N; i++) if (IsBetter(l.X[i * l.Sx], l.X[best * l.Sx])) best = i;
            return best;
        }

        /// <summary>The extreme first, then where it stands.</summary>
        long Vectors(Line<E> l) => largest ? Vectors<Larger>(l) : Vectors<Smaller>(l);

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        long Vectors<TOf>(Line<E> l) where TOf : struct, IVectorChoice
        {
            E* x = l.X;
            long n = l.N, i;
            int w = Vector<E>.Count;
            if (n < 4 * w) return Scalars(l, 0);
            Vector<E> a = Vector.Load(x), b = Vector.Load(x + w), c = Vector.Load(x + 2 * w), d = Vector.Load(x + 3 * w);
            Vector<E> numbers = Vector.Equals(a, a) & Vector.Equals(b, b) & Vector.Equals(c, c) & Vector.Equals(d, d);
            for (i = 4 * w; i + 4 * w <= n; i += 4 * w)
            {
                Vector<E> p = Vector.Load(x + i), q = Vector.Load(x + i + w), r = Vector.Load(x + i + 2 * w), s = Vector.Load(x + i + 3 * w);
                (a, b, c, d) = (TOf.Of(a, p), TOf.Of(b, q), TOf.Of(c, r), TOf.Of(d, s));
                numbers &= Vector.Equals(p, p) & Vector.Equals(q, q) & (Vector.Equals(r, r) & Vector.Equals(s, s));
            }
            for (; i < n; i += w)                                               // the last ones perhaps again
            {
                Vector<E> p = Vector.Load(x + Math.Min(i, n - w));
                a = TOf.Of(a, p);
                numbers &= Vector.Equals(p, p);
            }
            if (!Vector.EqualsAll(Vector.As<E, byte>(numbers), Vector<byte>.AllBitsSet)) return Scalars(l, 0);      // as bits: a mask of floats equals nothing
            E* best = stackalloc E[w];
            Vector.Store(TOf.Of(TOf.Of(a, b), TOf.Of(c, d)), best);
            E e = best[0];
            for (int k = 1; k < w; k++) if (IsBetter(best[k], e)) e = best[k];
            Vector<E> wanted = new(e);
            for (i = 0; i + 4 * w <= n; i += 4 * w)
                if (Vector.As<E, byte>(Vector.Equals(Vector.Load(x + i), wanted) | Vector.Equals(Vector.Load(x + i + w), wanted)
                    | Vector.Equals(Vector.Load(x + i + 2 * w), wanted) | Vector.Equals(Vector.Load(x + i + 3 * w), wanted)) != Vector<byte>.Zero) break;
            while (i + w <= n && !Vector.EqualsAny(Vector.Load(x + i), wanted)) i += w;
            while (!Same(x[i], e)) i++;
            return i;
        }

        interface IVectorChoice
        {
            static abstract Vector<E> Of(Vector<E> a, Vector<E> b);

            static abstract Vector<E> IsBetter(Vector<E> a, Vector<E> best);
        }

        readonly struct Larger : IVectorChoice
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector<E> Of(Vector<E> a, Vector<E> b) => Vector.MaxNative(a, b);

            [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector<E> IsBetter(Vector<E> a, Vector<E> best) => Vector.GreaterThan(a, best);
        }

        readonly struct Smaller : IVectorChoice
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector<E> Of(Vector<E> a, Vector<E> b) => Vector.MinNative(a, b);

            [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Vector<E> IsBetter(Vector<E> a, Vector<E> best) => Vector.LessThan(a, best);
        }

        static bool Same(E a, E b) => !Order.Less(a, b) && !Order.Less(b, a) && Order.IsNan(a) == Order.IsNan(b);
    }

    readonly struct RunningExtremes<E>(Line<E> line, bool largest) : INestBody where E : unmanaged
    {
        public void Invoke(long* offset, long* stride, long count)
        {
            for (long k = 0; k < count; k++)
            {
                Line<E> l = line.At(offset, stride, k);
                long at = 0;
                for (long i = 0; i < l.N; i++)
                {
                    E a = l.X[i * l.Sx], best = l.X[at * l.Sx];
                    if (Order.IsNan(a) || !Order.IsNan(best) && !(largest ? Order.Less(a, best) : Order.Less(best, a))) at = i;
                    l.Put(i, at);
                }
            }
        }
    }

    // ---- places in a sorted sequence ----

    internal override void SearchSorted(Tensor sequence, Tensor values, bool right, Tensor y)
    {
        if (y.Count == 0) return;
        SearchVisitor v = new(sequence, values, right, y);
        ElementDispatch.Visit(values.DType, ref v);
    }

    readonly struct SearchVisitor(Tensor sequence, Tensor values, bool right, Tensor y) : IElementVisitor
    {
        public void Visit<E>() where E : unmanaged
        {
            fixed (byte* ps = sequence.Storage, pv = values.Storage, py = y.Storage)
            {
                // The sequence over the values' shape: it stays where it is along the last axis.
                Layout l = sequence.Layout;
                var strides = new long[values.Rank];
                if (l.Rank > 1) l.Strides[..^1].CopyTo(strides);
                LoopNest nest = new(y.Shape, y.Layout, values.Layout, new Layout(y.Shape, strides, 0));
                Searches<E> body = new((E*)ps + l.Offset, l.Shape[^1], l.Strides[^1], (E*)pv + values.Layout.Offset, (long*)py + y.Layout.Offset, right);
                nest.RunParallel(ref body, 128);
            }
        }
    }

    readonly struct Searches<E>(E* sequence, long length, long step, E* values, long* y, bool right) : INestBody where E : unmanaged
    {
        public void Invoke(long* offset, long* stride, long n)
        {
            long* to = y + offset[0];
            E* v = values + offset[1], s = sequence + offset[2];
            long i = 0;
            if (stride[2] == 0 && step == 1)
                for (; i + 4 <= n; i += 4) Four(s, v + i * stride[1], stride[1], to + i * stride[0], stride[0]);
            for (; i < n; i++)
            {
                long at = 0;
                for (long rest = length; rest > 0;)
                {
                    long half = (rest + 1) / 2;
                    at += Before(s[i * stride[2] + (at + half - 1) * step], v[i * stride[1]]) & half;
                    rest -= half;
                }
                to[i * stride[0]] = at;
            }
        }

        /// <summary>Four at once, each of which would wait for what it reads.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Four(E* s, E* v, long sv, long* to, long st)
        {
            E p = v[0], q = v[sv], r = v[2 * sv], t = v[3 * sv];
            long a = 0, b = 0, c = 0, d = 0;
            for (long rest = length; rest > 0;)
            {
                long half = (rest + 1) / 2;
                E* m = s + half - 1;
                a += Before(m[a], p) & half;
                b += Before(m[b], q) & half;
                c += Before(m[c], r) & half;
                d += Before(m[d], t) & half;
                rest -= half;
            }
            (to[0], to[st], to[2 * st], to[3 * st]) = (a, b, c, d);
        }

        /// <summary>All bits if m comes before v: which way to go is not predictable, so that halves are taken by arithmetic.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        long Before(E m, E v)
        {
            bool before = right ? !Order.Less(v, m) : !Order.AtLeast(m, v);
            return -(long)*(byte*)&before;
        }
    }
}
