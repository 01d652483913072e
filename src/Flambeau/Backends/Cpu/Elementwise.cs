using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend : Backend
{
    // Before a loop that uses them is compiled: they are constants of it then.
    static CpuBackend() => RuntimeHelpers.RunClassConstructor(typeof(Tables).TypeHandle);

    internal override void ElementwiseKernel<TFn>(TFn fn, Args x, Tensor y)
    {
        if (y.Count == 0) return;
        DType t = x[0].DType;
        fixed (byte* py = y.Storage, pa = x[0].Storage, pb = x[^1].Storage)
        fixed (byte* pc = x[x.Length > 1 ? 1 : 0].Storage, pd = x[x.Length > 2 ? 2 : 0].Storage)
        {
            // Pinned: result, first, last, second, third. In order of the arguments:
            byte* p1 = x.Length == 2 ? pb : pc, p2 = x.Length == 3 ? pb : pd, p3 = pb;
            int e = t.ItemSize;
            Pointers p = new()
            {
                Y = py + y.Layout.Offset * y.DType.ItemSize,
                A = pa + x[0].Layout.Offset * e,
                B = x.Length > 1 ? p1 + x[1].Layout.Offset * e : null,
                C = x.Length > 2 ? p2 + x[2].Layout.Offset * e : null,
                D = x.Length > 3 ? p3 + x[3].Layout.Offset * e : null,
                Streams = Streaming.Pays(y) && !IsAmong(y, x) && !(t.IsFloatingPoint && Map.IsLong(fn)),
            };
            if (t is >= DType.Float16 and <= DType.Float64)
            {
                FloatVisitor<TFn> v = new(fn, x, y, p);
                LaneDispatch.Visit(t, ref v);
                if (p.Streams) Streaming.End();
                return;
            }
            if (t == DType.Complex64) Scalars(new Complexes<TFn, Complex64>(fn, p, y.DType), x, y);
            else if (t == DType.Complex128) Scalars(new Complexes<TFn, Complex>(fn, p, y.DType), x, y);
            else RunWholes(fn, t, p, x, y);
            if (p.Streams) Streaming.End();
        }
    }

    static bool IsAmong(Tensor y, Args x)
    {
        foreach (Tensor t in x)
            if (ReferenceEquals(t.Storage, y.Storage)) return true;
        return false;
    }

    static LoopNest Nest(Args x, Tensor y) => x.Length switch
    {
        1 => new(y.Shape, y.Layout, x[0].Layout),
        2 => new(y.Shape, y.Layout, x[0].Layout, x[1].Layout),
        3 => new(y.Shape, y.Layout, x[0].Layout, x[1].Layout, x[2].Layout),
        _ => new(y.Shape, y.Layout, x[0].Layout, x[1].Layout, x[2].Layout, x[3].Layout),
    };

    static void Scalars<TInner>(TInner inner, Args x, Tensor y) where TInner : struct, INestBody
    {
        LoopNest nest = Nest(x, y);
        nest.RunParallel(ref inner, 8);
    }

    internal struct Pointers
    {
        public byte* Y, A, B, C, D;
        public bool Streams;                          // whether y is stored past the caches

        /// <summary>That of the nest's operand <paramref name="o"/>.</summary>
        [UnscopedRef]
        public ref byte* Of(int o)
        {
            switch (o)
            {
                case 0: return ref Y;
                case 1: return ref A;
                case 2: return ref B;
                case 3: return ref C;
                default: return ref D;
            }
        }
    }

    readonly ref struct FloatVisitor<TFn>(TFn fn, Args x, Tensor y, Pointers p) : ILaneVisitor where TFn : struct, IFn
    {
        readonly Args _x = x;

        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (y.DType == DType.Bool) Run<L, C, Bools<L>>();
            else Run<L, C, C>();
        }

        void Run<L, CI, CO>() where L : struct, ILane<L> where CI : struct, ICodec<L> where CO : struct, ICodec<L>
        {
            Floats<TFn, L, CI, CO> inner = new(fn, p);
            if (IsPlain(_x, y, out long n))
            {
                long* offset = stackalloc long[5] { 0, 0, 0, 0, 0 };
                long* stride = stackalloc long[5] { 1, 1, 1, 1, 1 };
                if (n <= 4096) { inner.Invoke(offset, stride, n); return; }
            }
            LoopNest nest = Nest(_x, y);
            if (nest.HasRows(L.Count, !IsAmong(y, _x))) { nest.RunRows(ref inner, 4); return; }
            int axis = -1;
            for (int o = 1; o < nest.Operands && axis < 0; o++) axis = nest.TurnedAxis(o);
            if (axis >= 0) new Blocks(ref nest, axis).Run(new TurnedFloats<TFn, L, CI, CO>(fn, p, &nest, axis));
            else nest.RunParallel(ref inner, 4);
        }
    }

    /// <summary>
    /// Blocks of a nest in which an operand lies across the result: a few of its lines at a time are turned into a buffer in the first-level cache, where the
    /// lanes find them contiguous.
    /// </summary>
    readonly struct TurnedFloats<TFn, L, CI, CO>(TFn fn, Pointers p, LoopNest* nest, int axis) : IBlockBody
        where TFn : struct, IFn where L : struct, ILane<L> where CI : struct, ICodec<L> where CO : struct, ICodec<L>
    {
        public void Invoke(long* offset, long rows, long columns)
        {
            int operands = nest->Operands;
            byte* buffer = Scratch.Get<byte>(Scratch.Use.Turned, 4 * Turned.Side * columns * CI.Size);
            long* at = stackalloc long[LoopNest.MaxOperands], step = stackalloc long[LoopNest.MaxOperands], down = stackalloc long[LoopNest.MaxOperands];
            Pointers own = p, q = p;
            for (int o = 0; o < LoopNest.MaxOperands; o++)
            {
                bool isTurned = o > 0 && o < operands && nest->TurnedAxis(o) == axis;
                if (isTurned) q.Of(o) = buffer + (o - 1) * Turned.Side * columns * CI.Size;
                (step[o], down[o]) = isTurned ? (1, columns) : o < operands ? (nest->Strides(o)[nest->Rank - 1], nest->Strides(o)[axis]) : (0, 0);
            }
            Floats<TFn, L, CI, CO> inner = new(fn, q);
            for (long i = 0; i < rows; i += Turned.Side)
            {
                long n = Math.Min(Turned.Side, rows - i);
                for (int o = 0; o < operands; o++)
                {
                    at[o] = offset[o] + i * down[o];
                    if (q.Of(o) == own.Of(o)) continue;
                    Turn(own.Of(o) + (offset[o] + i) * CI.Size, nest->Strides(o)[nest->Rank - 1], q.Of(o), columns, n, columns);
                    at[o] = 0;
                }
                for (long k = 0; k < n; k++)
                {
                    inner.Invoke(at, step, columns);
                    for (int o = 0; o < operands; o++) at[o] += down[o];
                }
            }
        }

        static void Turn(byte* from, long sf, byte* to, long st, long rows, long columns)
        {
            if (CI.Size == 4) Turned.Copy((int*)from, sf, (int*)to, st, rows, columns);
            else if (CI.Size == 8) Turned.Copy((long*)from, sf, (long*)to, st, rows, columns);
            else Turned.Copy((short*)from, sf, (short*)to, st, rows, columns);
        }
    }

    /// <summary>Whether all operands lie row by row in one shape: no nest is needed.</summary>
    static bool IsPlain(Args x, Tensor y, out long n)
    {
        n = y.Count;
        if (!y.Layout.IsContiguous) return false;
        foreach (Tensor t in x)
            if (!ReferenceEquals(t.Layout, y.Layout) && (!t.Layout.IsContiguous || t.Count != n)) return false;
        return true;
    }

    /// <summary>
    /// Lanes over contiguous stretches. Whatever is strided, and the tail, is gathered into a lane's worth of memory and goes through the
    /// same body, so an element's bits do not depend on where it stands.
    /// </summary>
    internal readonly struct Floats<TFn, L, CI, CO>(TFn fn, Pointers p) : IRowsBody
        where TFn : struct, IFn where L : struct, ILane<L> where CI : struct, ICodec<L> where CO : struct, ICodec<L>
    {
        public void Invoke(long* offset, long* stride, long n)
        {
            byte* y = p.Y + offset[0] * CO.Size, a = p.A + offset[1] * CI.Size;
            byte* b = TFn.Arity > 1 ? p.B + offset[2] * CI.Size : a, c = TFn.Arity > 2 ? p.C + offset[3] * CI.Size : a, d = TFn.Arity > 3 ? p.D + offset[4] * CI.Size : a;
            long sy = stride[0], sa = stride[1], sb = TFn.Arity > 1 ? stride[2] : 1, sc = TFn.Arity > 2 ? stride[3] : 1, sd = TFn.Arity > 3 ? stride[4] : 1;
            if (n >= L.Count && sy == 1 && (ulong)sa <= 1 && (ulong)sb <= 1 && (ulong)sc <= 1 && (ulong)sd <= 1)
            {
                long whole = n & -L.Count;
                if (p.Streams) Lanes<N1>(y, a, b, c, d, (nint)sa, (nint)sb, (nint)sc, (nint)sd, (nint)whole);
                else Lanes<N0>(y, a, b, c, d, (nint)sa, (nint)sb, (nint)sc, (nint)sd, (nint)whole);
                if ((n -= whole) == 0) return;
                y += whole * CO.Size;
                a += whole * sa * CI.Size;
                if (TFn.Arity > 1) b += whole * sb * CI.Size;
                if (TFn.Arity > 2) c += whole * sc * CI.Size;
                if (TFn.Arity > 3) d += whole * sd * CI.Size;
            }
            Gathered(y, a, b, c, d, sy, sa, sb, sc, sd, n);
        }

        /// <summary>As <see cref="Lanes{S}"/>, for rows: a broadcast operand's lane is made anew for each, and a row's last lane lies over the one before it.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Invoke(long* offset, long* down, long rows, long* along, long n)
        {
            byte* space = stackalloc byte[5 * 64], buffer = Scratch.Aligned(space);
            byte* y = p.Y + offset[0] * CO.Size, a = p.A + offset[1] * CI.Size;
            byte* b = TFn.Arity > 1 ? p.B + offset[2] * CI.Size : a, c = TFn.Arity > 2 ? p.C + offset[3] * CI.Size : a, d = TFn.Arity > 3 ? p.D + offset[4] * CI.Size : a;
            nint step = L.Count * CI.Size, whole = (nint)n & -L.Count, back = (L.Count - (nint)n + whole) * CI.Size;      // back: from behind the whole lanes to the row's last lane
            nint sa = (nint)along[1] * step, sb = TFn.Arity > 1 ? (nint)along[2] * step : 0, sc = TFn.Arity > 2 ? (nint)along[3] * step : 0, sd = TFn.Arity > 3 ? (nint)along[4] * step : 0;
            for (; rows > 0; rows--)
            {
                byte* at = y, end = y + whole * CO.Size;
                byte* ra = sa == 0 ? Repeated(a, buffer) : a, rb = TFn.Arity > 1 && sb == 0 ? Repeated(b, buffer + 64) : b;
                byte* rc = TFn.Arity > 2 && sc == 0 ? Repeated(c, buffer + 128) : c, rd = TFn.Arity > 3 && sd == 0 ? Repeated(d, buffer + 192) : d;
                if (p.Streams)
                {
                    Lanes<N1>(y, ra, rb, rc, rd, (nint)along[1], (nint)along[2], (nint)along[3], (nint)along[4], whole);
                    nint lanes = whole / L.Count;
                    at = end;
                    ra += lanes * sa;
                    rb += lanes * sb;
                    rc += lanes * sc;
                    rd += lanes * sd;
                }
                while (true)
                {
                    for (; at != end; at += L.Count * CO.Size)
                    {
                        CO.Store(fn.Real(CI.Load(ra), TFn.Arity > 1 ? CI.Load(rb) : default, TFn.Arity > 2 ? CI.Load(rc) : default, TFn.Arity > 3 ? CI.Load(rd) : default), at);
                        ra += sa;
                        if (TFn.Arity > 1) rb += sb;
                        if (TFn.Arity > 2) rc += sc;
                        if (TFn.Arity > 3) rd += sd;
                    }
                    if (end == y + n * CO.Size) break;
                    end = y + n * CO.Size;
                    at = end - L.Count * CO.Size;
                    if (sa != 0) ra -= back;
                    if (TFn.Arity > 1 && sb != 0) rb -= back;
                    if (TFn.Arity > 2 && sc != 0) rc -= back;
                    if (TFn.Arity > 3 && sd != 0) rd -= back;
                }
                y += down[0] * CO.Size;
                a += down[1] * CI.Size;
                if (TFn.Arity > 1) b += down[2] * CI.Size;
                if (TFn.Arity > 2) c += down[3] * CI.Size;
                if (TFn.Arity > 3) d += down[4] * CI.Size;
            }
        }

        // A method of its own for each loop: the JIT inlines into one only so much, and the body is to be inlined into each.

        /// <summary>
        /// Whole lanes of neighbours; a broadcast operand (distance 0) is one lane, read again and again. <typeparamref name="S"/> is 1 where lanes
        /// are stored past the caches if they can be.
        /// </summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Lanes<S>(byte* y, byte* a, byte* b, byte* c, byte* d, nint sa, nint sb, nint sc, nint sd, nint n) where S : INumber
        {
            byte* space = stackalloc byte[5 * 64], buffer = Scratch.Aligned(space);
            if (sa == 0) a = Repeated(a, buffer);
            if (TFn.Arity > 1 && sb == 0) b = Repeated(b, buffer + 64);
            if (TFn.Arity > 2 && sc == 0) c = Repeated(c, buffer + 128);
            if (TFn.Arity > 3 && sd == 0) d = Repeated(d, buffer + 192);
            nint step = L.Count * CI.Size;
            (sa, sb, sc, sd) = (sa * step, sb * step, sc * step, sd * step);
            byte* end = y + n * CO.Size;
            bool streams = S.Value > 0 && typeof(CO) == typeof(Direct<L>) && Streaming.Fits<L>(y);
            // A copy of fn, whose constants would stay in registers, gains nothing here.
            for (; y != end; y += L.Count * CO.Size)
            {
                L r = fn.Real(CI.Load(a), TFn.Arity > 1 ? CI.Load(b) : default, TFn.Arity > 2 ? CI.Load(c) : default, TFn.Arity > 3 ? CI.Load(d) : default);
                if (S.Value > 0 && streams) CO.Stream(r, y);
                else CO.Store(r, y);
                a += sa;
                if (TFn.Arity > 1) b += sb;
                if (TFn.Arity > 2) c += sc;
                if (TFn.Arity > 3) d += sd;
            }
        }

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.NoInlining)]
        void Gathered(byte* y, byte* a, byte* b, byte* c, byte* d, long sy, long sa, long sb, long sc, long sd, long n)
        {
            byte* space = stackalloc byte[6 * 64], buffer = Scratch.Aligned(space);
            int w = L.Count;
            for (long i = 0; i < n; i += w)
            {
                int m = (int)Math.Min(w, n - i);
                Gather(a + i * sa * CI.Size, sa, buffer, m);
                if (TFn.Arity > 1) Gather(b + i * sb * CI.Size, sb, buffer + 64, m);
                if (TFn.Arity > 2) Gather(c + i * sc * CI.Size, sc, buffer + 128, m);
                if (TFn.Arity > 3) Gather(d + i * sd * CI.Size, sd, buffer + 192, m);
                L u = CI.Load(buffer), v = TFn.Arity > 1 ? CI.Load(buffer + 64) : default;
                L s = TFn.Arity > 2 ? CI.Load(buffer + 128) : default, t = TFn.Arity > 3 ? CI.Load(buffer + 192) : default;
                CO.Store(fn.Real(u, v, s, t), buffer + 256);
                Scatter(buffer + 256, y + i * sy * CO.Size, sy, m);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static byte* Repeated(byte* from, byte* to)
        {
            if (CI.Size == 2) Vector256.Create(*(short*)from).Store((short*)to);
            else L.Store(L.Broadcast(from), to);
            return to;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Gather(byte* from, long stride, byte* to, int n)
        {
            if (CI.Size == 4) for (int k = 0; k < n; k++) ((int*)to)[k] = ((int*)from)[k * stride];
            else if (CI.Size == 8) for (int k = 0; k < n; k++) ((long*)to)[k] = ((long*)from)[k * stride];
            else for (int k = 0; k < n; k++) ((short*)to)[k] = ((short*)from)[k * stride];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Scatter(byte* from, byte* to, long stride, int n)
        {
            if (CO.Size == 4) for (int k = 0; k < n; k++) ((int*)to)[k * stride] = ((int*)from)[k];
            else if (CO.Size == 8) for (int k = 0; k < n; k++) ((long*)to)[k * stride] = ((long*)from)[k];
            else if (CO.Size == 2) for (int k = 0; k < n; k++) ((short*)to)[k * stride] = ((short*)from)[k];
            else for (int k = 0; k < n; k++) to[k * stride] = from[k];
        }
    }

    readonly struct Complexes<TFn, E>(TFn fn, Pointers p, DType result) : INestBody where TFn : struct, IFn where E : unmanaged
    {
        static Cx Load(byte* p, long i) => new(Element.Convert<E, Complex>(((E*)p)[i]));

        public void Invoke(long* offset, long* stride, long n)
        {
            for (long i = 0; i < n; i++)
            {
                Cx b = TFn.Arity > 1 ? Load(p.B, offset[2] + i * stride[2]) : default, c = TFn.Arity > 2 ? Load(p.C, offset[3] + i * stride[3]) : default;
                Complex r = fn.Complex(Load(p.A, offset[1] + i * stride[1]), b, c, TFn.Arity > 3 ? Load(p.D, offset[4] + i * stride[4]) : default).Value;
                long at = offset[0] + i * stride[0];
                switch (result)
                {
                    case DType.Complex64: ((Complex64*)p.Y)[at] = (Complex64)r; break;
                    case DType.Complex128: ((Complex*)p.Y)[at] = r; break;
                    case DType.Bool: ((bool*)p.Y)[at] = r != Complex.Zero; break;
                    case DType.Float32: ((float*)p.Y)[at] = (float)r.Real; break;
                    default: ((double*)p.Y)[at] = r.Real; break;
                }
            }
        }
    }
}
