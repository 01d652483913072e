using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    static void RunWholes<TFn>(TFn fn, DType type, Pointers p, Args x, Tensor y) where TFn : struct, IFn
    {
        bool mask = y.DType == DType.Bool;
        switch (type)
        {
            case DType.Bool: RunWholes(new Wholes<TFn, WholeBits>(fn, p, false), x, y); break;
            case DType.UInt8: RunWholes(new Wholes<TFn, Whole<byte>>(fn, p, mask), x, y); break;
            case DType.Int8: RunWholes(new Wholes<TFn, Whole<sbyte>>(fn, p, mask), x, y); break;
            case DType.Int16: RunWholes(new Wholes<TFn, Whole<short>>(fn, p, mask), x, y); break;
            case DType.Int32: RunWholes(new Wholes<TFn, Whole<int>>(fn, p, mask), x, y); break;
            default: RunWholes(new Wholes<TFn, Whole<long>>(fn, p, mask), x, y); break;
        }
    }

    static void RunWholes<TFn, T>(Wholes<TFn, T> inner, Args x, Tensor y) where TFn : struct, IFn where T : struct, IWhole<T>
    {
        if (IsPlain(x, y, out long n) && n <= 4096)
        {
            long* offset = stackalloc long[5] { 0, 0, 0, 0, 0 };
            long* stride = stackalloc long[5] { 1, 1, 1, 1, 1 };
            inner.Invoke(offset, stride, n);
        }
        else
        {
            LoopNest nest = Nest(x, y);
            if (nest.HasRows(inner.Lane, !IsAmong(y, x))) nest.RunRows(ref inner, T.Size);
            else nest.RunParallel(ref inner, T.Size);
        }
    }

    /// <summary>
    /// As the floats' loops: lanes over contiguous stretches; what is strided, and the tail, is gathered into a lane and goes through the same body.
    /// </summary>
    readonly struct Wholes<TFn, T>(TFn fn, Pointers p, bool mask) : IRowsBody where TFn : struct, IFn where T : struct, IWhole<T>
    {
        const int Room = 64;                                                    // bytes of a buffer: no vector is longer

        static int Count
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector<byte>.Count / T.Size;
        }

        /// <summary>Results that are made at once. A mask's lane has more numbers than the lanes that it is made of.</summary>
        public int Lane => mask ? Vector<byte>.Count : Count;

        public void Invoke(long* offset, long* stride, long n)
        {
            int e = T.Size, ey = mask ? 1 : e;
            byte* y = p.Y + offset[0] * ey, a = p.A + offset[1] * e;
            byte* b = TFn.Arity > 1 ? p.B + offset[2] * e : a, c = TFn.Arity > 2 ? p.C + offset[3] * e : a;
            long sy = stride[0], sa = stride[1], sb = TFn.Arity > 1 ? stride[2] : 1, sc = TFn.Arity > 2 ? stride[3] : 1;
            long whole = sy == 1 && (ulong)sa <= 1 && (ulong)sb <= 1 && (ulong)sc <= 1 ? n & -Lane : 0;
            if (whole > 0)
            {
                if (mask) Masks(y, a, b, c, (nint)sa, (nint)sb, (nint)sc, (nint)whole);
                else Lanes(y, a, b, c, (nint)sa, (nint)sb, (nint)sc, (nint)whole);
                if ((n -= whole) == 0) return;
                y += whole * ey;
                a += whole * sa * e;
                b += whole * sb * e;
                c += whole * sc * e;
            }
            Gathered(y, a, b, c, sy, sa, sb, sc, n);
        }

        /// <summary>Rows: a broadcast operand's lane is made anew for each, and a row's last lane lies over the one before it.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(long* offset, long* down, long rows, long* along, long n)
        {
            byte* buffer = stackalloc byte[3 * Room];
            int e = T.Size, ey = mask ? 1 : e;
            byte* y = p.Y + offset[0] * ey, a = p.A + offset[1] * e;
            byte* b = TFn.Arity > 1 ? p.B + offset[2] * e : a, c = TFn.Arity > 2 ? p.C + offset[3] * e : a;
            nint sa = (nint)along[1], sb = TFn.Arity > 1 ? (nint)along[2] : 0, sc = TFn.Arity > 2 ? (nint)along[3] : 0, w = Lane, last = (nint)n - w;
            for (; rows > 0; rows--)
            {
                byte* ra = sa == 0 ? Repeated(a, buffer) : a;
                byte* rb = TFn.Arity > 1 && sb == 0 ? Repeated(b, buffer + Room) : b, rc = TFn.Arity > 2 && sc == 0 ? Repeated(c, buffer + 2 * Room) : c;
                if (mask)
                {
                    nint whole = (nint)n & -w;
                    MaskRow(y, ra, rb, rc, sa, sb, sc, whole);
                    if (whole < n) MaskRow(y + last, ra + last * sa * e, rb + last * sb * e, rc + last * sc * e, sa, sb, sc, w);
                }
                else
                {
                    nint ma = -sa, mb = -sb, mc = -sc;
                    TFn f = fn;
                    bool streams = p.Streams && n % w == 0 && ((nint)y & (Vector<byte>.Count - 1)) == 0;
                    for (nint i = 0; ;)
                    {
                        T r = Of(f, ra + (i & ma) * e, rb + (i & mb) * e, rc + (i & mc) * e);
                        if (streams) Vector.StoreAlignedNonTemporal(T.Bytes(r), y + i * e);
                        else T.Store(r, y + i * e);
                        i += w;
                        if (i <= last) continue;
                        if (i == n) break;
                        i = last;
                    }
                }
                y += down[0] * ey;
                a += down[1] * e;
                if (TFn.Arity > 1) b += down[2] * e;
                if (TFn.Arity > 2) c += down[3] * e;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static T Of(TFn f, byte* a, byte* b, byte* c) => f.Integer(T.Load(a), TFn.Arity > 1 ? T.Load(b) : default, TFn.Arity > 2 ? T.Load(c) : default, default);

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Lanes(byte* y, byte* a, byte* b, byte* c, nint sa, nint sb, nint sc, nint n)
        {
            byte* buffer = stackalloc byte[3 * Room];
            if (sa == 0) a = Repeated(a, buffer);
            if (TFn.Arity > 1 && sb == 0) b = Repeated(b, buffer + Room);
            if (TFn.Arity > 2 && sc == 0) c = Repeated(c, buffer + 2 * Room);
            nint w = Vector<byte>.Count;
            (sa, sb, sc) = (sa * w, sb * w, sc * w);
            bool streams = p.Streams && ((nint)y & (w - 1)) == 0;
            TFn f = fn;                                                         // what is stored might change *this, the compiler thinks; a local stays in registers
            for (byte* end = y + n * T.Size; y != end; y += w)
            {
                T r = Of(f, a, b, c);
                if (streams) Vector.StoreAlignedNonTemporal(T.Bytes(r), y);
                else T.Store(r, y);
                a += sa;
                if (TFn.Arity > 1) b += sb;
                if (TFn.Arity > 2) c += sc;
            }
        }

        /// <summary>Results that are truth values, a vector of bytes at a time.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Masks(byte* y, byte* a, byte* b, byte* c, nint sa, nint sb, nint sc, nint n)
        {
            byte* buffer = stackalloc byte[3 * Room];
            if (sa == 0) a = Repeated(a, buffer);
            if (TFn.Arity > 1 && sb == 0) b = Repeated(b, buffer + Room);
            if (TFn.Arity > 2 && sc == 0) c = Repeated(c, buffer + 2 * Room);
            MaskRow(y, a, b, c, sa, sb, sc, n);
        }

        /// <summary>The same where the lanes of broadcast operands are made.</summary>
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        void MaskRow(byte* y, byte* a, byte* b, byte* c, nint sa, nint sb, nint sc, nint n)
        {
            nint w = Vector<byte>.Count;
            (sa, sb, sc) = (sa * w, sb * w, sc * w);
            TFn f = fn;
            for (byte* end = y + n; y != end; y += w)
            {
                Vector<byte> zero = T.Size == 1 ? Zero1(f, a, b, c) : T.Size == 2 ? Vector.Narrow(Zero2(f, a, b, c, sa, sb, sc, 0), Zero2(f, a, b, c, sa, sb, sc, 1))
                    : T.Size == 4 ? Vector.Narrow(Pair4(f, a, b, c, sa, sb, sc, 0), Pair4(f, a, b, c, sa, sb, sc, 2)) : Vector.Narrow(Four8(f, a, b, c, sa, sb, sc, 0), Four8(f, a, b, c, sa, sb, sc, 4));
                Vector.Store(Vector.AndNot(Vector<byte>.One, zero), y);
                a += T.Size * sa;
                if (TFn.Arity > 1) b += T.Size * sb;
                if (TFn.Arity > 2) c += T.Size * sc;
            }
        }

        // Which results are 0, of lane k from here on; two and four lanes, narrowed.

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector<byte> Zero1(TFn f, byte* a, byte* b, byte* c) => Vector.Equals(T.Bytes(Of(f, a, b, c)), Vector<byte>.Zero);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector<ushort> Zero2(TFn f, byte* a, byte* b, byte* c, nint sa, nint sb, nint sc, int k) =>
            Vector.Equals(T.Bytes(Of(f, a + k * sa, b + k * sb, c + k * sc)).As<byte, ushort>(), Vector<ushort>.Zero);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector<uint> Zero4(TFn f, byte* a, byte* b, byte* c, nint sa, nint sb, nint sc, int k) =>
            Vector.Equals(T.Bytes(Of(f, a + k * sa, b + k * sb, c + k * sc)).As<byte, uint>(), Vector<uint>.Zero);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector<ulong> Zero8(TFn f, byte* a, byte* b, byte* c, nint sa, nint sb, nint sc, int k) =>
            Vector.Equals(T.Bytes(Of(f, a + k * sa, b + k * sb, c + k * sc)).As<byte, ulong>(), Vector<ulong>.Zero);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector<ushort> Pair4(TFn f, byte* a, byte* b, byte* c, nint sa, nint sb, nint sc, int k) => Vector.Narrow(Zero4(f, a, b, c, sa, sb, sc, k), Zero4(f, a, b, c, sa, sb, sc, k + 1));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector<ushort> Four8(TFn f, byte* a, byte* b, byte* c, nint sa, nint sb, nint sc, int k) => Vector.Narrow(
            Vector.Narrow(Zero8(f, a, b, c, sa, sb, sc, k), Zero8(f, a, b, c, sa, sb, sc, k + 1)), Vector.Narrow(Zero8(f, a, b, c, sa, sb, sc, k + 2), Zero8(f, a, b, c, sa, sb, sc, k + 3)));

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void Gathered(byte* y, byte* a, byte* b, byte* c, long sy, long sa, long sb, long sc, long n)
        {
            byte* buffer = stackalloc byte[4 * Room];
            int w = Count, e = T.Size;
            for (long i = 0; i < n; i += w)
            {
                int m = (int)Math.Min(w, n - i);
                Gather(a + i * sa * e, sa, buffer, m);
                if (TFn.Arity > 1) Gather(b + i * sb * e, sb, buffer + Room, m);
                if (TFn.Arity > 2) Gather(c + i * sc * e, sc, buffer + 2 * Room, m);
                T r = Of(fn, buffer, buffer + Room, buffer + 2 * Room);
                T.Store(r, buffer + 3 * Room);
                Scatter(buffer + 3 * Room, y + i * sy * (mask ? 1 : e), sy, m);
            }
        }

        static byte* Repeated(byte* from, byte* to)
        {
            if (T.Size == 1) Vector.Store(new Vector<byte>(*from), to);
            else if (T.Size == 2) Vector.Store(new Vector<short>(*(short*)from), (short*)to);
            else if (T.Size == 4) Vector.Store(new Vector<int>(*(int*)from), (int*)to);
            else Vector.Store(new Vector<long>(*(long*)from), (long*)to);
            return to;
        }

        /// <summary>The rest of the lane repeats the first number: it must not be divided by what happens to lie there.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Gather(byte* from, long stride, byte* to, int n)
        {
            if (T.Size == 1) Of<byte>(from, stride, to, n);
            else if (T.Size == 2) Of<short>(from, stride, to, n);
            else if (T.Size == 4) Of<int>(from, stride, to, n);
            else Of<long>(from, stride, to, n);

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            static void Of<E>(byte* from, long stride, byte* to, int n) where E : unmanaged
            {
                E* x = (E*)from, y = (E*)to;
                int k = 0;
                for (; k < n; k++) y[k] = x[k * stride];
                for (; k < Count; k++) y[k] = *x;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Scatter(byte* from, byte* to, long stride, int n)
        {
            if (mask) for (int k = 0; k < n; k++) to[k * stride] = IsZero(from, k) ? (byte)0 : (byte)1;
            else if (T.Size == 1) for (int k = 0; k < n; k++) to[k * stride] = from[k];
            else if (T.Size == 2) for (int k = 0; k < n; k++) ((short*)to)[k * stride] = ((short*)from)[k];
            else if (T.Size == 4) for (int k = 0; k < n; k++) ((int*)to)[k * stride] = ((int*)from)[k];
            else for (int k = 0; k < n; k++) ((long*)to)[k * stride] = ((long*)from)[k];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static bool IsZero(byte* from, int k) => T.Size switch { 1 => from[k] == 0, 2 => ((short*)from)[k] == 0, 4 => ((int*)from)[k] == 0, _ => ((long*)from)[k] == 0 };
    }
}
