using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

// What passes read and write: rows of complex numbers, one for each line (or for each phase of a long one). Number q of row k is number
// k · s + q; a vector of them begins there.
internal static unsafe partial class FourierPasses<L, E> where L : struct, ILane<L> where E : unmanaged, IBinaryFloatingPointIeee754<E>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining, Loop = MethodImplOptions.AggressiveOptimization;

    internal interface IRows
    {
        C Load(long at);

        void Store(C v, long at);
    }

    /// <summary>A vector of complex numbers.</summary>
    internal readonly struct C(L re, L im)
    {
        public readonly L Re = re, Im = im;

        [MethodImpl(Inline)] public static C operator +(C a, C b) => new(a.Re + b.Re, a.Im + b.Im);
        [MethodImpl(Inline)] public static C operator -(C a, C b) => new(a.Re - b.Re, a.Im - b.Im);
        [MethodImpl(Inline)] public static C operator *(C a, L f) => new(a.Re * f, a.Im * f);
        [MethodImpl(Inline)] public static C operator *(C a, C b) => new(L.MulSub(a.Re, b.Re, a.Im * b.Im), L.MulAdd(a.Re, b.Im, a.Im * b.Re));

        /// <summary>a − ib</summary>
        [MethodImpl(Inline)] public static C Right(C a, C b) => new(a.Re + b.Im, a.Im - b.Re);

        /// <summary>a + ib</summary>
        [MethodImpl(Inline)] public static C Left(C a, C b) => new(a.Re - b.Im, a.Im + b.Re);
    }

    /// <summary>Real and imaginary parts, for any s.</summary>
    internal readonly struct Parts(E* re, E* im) : IRows
    {
        public readonly E* Re = re, Im = im;

        public Parts Swapped => new(Im, Re);

        [MethodImpl(Inline)] public C Load(long at) => new(L.Load(Re + at), L.Load(Im + at));

        [MethodImpl(Inline)]
        public void Store(C v, long at)
        {
            L.Store(v.Re, Re + at);
            L.Store(v.Im, Im + at);
        }
    }

    // Rows of a vector each, in memory of the caller's.

    [MethodImpl(Inline)] static long Row(long at) => (long)((ulong)at / (ulong)L.Count);

    /// <summary>Complex numbers, times a scale where they are stored.</summary>
    internal readonly struct Woven(E* p, long step, E* scale) : IRows
    {
        [MethodImpl(Inline)]
        public C Load(long at)
        {
            E* v = p + Row(at) * step;
            L.Unweave(L.Load(v), L.Load(v + L.Count), out L re, out L im);
            return new(re, im);
        }

        [MethodImpl(Inline)]
        public void Store(C v, long at)
        {
            E* to = p + Row(at) * step;
            L f = L.Broadcast(scale);
            L.Weave(v.Re * f, v.Im * f, out L a, out L b);
            L.Store(a, to);
            L.Store(b, to + L.Count);
        }
    }

    /// <summary>Complex numbers side by side, vectors of which may begin anywhere; times a scale where they are stored.</summary>
    internal readonly struct Line(E* p, E* scale) : IRows
    {
        [MethodImpl(Inline)] public C Load(long at) => new Woven(p + 2 * at, 0, null).Load(0);

        [MethodImpl(Inline)] public void Store(C v, long at) => new Woven(p + 2 * at, 0, scale).Store(v, 0);
    }

    /// <summary>Real and imaginary parts exchanged: backwards is forwards so.</summary>
    internal readonly struct Back<T>(T rows) : IRows where T : struct, IRows
    {
        [MethodImpl(Inline)]
        public C Load(long at)
        {
            C v = rows.Load(at);
            return new(v.Im, v.Re);
        }

        [MethodImpl(Inline)] public void Store(C v, long at) => rows.Store(new(v.Im, v.Re), at);
    }

    /// <summary>Real rows, of which every other is an imaginary part.</summary>
    internal readonly struct Pairs(E* re, E* im, long step) : IRows
    {
        [MethodImpl(Inline)] public C Load(long at) => new(L.Load(re + Row(at) * step), L.Load(im + Row(at) * step));

        [MethodImpl(Inline)]
        public void Store(C v, long at)
        {
            L.Store(v.Re, re + Row(at) * step);
            L.Store(v.Im, im + Row(at) * step);
        }
    }

    /// <summary>Real rows without imaginary parts, which are dropped; times a scale where they are stored.</summary>
    internal readonly struct Reals(E* p, long step, E* scale) : IRows
    {
        [MethodImpl(Inline)] public C Load(long at) => new(L.Load(p + Row(at) * step), L.Zero);
        [MethodImpl(Inline)] public void Store(C v, long at) => L.Store(v.Re * L.Broadcast(scale), p + Row(at) * step);
    }
}
