using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
            // A part of a large result, as of a join, goes past the caches as well.
            bool streams = Streaming.Pays(y.Storage, y.Storage.ByteLength) && y.Count * y.DType.ItemSize >= 1 << 20;
            if (x.DType == y.DType && x.Layout.IsContiguous && y.Layout.IsContiguous && x.Shape == y.Shape)
            {
                Threads.For(y.Count * y.DType.ItemSize, 1 << 18, new Bytes(from, to, streams));
                if (streams) Streaming.End();
                return;
            }
            LoopNest nest = new(y.Shape, y.Layout, x.Layout);
            if (x.DType == y.DType && nest.TurnedAxis(1) is >= 0 and var axis)
            {
                TurnVisitor turn = new(ref nest, axis, from, to);
                SizeDispatch.Visit(x.DType.ItemSize, ref turn);
                return;
            }
            if (x.DType == y.DType)
            {
                RowVisitor rows = new(ref nest, from, to, streams);
                SizeDispatch.Visit(x.DType.ItemSize, ref rows);
            }
            else
            {
                From v = new(ref nest, from, to, y.DType, streams);
                ElementDispatch.Visit(x.DType, ref v);
            }
            if (streams) Streaming.End();
        }
    }

    readonly ref struct TurnVisitor(ref LoopNest nest, int axis, byte* from, byte* to) : IElementVisitor
    {
        readonly ref LoopNest _nest = ref nest;

        public void Visit<E>() where E : unmanaged => new Blocks(ref _nest, axis).Run(new Turns<E>((E*)from, (E*)to, _nest.Strides(0)[axis], _nest.Strides(1)[_nest.Rank - 1]));
    }

    readonly struct Turns<E>(E* from, E* to, long stepTo, long stepFrom) : IBlockBody where E : unmanaged
    {
        public void Invoke(long* offset, long rows, long columns) => Turned.Copy(from + offset[1], stepFrom, to + offset[0], stepTo, rows, columns);
    }

    readonly struct Bytes(byte* from, byte* to, bool streams) : IRangeBody
    {
        public void Run(long begin, long end) => Streaming.Copy(from + begin, to + begin, end - begin, streams);
    }

    ref struct From(ref LoopNest nest, byte* from, byte* to, DType type, bool streams) : IElementVisitor
    {
        readonly ref LoopNest _nest = ref nest;

        public void Visit<TFrom>() where TFrom : unmanaged
        {
            To<TFrom> v = new(ref _nest, from, to, streams);
            ElementDispatch.Visit(type, ref v);
        }
    }

    ref struct To<TFrom>(ref LoopNest nest, byte* from, byte* to, bool streams) : IElementVisitor where TFrom : unmanaged
    {
        readonly ref LoopNest _nest = ref nest;

        public void Visit<TTo>() where TTo : unmanaged
        {
            Converts<TFrom, TTo> inner = new((TFrom*)from, (TTo*)to, streams);
            _nest.RunParallel(ref inner, 4);
        }
    }

    readonly struct Converts<TFrom, TTo>(TFrom* x, TTo* y, bool streams) : INestBody where TFrom : unmanaged where TTo : unmanaged
    {
        public void Invoke(long* offset, long* stride, long n)
        {
            TFrom* from = x + offset[1];
            TTo* to = y + offset[0];
            long sx = stride[1], sy = stride[0];
            if (sx == 1 && sy == 1)
            {
                if (typeof(TFrom) == typeof(TTo)) Streaming.Copy((byte*)from, (byte*)to, n * sizeof(TTo), streams);
                else if (typeof(TFrom) == typeof(float) && typeof(TTo) == typeof(BFloat16)) Round((float*)from, (BFloat16*)to, n, streams);
                else if (typeof(TFrom) == typeof(BFloat16) && typeof(TTo) == typeof(float)) Widen((BFloat16*)from, (float*)to, n);
                else Casting.Run(from, to, n);
            }
            else if (sx == 0 && sy == 1 && n <= int.MaxValue) new Span<TTo>(to, (int)n).Fill(Element.Convert<TFrom, TTo>(*from));
            else for (long i = 0; i < n; i++) to[i * sy] = Element.Convert<TFrom, TTo>(from[i * sx]);
        }
    }

    // As BFloat16's own conversions, several at a time: u + 0x7fff + (u >> 16 & 1) carries into the upper half where it is to be rounded up.
    static void Round(float* from, BFloat16* to, long n, bool streams)
    {
        int w = Vector<uint>.Count;
        Vector<uint> half = new(0x7fff), one = Vector<uint>.One, nan = new(0x7fc0);
        long i = 0;
        if (streams && ((nint)to & (Vector<byte>.Count - 1)) == 0)
            for (; i + 2 * w <= n; i += 2 * w) Vector.Narrow(Upper(from + i), Upper(from + i + w)).StoreAlignedNonTemporal((ushort*)(to + i));
        for (; i + 2 * w <= n; i += 2 * w) Unsafe.WriteUnaligned(to + i, Vector.Narrow(Upper(from + i), Upper(from + i + w)));
        for (; i < n; i++) to[i] = (BFloat16)from[i];

        Vector<uint> Upper(float* p)
        {
            Vector<float> x = Unsafe.ReadUnaligned<Vector<float>>(p);
            Vector<uint> u = Vector.AsVectorUInt32(x), rounded = u + half + (Vector.ShiftRightLogical(u, 16) & one) >>> 16;
            return Vector.ConditionalSelect(Vector.AsVectorUInt32(Vector.Equals(x, x)), rounded, nan);
        }
    }

    static void Widen(BFloat16* from, float* to, long n)
    {
        int w = Vector<uint>.Count;
        long i = 0;
        for (; i + 2 * w <= n; i += 2 * w)
        {
            Vector.Widen(Unsafe.ReadUnaligned<Vector<ushort>>(from + i), out Vector<uint> low, out Vector<uint> high);
            Unsafe.WriteUnaligned(to + i, low << 16);
            Unsafe.WriteUnaligned(to + i + w, high << 16);
        }
        for (; i < n; i++) to[i] = from[i];
    }

    internal override void Fill(Tensor y, Complex value)
    {
        if (y.Count == 0) return;
        Filler v = new(y, value);
        ElementDispatch.Visit(y.DType, ref v);
    }

    const long FillGrain = 1 << 17;                   // elements worth a thread's while

    // Clearing has an instruction of its own, which does not read the lines it overwrites: 4 MB at 107 GB/s, against 55 by stores. What lies in no cache it clears at 19 GB/s,
    // stores past the caches at 64: these serve whatever is large.
    readonly struct FillBody<E>(E* to, E value, bool streams) : IRangeBody where E : unmanaged
    {
        public void Run(long begin, long end)
        {
            const long most = 1 << 26;                // a span's length is an int
            E e = value;
            if (streams && ((nint)(to + begin) & 63) == 0)
            {
                E* line = stackalloc E[64 / sizeof(E)];
                new Span<E>(line, 64 / sizeof(E)).Fill(e);
                long whole = (end - begin) * sizeof(E) & -64;
                Streaming.Fill(Vector512.Load((byte*)line), (byte*)(to + begin), whole);
                begin += whole / sizeof(E);
            }
            bool clears = new Span<byte>(&e, sizeof(E)).IndexOfAnyExcept((byte)0) < 0;
            for (; begin < end; begin += most)
            {
                Span<E> part = new(to + begin, (int)Math.Min(most, end - begin));
                if (clears) part.Clear();
                else part.Fill(e);
            }
        }
    }

    static E Number<E>(Complex value) where E : unmanaged
    {
        bool isWhole = value.Imaginary == 0 && value.Real == Math.Truncate(value.Real) && Math.Abs(value.Real) < 9e18 && (value.Real != 0 || !double.IsNegative(value.Real));
        return isWhole ? Element.Convert<long, E>((long)value.Real) : Element.Convert<Complex, E>(value);
    }

    readonly struct Filler(Tensor y, Complex value) : IElementVisitor
    {
        public void Visit<E>() where E : unmanaged
        {
            E e = Number<E>(value);
            fixed (byte* py = y.Storage)
            {
                E* to = (E*)py + y.Layout.Offset;
                if (y.IsContiguous)
                {
                    bool streams = Streaming.Pays(y);
                    Threads.For(y.Count, FillGrain, new FillBody<E>(to, e, streams));
                    if (streams) Streaming.End();
                    return;
                }
                LoopNest nest = new(y.Shape, y.Layout, Layout.Scalar);
                Converts<E, E> inner = new(&e, to, streams: false);
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
            bool isApart = !IsAmong(y, [condition, a, b]);
            switch (e)                                                         // selection looks at bits only
            {
                case 1: Run(ref nest, new Selects<byte>(c, u, v, w), isApart); break;
                case 2: Run(ref nest, new Selects<short>(c, u, v, w), isApart); break;
                case 4: Run(ref nest, new Selects<int>(c, u, v, w), isApart); break;
                case 8: Run(ref nest, new Selects<long>(c, u, v, w), isApart); break;
                default: Run(ref nest, new Selects<Complex>(c, u, v, w), isApart); break;
            }
        }
    }

    static void Run<E>(ref LoopNest nest, Selects<E> inner, bool isApart) where E : unmanaged
    {
        if (Vector<E>.IsSupported && nest.HasRows(Vector<byte>.Count, isApart)) nest.RunRows(ref inner, 4);
        else nest.RunParallel(ref inner, 4);
    }

    readonly struct Selects<E>(byte* c, byte* a, byte* b, byte* y) : IRowsBody where E : unmanaged
    {
        public void Invoke(long* offset, long* down, long rows, long* along, long n)
        {
            byte* p = c + offset[1];
            E* u = (E*)a + offset[2], v = (E*)b + offset[3], w = (E*)y + offset[0];
            for (; rows > 0; rows--, p += down[1], u += down[2], v += down[3], w += down[0])
                Lanes(p, along[1], u, along[2], v, along[3], w, n, covers: true);
        }

        public void Invoke(long* offset, long* stride, long n)
        {
            byte* p = c + offset[1];
            E* u = (E*)a + offset[2], v = (E*)b + offset[3], w = (E*)y + offset[0];
            long sy = stride[0], sc = stride[1], sa = stride[2], sb = stride[3], i = 0;
            if (sc == 0)                                                       // the whole row from one side
            {
                Converts<E, E> copy = *p != 0 ? new(u, w, false) : new(v, w, false);
                long* at = stackalloc long[2] { 0, 0 }, step = stackalloc long[2] { sy, *p != 0 ? sa : sb };
                copy.Invoke(at, step, n);
                return;
            }
            if (Vector<E>.IsSupported && sy == 1 && sc == 1 && (ulong)sa <= 1 && (ulong)sb <= 1) i = Lanes(p, 1, u, sa, v, sb, w, n, covers: false);
            for (; i < n; i++) w[i * sy] = p[i * sc] != 0 ? u[i * sa] : v[i * sb];
        }

        /// <summary>As many as a vector of bytes has, widened until they are as wide as the elements; the last ones over those before them, if it <paramref name="covers"/> the row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static long Lanes(byte* c, long sc, E* a, long sa, E* b, long sb, E* y, long n, bool covers)
        {
            long i = 0;
            int w = Vector<byte>.Count;
            Vector<E> a0 = new(*a), b0 = new(*b);
            Vector<byte> c0 = new(*c);
            for (; ;)
            {
                for (; i + w <= n; i += w) Bytes(sc == 0 ? c0 : Vector.Load(c + i), i);
                if (i == n || !covers) return i;
                i = n - w;
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            void Bytes(Vector<byte> m, long at)
            {
                if (sizeof(E) == 1) { Put(m.As<byte, E>(), at); return; }
                Vector.Widen(m, out Vector<ushort> low, out Vector<ushort> high);
                Shorts(low, at);
                Shorts(high, at + Vector<ushort>.Count);
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            void Shorts(Vector<ushort> m, long at)
            {
                if (sizeof(E) == 2) { Put(m.As<ushort, E>(), at); return; }
                Vector.Widen(m, out Vector<uint> low, out Vector<uint> high);
                Ints(low, at);
                Ints(high, at + Vector<uint>.Count);
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            void Ints(Vector<uint> m, long at)
            {
                if (sizeof(E) == 4) { Put(m.As<uint, E>(), at); return; }
                Vector.Widen(m, out Vector<ulong> low, out Vector<ulong> high);
                Put(low.As<ulong, E>(), at);
                Put(high.As<ulong, E>(), at + Vector<ulong>.Count);
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            void Put(Vector<E> m, long at) =>
                Vector.Store(Vector.ConditionalSelect(Vector.Equals(m, Vector<E>.Zero), sb == 0 ? b0 : Vector.Load(b + at), sa == 0 ? a0 : Vector.Load(a + at)), y + at);
        }
    }
}
