using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

// Bound by memory across an axis, where rows are weighted in lanes; along the last axis by a few instructions an element, which is read from L1.
internal sealed unsafe partial class CpuBackend
{
    internal override void WeightedTaps(Tensor x, Taps taps, int axis, Tensor y)
    {
        if (y.Count == 0) return;
        fixed (byte* px = x.Storage, py = y.Storage)
        fixed (int* start = taps.Start, index = taps.Index)
        {
            TapVisitor v = new(Start(px, x), Start(py, y), start, index, taps, x.Shape[axis], y.Shape[axis], x.Shape[(axis + 1)..].Count, y.Shape[..axis].Count);
            LaneDispatch.Visit(x.DType, ref v);
        }
    }

    readonly struct TapVisitor(byte* x, byte* y, int* start, int* index, Taps taps, long from, long to, long inner, long outer) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (L.IsDouble) Run<double, L>();
            else Run<float, L>();
        }

        void Run<E, L>() where E : unmanaged, INumber<E> where L : struct, ILane<L>
        {
            const long Claim = 1 << 14;               // elements worth a thread's while
            E[] weights = Array.ConvertAll(taps.Weight, E.CreateTruncating);
            fixed (E* w = weights)
            {
                if (inner == 1) Threads.For(outer, 1 + Claim / to, new TapLines<E>((E*)x, (E*)y, start, index, w, from, to, taps.Index.Length == 2 * to && taps.Start[1] == 2));
                else Threads.For(outer * to, 1 + Claim / inner, new TapRows<E, L>((E*)x, (E*)y, start, index, w, from, to, inner));
            }
        }
    }

    /// <summary>Rows of the result, each a weighted sum of a few rows.</summary>
    readonly struct TapRows<E, L>(E* x, E* y, int* start, int* index, E* weight, long from, long to, long inner) : IRangeBody where E : unmanaged, INumber<E> where L : struct, ILane<L>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long r = begin; r < end; r++)
            {
                E* plane = x + r / to * from * inner, result = y + r * inner;
                int first = start[r % to], last = start[r % to + 1];
                if (last - first == 2) Two(plane + index[first] * inner, plane + index[first + 1] * inner, weight[first], weight[first + 1], result);
                else Any(plane, first, last, result);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Two(E* a, E* b, E u, E v, E* result)
        {
            L l = L.Broadcast(&u), m = L.Broadcast(&v);
            long j = 0;
            for (; j + L.Count <= inner; j += L.Count) L.Store(L.Load(a + j) * l + L.Load(b + j) * m, result + j);
            for (; j < inner; j++) result[j] = a[j] * u + b[j] * v;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Any(E* plane, int first, int last, E* result)
        {
            long j = 0;
            for (; j + L.Count <= inner; j += L.Count)
            {
                L sum = L.Zero;
                for (int k = first; k < last; k++) sum += L.Load(plane + index[k] * inner + j) * L.Broadcast(weight + k);
                L.Store(sum, result + j);
            }
            for (; j < inner; j++)
            {
                E sum = E.Zero;
                for (int k = first; k < last; k++) sum += plane[index[k] * inner + j] * weight[k];
                result[j] = sum;
            }
        }
    }

    /// <summary>Lines along memory; <paramref name="pairs"/>: two taps each.</summary>
    readonly struct TapLines<E>(E* x, E* y, int* start, int* index, E* weight, long from, long to, bool pairs) : IRangeBody where E : unmanaged, INumber<E>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long r = begin; r < end; r++)
                if (pairs) Pairs(x + r * from, y + r * to);
                else Any(x + r * from, y + r * to);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Pairs(E* line, E* result)
        {
            int* at = index;
            E* w = weight;
            for (long i = 0; i < to; i++, at += 2, w += 2) result[i] = line[at[0]] * w[0] + line[at[1]] * w[1];
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Any(E* line, E* result)
        {
            int k = 0;
            for (long i = 0; i < to; i++)
            {
                E sum = E.Zero;
                for (int last = start[i + 1]; k < last; k++) sum += line[index[k]] * weight[k];
                result[i] = sum;
            }
        }
    }
}
