using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    readonly ref struct RowVisitor(ref LoopNest nest, byte* from, byte* to, bool streams) : IElementVisitor
    {
        readonly ref LoopNest _nest = ref nest;

        public void Visit<E>() where E : unmanaged
        {
            if (_nest.Rank == 1)
            {
                Converts<E, E> line = new((E*)from, (E*)to, streams);
                _nest.RunParallel(ref line, 4);
                return;
            }
            LoopNest outer = _nest;
            int last = --outer.Rank;
            RowCopies<E> rows = new((E*)from, (E*)to, outer.Size[last], outer.Strides(1)[last], outer.Strides(0)[last], streams);
            outer.RunInRanges(ref rows, Math.Max(1, (1 << 17) / (outer.Size[last] * sizeof(E))));
        }
    }

    /// <summary>
    /// Copies of equal type, a row at each step of the nest's last but one axis: what is padded, permuted, cut out or repeated has rows of some dozens of numbers, for which
    /// the steps of a nest and the call of a copying routine would cost more than the copy.
    /// </summary>
    readonly struct RowCopies<E>(E* x, E* y, long n, long sx, long sy, bool streams) : INestBody where E : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long* offset, long* stride, long rows)
        {
            E* from = x + offset[1], to = y + offset[0];
            long down = stride[1], step = stride[0];
            if (sx == 1 && sy == 1)
                Streaming.Rows((byte*)from, down * sizeof(E), (byte*)to, step * sizeof(E), n * sizeof(E), rows, streams);
            else if (sx == 0 && sy == 1 && n <= int.MaxValue)
                for (long k = 0; k < rows; k++, from += down, to += step) new Span<E>(to, (int)n).Fill(*from);
            else if (sx == -1 && sy == 1)
                for (long k = 0; k < rows; k++, from += down, to += step) Backward(from, to, n);
            else
                for (long k = 0; k < rows; k++, from += down, to += step)
                    for (long i = 0; i < n; i++) to[i * sy] = from[i * sx];
        }

        /// <summary>y[i] = x[−i]</summary>
        static void Backward(E* from, E* to, long n)
        {
            if (sizeof(E) == 4) Backward<V128<float>, V256<float>, V512<float>>(from, to, n);
            else if (sizeof(E) == 8) Backward<V128<double>, V256<double>, V512<double>>(from, to, n);
            else if (sizeof(E) > 8 || n > int.MaxValue)
                for (long i = 0; i < n; i++) to[i] = from[-i];
            else
            {
                Span<E> row = new(to, (int)n);
                new ReadOnlySpan<E>(from - n + 1, (int)n).CopyTo(row);
                row.Reverse();                                                  // in vectors, and in the first-level cache
            }
        }

        static void Backward<A, B, C>(E* from, E* to, long n) where A : struct, ILane<A> where B : struct, ILane<B> where C : struct, ILane<C>
        {
            if (Vector512.IsHardwareAccelerated) BackwardLanes<C>(from, to, n);
            else if (Vector256.IsHardwareAccelerated) BackwardLanes<B>(from, to, n);
            else BackwardLanes<A>(from, to, n);
        }

        static void BackwardLanes<L>(E* from, E* to, long n) where L : struct, ILane<L>
        {
            long i = 0;
            for (; i + L.Count <= n; i += L.Count) L.Store(L.Reverse(L.Load(from - i - L.Count + 1)), to + i);
            for (; i < n; i++) to[i] = from[-i];
        }
    }
}
