using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// Where nobody asks for the places: the largest down the rows of each window first, in lanes, as the rows lie; then along the one row that is left, which is split
    /// by the stride for it, with −∞ where there is padding. A result is thus one row split, not one for each row of the input.
    /// </summary>
    readonly struct MaxRows<L>(byte* x, byte* y, PoolAxes a) : IRangeBody where L : struct, ILane<L>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            int e = Tail<L>.Size;
            long n = a.W.Output, taps = a.W.Kernel, width = a.W.Input, wide = Partition.RoundUp(width, 2 * L.Count);
            long phase = (Math.Max(n + (taps - 1) * a.W.Dilation / a.W.Stride, (wide + a.W.Padding) / a.W.Stride) + 1 + 2 * L.Count) * e;
            byte* row = Scratch.Get<byte>(Scratch.Use.Image, phase * a.W.Stride + wide * e), values = row + wide * e;
            long* tap = Scratch.Get<long>(Scratch.Use.Table, taps);
            for (long k = 0; k < taps; k++) tap[k] = k * a.W.Dilation % a.W.Stride * phase + k * a.W.Dilation / a.W.Stride * e;
            bool pairs = a.W.Kernel == 2 && a.W.Stride == 2 && a.W.Dilation == 1 && a.W.Padding == 0 && n >= L.Count && 2 * n <= width;
            for (long i = 0; !pairs && i < phase * a.W.Stride / e; i++) Tail<L>.Set(values, i, double.NegativeInfinity);
            for (long h = begin % a.H.Output, d = begin / a.H.Output % a.D.Output, plane = begin / a.H.Output / a.D.Output, unit = begin; unit < end; unit++)
            {
                byte* source = x + plane * a.Input * e;
                long i0 = First(a.D, d), j0 = First(a.H, h), i1 = Math.Max(Last(a.D, d), i0 + 1), j1 = Math.Max(Last(a.H, h), j0 + 1);
                byte* to = a.W.Stride == 1 ? values + a.W.Padding * e : row, from = source + (i0 * a.H.Input + j0) * width * e;
                long slices = (i1 - i0 + a.D.Dilation - 1) / a.D.Dilation, rows = (j1 - j0 + a.H.Dilation - 1) / a.H.Dilation;
                bool down = !pairs || slices * rows > 1;
                if (down) Down(from, slices, a.D.Dilation * a.H.Input * width * e, rows, a.H.Dilation * width * e, to, width);
                if (pairs) Pairs(down ? row : from, y + unit * n * e, n);
                else if (a.W.Stride == 2) Halve(row, wide, values + a.W.Padding % 2 * phase + a.W.Padding / 2 * e, values + (a.W.Padding + 1) % 2 * phase + (a.W.Padding + 1) / 2 * e);
                else if (a.W.Stride > 2) Split(row, values, phase);
                if (!pairs) Along(values, tap, taps, y + unit * n * e, n);
                if (++h < a.H.Output) continue;
                h = 0;
                if (++d < a.D.Output) continue;
                (d, plane) = (0, plane + 1);
            }
        }

        /// <summary>The largest of some rows, of some slices each; −∞ after the end, up to two whole lanes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static void Down(byte* from, long slices, long slice, long rows, long step, byte* to, long n)
        {
            int e = Tail<L>.Size, w = L.Count;
            L least = L.Const(double.NegativeInfinity);
            long i = 0;
            for (; i + w <= n; i += w)
            {
                L m = L.Load(from + i * e);
                for (long s = 0; s < slices; s++)
                    for (byte* p = from + s * slice + i * e, end = p + rows * step; p != end; p += step) m = L.Max(m, L.Load(p));
                L.Store(m, to + i * e);
            }
            if (i < n)
            {
                int rest = (int)(n - i);
                L m = least;
                for (long s = 0; s < slices; s++)
                    for (byte* p = from + s * slice + i * e, end = p + rows * step; p != end; p += step) m = L.Max(m, Tail<L>.Load(p, rest, least));
                L.Store(m, to + i * e);
                i += w;
            }
            if (i % (2 * w) != 0) L.Store(least, to + i * e);
        }

        /// <summary>The larger of neighbours, n at least a lane; the last lane overlaps the one before.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static void Pairs(byte* row, byte* to, long n)
        {
            int e = Tail<L>.Size, w = L.Count;
            for (long i = 0; i < n; i += w)
            {
                long at = Math.Min(i, n - w) * e;
                L.Unweave(L.Load(row + 2 * at), L.Load(row + 2 * at + w * e), out L first, out L second);
                L.Store(L.Max(first, second), to + at);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static void Halve(byte* row, long n, byte* even, byte* odd)
        {
            int e = Tail<L>.Size, w = L.Count;
            for (long i = 0; i < n; i += 2 * w)
            {
                L.Unweave(L.Load(row + i * e), L.Load(row + (i + w) * e), out L first, out L second);
                L.Store(first, even + i / 2 * e);
                L.Store(second, odd + i / 2 * e);
            }
        }

        /// <summary>Element c goes to (c + padding) mod stride, (c + padding) ÷ stride.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        void Split(byte* row, byte* values, long phase)
        {
            int e = Tail<L>.Size;
            long s = a.W.Stride, n = a.W.Input;
            for (long u = 0; u < s; u++)
            {
                byte* to = values + (u + a.W.Padding) % s * phase + (u + a.W.Padding) / s * e;
                if (L.IsDouble) for (long c = u, k = 0; c < n; c += s, k++) ((long*)to)[k] = ((long*)row)[c];
                else for (long c = u, k = 0; c < n; c += s, k++) ((int*)to)[k] = ((int*)row)[c];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        static void Along(byte* values, long* tap, long taps, byte* to, long n)
        {
            int e = Tail<L>.Size;
            for (long w = 0; w < n; w += L.Count)
            {
                byte* p = values + w * e;
                L m = L.Load(p);
                for (long k = 1; k < taps; k++) m = L.Max(m, L.Load(p + tap[k]));
                if (w + L.Count <= n) L.Store(m, to + w * e);
                else Tail<L>.Store(m, to + w * e, (int)(n - w));
            }
        }
    }
}
