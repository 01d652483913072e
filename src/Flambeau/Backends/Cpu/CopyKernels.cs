using System.Numerics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void Copy(Tensor x, Tensor y)
    {
        if (y.Count == 0) return;
        fixed (byte* px = x.Storage, py = y.Storage)
        {
            byte* from = px + x.Layout.Offset * x.DType.ItemSize, to = py + y.Layout.Offset * y.DType.ItemSize;
            if (x.DType == y.DType && x.Layout.IsContiguous && y.Layout.IsContiguous && x.Shape == y.Shape)
            {
                Threads.For(y.Count * y.DType.ItemSize, 1 << 18, new Bytes(from, to));
                return;
            }
            LoopNest nest = new(y.Shape, y.Layout, x.Layout);
            From v = new(ref nest, from, to, y.DType);
            ElementDispatch.Visit(x.DType, ref v);
        }
    }

    readonly struct Bytes(byte* from, byte* to) : IRangeBody
    {
        public void Run(long begin, long end) => Buffer.MemoryCopy(from + begin, to + begin, end - begin, end - begin);
    }

    ref struct From(ref LoopNest nest, byte* from, byte* to, DType type) : IElementVisitor
    {
        readonly ref LoopNest _nest = ref nest;

        public void Visit<TFrom>() where TFrom : unmanaged
        {
            To<TFrom> v = new(ref _nest, from, to);
            ElementDispatch.Visit(type, ref v);
        }
    }

    ref struct To<TFrom>(ref LoopNest nest, byte* from, byte* to) : IElementVisitor where TFrom : unmanaged
    {
        readonly ref LoopNest _nest = ref nest;

        public void Visit<TTo>() where TTo : unmanaged
        {
            Converts<TFrom, TTo> inner = new((TFrom*)from, (TTo*)to);
            _nest.RunParallel(ref inner, 4);
        }
    }

    readonly struct Converts<TFrom, TTo>(TFrom* x, TTo* y) : INestBody where TFrom : unmanaged where TTo : unmanaged
    {
        public void Invoke(long* offset, long* stride, long n)
        {
            TFrom* from = x + offset[1];
            TTo* to = y + offset[0];
            long sx = stride[1], sy = stride[0];
            if (sx == 1 && sy == 1)
            {
                if (typeof(TFrom) == typeof(TTo)) Buffer.MemoryCopy(from, to, n * sizeof(TTo), n * sizeof(TTo));
                else for (long i = 0; i < n; i++) to[i] = Element.Convert<TFrom, TTo>(from[i]);
            }
            else if (sx == 0 && sy == 1 && n <= int.MaxValue) new Span<TTo>(to, (int)n).Fill(Element.Convert<TFrom, TTo>(*from));
            else for (long i = 0; i < n; i++) to[i * sy] = Element.Convert<TFrom, TTo>(from[i * sx]);
        }
    }

    internal override void Fill(Tensor y, Complex value)
    {
        if (y.Count == 0) return;
        Filler v = new(y, value);
        ElementDispatch.Visit(y.DType, ref v);
    }

    readonly struct Filler(Tensor y, Complex value) : IElementVisitor
    {
        public void Visit<E>() where E : unmanaged
        {
            E e = value.Imaginary == 0 && value.Real == Math.Truncate(value.Real) && Math.Abs(value.Real) < 9e18
                ? Element.Convert<long, E>((long)value.Real) : Element.Convert<Complex, E>(value);
            if (value.Real == 0 && double.IsNegative(value.Real)) e = Element.Convert<Complex, E>(value);
            fixed (byte* py = y.Storage)
            {
                E* to = (E*)py + y.Layout.Offset;
                LoopNest nest = new(y.Shape, y.Layout, Layout.Scalar);
                Converts<E, E> inner = new(&e, to);
                nest.RunParallel(ref inner, 1);
            }
        }
    }

    internal override void Where(Tensor condition, Tensor a, Tensor b, Tensor y)
    {
        if (y.Count == 0) return;
        fixed (byte* pc = condition.Storage, pa = a.Storage, pb = b.Storage, py = y.Storage)
        {
            int e = y.DType.ItemSize;
            byte* c = pc + condition.Layout.Offset, u = pa + a.Layout.Offset * e, v = pb + b.Layout.Offset * e, w = py + y.Layout.Offset * e;
            LoopNest nest = new(y.Shape, y.Layout, condition.Layout, a.Layout, b.Layout);
            switch (e)                                                         // selection looks at bits only
            {
                case 1: { Selects<byte> s = new(c, u, v, w); nest.RunParallel(ref s, 4); break; }
                case 2: { Selects<short> s = new(c, u, v, w); nest.RunParallel(ref s, 4); break; }
                case 4: { Selects<int> s = new(c, u, v, w); nest.RunParallel(ref s, 4); break; }
                case 8: { Selects<long> s = new(c, u, v, w); nest.RunParallel(ref s, 4); break; }
                default: { Selects<Complex> s = new(c, u, v, w); nest.RunParallel(ref s, 4); break; }
            }
        }
    }

    readonly struct Selects<E>(byte* c, byte* a, byte* b, byte* y) : INestBody where E : unmanaged
    {
        public void Invoke(long* offset, long* stride, long n)
        {
            byte* p = c + offset[1];
            E* u = (E*)a + offset[2], v = (E*)b + offset[3], w = (E*)y + offset[0];
            long sy = stride[0], sc = stride[1], sa = stride[2], sb = stride[3];
            for (long i = 0; i < n; i++) w[i * sy] = p[i * sc] != 0 ? u[i * sa] : v[i * sb];
        }
    }
}
