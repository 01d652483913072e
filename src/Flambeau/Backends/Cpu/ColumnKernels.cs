using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

// Bound by memory: the columns once. For an element of the window, rows of windows are rows of the picture.
internal sealed unsafe partial class CpuBackend
{
    internal override void Columns(Tensor x, Tensor y, ColumnAxis h, ColumnAxis w) => Columns(x, y, h, w, adds: false);

    internal override void ColumnsInput(Tensor x, Tensor y, ColumnAxis h, ColumnAxis w) => Columns(y, x, h, w, adds: true);

    static void Columns(Tensor picture, Tensor columns, ColumnAxis h, ColumnAxis w, bool adds)
    {
        if (picture.Count == 0 && columns.Count == 0) return;
        long planes = picture.Shape[0] * picture.Shape[1], each = h.Kernel * w.Kernel * h.Count * w.Count;
        fixed (byte* p = picture.Storage, c = columns.Storage)
        {
            byte* plane = Start(p, picture), column = Start(c, columns);
            if (picture.DType == DType.Float64) Threads.For(planes, 1 + 16384 / each, new ColumnPlanes<double>((double*)plane, (double*)column, h, w, adds));
            else Threads.For(planes, 1 + 16384 / each, new ColumnPlanes<float>((float*)plane, (float*)column, h, w, adds));
        }
    }

    /// <summary>The windows of planes as columns; or (<paramref name="adds"/>) columns added up in planes, while these stay in L1 or L2.</summary>
    readonly struct ColumnPlanes<E>(E* planes, E* columns, ColumnAxis h, ColumnAxis w, bool adds) : IRangeBody where E : unmanaged, INumber<E>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            long rows = h.Count, count = w.Count;
            for (long p = begin; p < end; p++)
            {
                E* plane = planes + p * h.Size * w.Size, column = columns + p * h.Kernel * w.Kernel * rows * count;
                if (adds) new Span<E>(plane, checked((int)(h.Size * w.Size))).Clear();
                for (long i = 0; i < h.Kernel; i++)
                    for (long j = 0; j < w.Kernel; j++)
                    {
                        (long r0, long r1) = h.Inside(i);
                        (long c0, long c1) = w.Inside(j);
                        if (!adds && c1 - c0 < count) new Span<E>(column, checked((int)(rows * count))).Clear();
                        else if (!adds)
                        {
                            new Span<E>(column, (int)(r0 * count)).Clear();
                            new Span<E>(column + r1 * count, (int)((rows - r1) * count)).Clear();
                        }
                        for (long r = r0; r < r1; r++)
                        {
                            E* at = plane + (r * h.Stride + i * h.Dilation - h.Padding) * w.Size + c0 * w.Stride + j * w.Dilation - w.Padding;
                            if (adds) Add(column + r * count + c0, at, c1 - c0);
                            else Copy(at, column + r * count + c0, c1 - c0);
                        }
                        column += rows * count;
                    }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Copy(E* from, E* to, long n)
        {
            if (w.Stride == 1) new Span<E>(from, (int)n).CopyTo(new Span<E>(to, (int)n));
            else for (long k = 0; k < n; k++) to[k] = from[k * w.Stride];
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Add(E* from, E* to, long n)
        {
            long k = 0;
            if (w.Stride == 1)
                for (; k + Vector<E>.Count <= n; k += Vector<E>.Count)
                    Unsafe.WriteUnaligned(to + k, Unsafe.ReadUnaligned<Vector<E>>(to + k) + Unsafe.ReadUnaligned<Vector<E>>(from + k));
            for (; k < n; k++) to[k * w.Stride] += from[k];
        }
    }
}
