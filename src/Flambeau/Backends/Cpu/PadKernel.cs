using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override bool TryPad(Tensor x, Dims before, EdgeMode? mode, double value, Tensor y)
    {
        if (y.Rank == 0 || y.Count == 0 || !y.IsContiguous || x.Strides[^1] != 1 && x.Shape[^1] > 1) return false;
        bool streams = Streaming.Pays(y);
        PadVisitor v = new(x, before, mode, value, y, streams);
        ElementDispatch.Visit(y.DType, ref v);
        if (streams) Streaming.End();
        return true;
    }

    readonly struct PadVisitor(Tensor x, Dims before, EdgeMode? mode, double value, Tensor y, bool streams) : IElementVisitor
    {
        public void Visit<E>() where E : unmanaged
        {
            var axes = new PadAxis[y.Rank];
            for (int d = 0; d < axes.Length; d++) axes[d] = new(mode, before[d], x.Shape[d], x.Strides[d], y.Shape[d]);
            PadAxis columns = axes[^1], rows = axes.Length > 1 ? axes[^2] : new(mode, 0, 1, 0, 1);
            fixed (byte* px = x.Storage, py = y.Storage)
                Threads.For(y.Count / columns.Count, Math.Max(1, (1 << 17) / (columns.Count * sizeof(E))),
                    new Pads<E>((E*)px + x.Layout.Offset, axes, rows, columns, Number<E>(value), (E*)py + y.Layout.Offset, streams));
        }
    }

    /// <summary>An axis of a result of Count elements, in which the input's Size elements, Step apart, begin at Start.</summary>
    readonly record struct PadAxis(EdgeMode? Mode, long Start, long Size, long Step, long Count)
    {
        /// <summary>Which element of the input stands at index i of the result; −1 for the value.</summary>
        public long Source(long i) => (ulong)(i -= Start) < (ulong)Size ? i : Mode switch
        {
            EdgeMode.Reflect => i < 0 ? -i : 2 * (Size - 1) - i,
            EdgeMode.Replicate => i < 0 ? 0 : Size - 1,
            EdgeMode.Circular => i < 0 ? i + Size : i - Size,
            _ => -1,
        };
    }

    /// <summary>
    /// Rows of the result, each written once, its ends with it: ends that are copied axis by axis from within the result take up to twice as long, and threads wait for
    /// each other's lines.
    /// </summary>
    readonly struct Pads<E>(E* x, PadAxis[] axes, PadAxis rows, PadAxis columns, E value, E* y, bool streams) : IRangeBody where E : unmanaged
    {
        const long Beyond = long.MinValue;            // where the value stands

        public void Run(long begin, long end)
        {
            for (long r = begin, n; r < end; r += n)
            {
                long plane = r / rows.Count, row = r - plane * rows.Count, at = Plane(plane);
                n = Math.Min(rows.Count - row, end - r);
                if (at == Beyond) Fill(y + r * columns.Count, n * columns.Count);
                else Rows(x + at, row, row + n, y + r * columns.Count);
            }
        }

        /// <summary>Where the input lies of which the plane of the last two axes is made.</summary>
        long Plane(long number)
        {
            long at = 0;
            for (int d = axes.Length - 3; d >= 0; number /= axes[d--].Count)
            {
                long i = axes[d].Source(number % axes[d].Count);
                if (i < 0) return Beyond;
                at += i * axes[d].Step;
            }
            return at;
        }

        /// <summary>Rows [begin, end) of a plane: those that lie within the input as many at once as stay in the first cache, the others one by one.</summary>
        void Rows(E* plane, long begin, long end, E* row)
        {
            long last = rows.Start + rows.Size, most = Math.Max(1, (1 << 14) / (columns.Count * sizeof(E)));
            for (long n; begin < end; begin += n, row += n * columns.Count)
            {
                n = begin >= rows.Start && begin < last ? Math.Min(most, Math.Min(last, end) - begin) : 1;
                long i = rows.Source(begin);
                if (i < 0) Fill(row, columns.Count);
                else Lines(plane + i * rows.Step, row, n);
            }
        }

        /// <summary>Rows made of the input's at p: what lies within, then the ends, column by column.</summary>
        void Lines(E* p, E* row, long n)
        {
            long first = Math.Clamp(columns.Start, 0, columns.Count), last = Math.Clamp(columns.Start + columns.Size, first, columns.Count);
            Streaming.Rows((byte*)(p + (first - columns.Start)), rows.Step * sizeof(E), (byte*)(row + first), columns.Count * sizeof(E), (last - first) * sizeof(E), n, streams);
            Ends(p, row, 0, first, n);
            Ends(p, row, last, columns.Count, n);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Ends(E* p, E* row, long begin, long end, long n)
        {
            long width = columns.Count;
            if (columns.Mode is null && end - begin > 8)
            {
                for (; n > 0; n--, row += width) Fill(row + begin, end - begin);
                return;
            }
            E v = value;
            for (long j = begin; j < end; j++)
            {
                long i = columns.Source(j), step = i < 0 ? 0 : rows.Step;
                E* to = row + j, from = i < 0 ? &v : p + i;
                for (long k = n; k > 0; k--, to += width, from += step) *to = *from;
            }
        }

        void Fill(E* to, long n)
        {
            if (n < 1024) new Span<E>(to, (int)n).Fill(value);
            else new FillBody<E>(to, value, streams: false).Run(0, n);
        }
    }
}
