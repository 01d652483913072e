using System.Numerics;
using Flambeau.Backends.Reference;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void Scan<TOp>(TOp op, Tensor x, int axis, Tensor y)
    {
        if (y.Count == 0) return;
        ScanVisitor<TOp> v = new(x, axis, y);
        ElementDispatch.Visit(x.DType, ref v);
    }

    readonly struct ScanVisitor<TOp>(Tensor x, int axis, Tensor y) : IElementVisitor where TOp : struct, IReduceOp
    {
        public void Visit<E>() where E : unmanaged
        {
            fixed (byte* px = x.Storage, py = y.Storage)
            {
                if (x.Rank == 0) { ((E*)py)[y.Layout.Offset] = ((E*)px)[x.Layout.Offset]; return; }
                Select first = new(axis, 0);
                Layout ly = first.Transform(y.Layout), lx = first.Transform(x.Layout);
                LoopNest nest = new(ly.Shape, ly, lx);
                Scans<TOp, E> body = new((E*)px + x.Layout.Offset, (E*)py + y.Layout.Offset, x.Shape[axis], x.Strides[axis], y.Strides[axis]);
                nest.RunParallel(ref body, (int)Math.Min(131072, 4 * x.Shape[axis]));
            }
        }
    }

    /// <summary>Floats are carried in double: rounding errors of a running sum add up.</summary>
    readonly struct Scans<TOp, E>(E* x, E* y, long n, long sx, long sy) : INestBody where TOp : struct, IReduceOp where E : unmanaged
    {
        public void Invoke(long* offset, long* stride, long count)
        {
            for (long k = 0; k < count; k++)
            {
                E* from = x + offset[1] + k * stride[1], to = y + offset[0] + k * stride[0];
                if (typeof(E) == typeof(Complex) || typeof(E) == typeof(Complex64))
                {
                    Cx t = new(Element.Convert<E, Complex>(*from));
                    *to = *from;
                    for (long i = 1; i < n; i++) to[i * sy] = Element.Convert<Complex, E>((t = TOp.Complex(t, new Cx(Element.Convert<E, Complex>(from[i * sx])))).Value);
                }
                else if (typeof(E) == typeof(double) || typeof(E) == typeof(float) || typeof(E) == typeof(Half) || typeof(E) == typeof(BFloat16))
                {
                    Ref t = new(Element.Convert<E, double>(*from));
                    *to = *from;
                    for (long i = 1; i < n; i++) to[i * sy] = Element.Convert<double, E>((t = TOp.Real(t, new Ref(Element.Convert<E, double>(from[i * sx])))).Value);
                }
                else
                {
                    Int<long> t = new(Element.Convert<E, long>(*from));
                    *to = *from;
                    for (long i = 1; i < n; i++) to[i * sy] = Element.Convert<long, E>((t = TOp.Integer(t, new Int<long>(Element.Convert<E, long>(from[i * sx])))).Value);
                }
            }
        }
    }
}
