using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

// The other half of a real tensor's transform: element (−k, −l, …) is the conjugate of (k, l, …).
internal sealed unsafe partial class CpuBackend
{
    /// <summary>Fills what is behind the first n/2 + 1 along the first of the axes.</summary>
    static void Mirror(Tensor y, ReadOnlySpan<int> axes)
    {
        long n = y.Shape[axes[0]], half = n / 2 + 1;
        Layout to = new Slice(axes[0], half, n, 1).Transform(y.Layout);
        if (to.Count > 0) Mirror(y, axes[1..], to, Reversed(new Slice(axes[0], 1, n - half + 1, 1).Transform(y.Layout), axes[0]));
    }

    // Along the other axes 0 is its own mirror image.
    static void Mirror(Tensor y, ReadOnlySpan<int> axes, Layout to, Layout from)
    {
        if (axes.IsEmpty)
        {
            MirrorVisitor v = new(y, to, from);
            LaneDispatch.Visit(y.DType.Real, ref v);
            return;
        }
        Slice first = new(axes[0], 0, 1, 1), rest = new(axes[0], 1, y.Shape[axes[0]], 1);
        Mirror(y, axes[1..], first.Transform(to), first.Transform(from));
        if (y.Shape[axes[0]] > 1) Mirror(y, axes[1..], rest.Transform(to), Reversed(rest.Transform(from), axes[0]));
    }

    static Layout Reversed(Layout x, int axis)
    {
        long[] strides = x.Strides.ToArray();
        strides[axis] = -strides[axis];
        return new(x.Shape, strides, x.Offset + (x.Shape[axis] - 1) * x.Strides[axis]);
    }

    readonly struct MirrorVisitor(Tensor y, Layout to, Layout from) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (L.IsDouble) Run<L, double>();
            else Run<L, float>();
        }

        void Run<L, E>() where L : struct, ILane<L> where E : unmanaged, INumber<E>
        {
            fixed (byte* p = y.Storage)
            {
                LoopNest nest = new(to.Shape, to, from);
                MirrorBody<L, E> body = new((E*)p + 2 * to.Offset, (E*)p + 2 * from.Offset);
                nest.RunInRanges(ref body, 1 << 14);
            }
        }
    }

    readonly struct MirrorBody<L, E>(E* to, E* from) : INestBody where L : struct, ILane<L> where E : unmanaged, INumber<E>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long* offset, long* stride, long n)
        {
            long i = 0, step = 2 * stride[0], back = 2 * stride[1];
            E* y = to + 2 * offset[0], x = from + 2 * offset[1];
            if (step == 2 && Math.Abs(back) == 2)
                for (E* p = back < 0 ? x - 2 * (L.Count - 1) : x; i + L.Count <= n; i += L.Count, p += back * L.Count)
                {
                    L.Unweave(L.Load(p), L.Load(p + L.Count), out L re, out L im);
                    if (back < 0) (re, im) = (L.Reverse(re), L.Reverse(im));
                    L.Weave(re, -im, out L a, out L b);
                    L.Store(a, y + 2 * i);
                    L.Store(b, y + 2 * i + L.Count);
                }
            for (; i < n; i++) (y[i * step], y[i * step + 1]) = (x[i * back], -x[i * back + 1]);
        }
    }
}
