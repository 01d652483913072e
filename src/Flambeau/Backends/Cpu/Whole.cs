using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>The algebra of integers, many at a time.</summary>
internal unsafe interface IWhole<T> : IInteger<T> where T : struct, IWhole<T>
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    static abstract T Load(void* p);

    static abstract void Store(T x, void* p);

    /// <summary>What is stored, as bytes.</summary>
    static abstract Vector<byte> Bytes(T x);
}

/// <summary>A lane of an integral type. Truth is 1, as in <see cref="Int{E}"/>: a mask and 1.</summary>
internal readonly unsafe struct Whole<E>(Vector<E> v) : IWhole<Whole<E>> where E : unmanaged, IBinaryInteger<E>, IMinMaxValue<E>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    readonly Vector<E> _v = v;

    public static int Size { [MethodImpl(Inline)] get => sizeof(E); }
    [MethodImpl(Inline)] public static Whole<E> Load(void* p) => new(Vector.Load((E*)p));
    [MethodImpl(Inline)] public static void Store(Whole<E> x, void* p) => Vector.Store(x._v, (E*)p);
    [MethodImpl(Inline)] public static Vector<byte> Bytes(Whole<E> x) => x._v.As<E, byte>();

    [MethodImpl(Inline)] public static Whole<E> Const(long value) => new(new Vector<E>(E.CreateTruncating(value)));
    [MethodImpl(Inline)] public static Whole<E> operator +(Whole<E> a, Whole<E> b) => new(a._v + b._v);
    [MethodImpl(Inline)] public static Whole<E> operator -(Whole<E> a, Whole<E> b) => new(a._v - b._v);
    [MethodImpl(Inline)] public static Whole<E> operator *(Whole<E> a, Whole<E> b) => new(a._v * b._v);
    [MethodImpl(Inline)] public static Whole<E> operator -(Whole<E> a) => new(-a._v);
    [MethodImpl(Inline)] public static Whole<E> operator &(Whole<E> a, Whole<E> b) => new(a._v & b._v);
    [MethodImpl(Inline)] public static Whole<E> operator |(Whole<E> a, Whole<E> b) => new(a._v | b._v);
    [MethodImpl(Inline)] public static Whole<E> operator ^(Whole<E> a, Whole<E> b) => new(a._v ^ b._v);
    [MethodImpl(Inline)] public static Whole<E> operator ~(Whole<E> a) => new(~a._v);

    [MethodImpl(Inline)] public static Whole<E> Min(Whole<E> a, Whole<E> b) => new(Vector.Min(a._v, b._v));
    [MethodImpl(Inline)] public static Whole<E> Max(Whole<E> a, Whole<E> b) => new(Vector.Max(a._v, b._v));
    [MethodImpl(Inline)] public static Whole<E> Abs(Whole<E> a) => IsSigned ? new(Vector.ConditionalSelect(Vector.LessThan(a._v, Vector<E>.Zero), -a._v, a._v)) : a;
    [MethodImpl(Inline)] public static Whole<E> Less(Whole<E> a, Whole<E> b) => new(Vector.LessThan(a._v, b._v) & Vector<E>.One);
    [MethodImpl(Inline)] public static Whole<E> Equal(Whole<E> a, Whole<E> b) => new(Vector.Equals(a._v, b._v) & Vector<E>.One);

    [MethodImpl(Inline)]
    public static Whole<E> Where(Whole<E> condition, Whole<E> yes, Whole<E> no) => new(Vector.ConditionalSelect(Vector.Equals(condition._v, Vector<E>.Zero), no._v, yes._v));

    static bool IsSigned { [MethodImpl(Inline)] get => E.IsNegative(E.MinValue); }

    // ---- division ----

    [MethodImpl(Inline)]
    public static Whole<E> Divide(Whole<E> a, Whole<E> b) => new(Quotient(a._v, b._v));

    [MethodImpl(Inline)]
    public static Whole<E> FloorDivide(Whole<E> a, Whole<E> b)
    {
        Vector<E> q = Quotient(a._v, b._v);
        return new(IsSigned ? q + IsPast(a._v - q * b._v, b._v) : q);
    }

    [MethodImpl(Inline)]
    public static Whole<E> Remainder(Whole<E> a, Whole<E> b)
    {
        Vector<E> r = a._v - Quotient(a._v, b._v) * b._v;
        return new(IsSigned ? r + (IsPast(r, b._v) & b._v) : r);
    }

    /// <summary>The mask (−1) where the remainder r has the other sign than b.</summary>
    [MethodImpl(Inline)]
    static Vector<E> IsPast(Vector<E> r, Vector<E> b) => Vector.AndNot(Vector.LessThan(r ^ b, Vector<E>.Zero), Vector.Equals(r, Vector<E>.Zero));

    /// <summary>a / b toward zero; MinValue / −1 wraps around to MinValue.</summary>
    [MethodImpl(Inline)]
    static Vector<E> Quotient(Vector<E> a, Vector<E> b)
    {
        if (Vector.EqualsAny(b, Vector<E>.Zero)) WholeDivision.ByZero();
        if (typeof(E) == typeof(byte)) return WholeDivision.Of(a.As<E, byte>(), b.As<E, byte>()).As<byte, E>();
        if (typeof(E) == typeof(sbyte)) return WholeDivision.Of(a.As<E, sbyte>(), b.As<E, sbyte>()).As<sbyte, E>();
        if (typeof(E) == typeof(short)) return WholeDivision.Of(a.As<E, short>(), b.As<E, short>()).As<short, E>();
        if (typeof(E) == typeof(int)) return WholeDivision.Of(a.As<E, int>(), b.As<E, int>()).As<int, E>();
        return WholeDivision.Of(a.As<E, long>(), b.As<E, long>()).As<long, E>();
    }

    // ---- powers, shifts, divisors ----

    public static Whole<E> Pow(Whole<E> a, Whole<E> b)
    {
        Vector<E> x = a._v, one = Vector<E>.One, negative = Vector.LessThan(b._v, Vector<E>.Zero), n = Vector.AndNot(b._v, negative), y = one;
        for (; !Vector.EqualsAll(n, Vector<E>.Zero); n >>= 1, x *= x) y = Vector.ConditionalSelect(Vector.Equals(n & one, one), y * x, y);
        if (!IsSigned || Vector.EqualsAll(negative, Vector<E>.Zero)) return new(y);
        // Of the powers below the zeroth only those of 1 and −1 are not 0.
        Vector<E> odd = Vector.Equals(b._v & one, one), minus = Vector.Equals(a._v, -one);
        Vector<E> few = (Vector.Equals(a._v, one) & one) | (minus & Vector.ConditionalSelect(odd, -one, one));
        return new(Vector.ConditionalSelect(negative, few, y));
    }

    public static Whole<E> ShiftLeft(Whole<E> a, Whole<E> b) =>
        Vector.EqualsAll(b._v, new Vector<E>(b._v[0])) && IsShift(b._v[0]) ? new(a._v << int.CreateTruncating(b._v[0])) : Each<LeftShift>(a._v, b._v);

    public static Whole<E> ShiftRight(Whole<E> a, Whole<E> b) =>
        Vector.EqualsAll(b._v, new Vector<E>(b._v[0])) && IsShift(b._v[0]) ? new(a._v >> int.CreateTruncating(b._v[0])) : Each<RightShift>(a._v, b._v);

    public static Whole<E> Gcd(Whole<E> a, Whole<E> b) => Each<Divisor>(a._v, b._v);

    static bool IsShift(E b) => b >= E.Zero && b < E.CreateTruncating(sizeof(E) * 8);

    interface IOne { static abstract Int<E> Of(Int<E> a, Int<E> b); }

    readonly struct LeftShift : IOne { public static Int<E> Of(Int<E> a, Int<E> b) => Int<E>.ShiftLeft(a, b); }
    readonly struct RightShift : IOne { public static Int<E> Of(Int<E> a, Int<E> b) => Int<E>.ShiftRight(a, b); }
    readonly struct Divisor : IOne { public static Int<E> Of(Int<E> a, Int<E> b) => Int<E>.Gcd(a, b); }

    /// <summary>Number by number.</summary>
    static Whole<E> Each<TOne>(Vector<E> a, Vector<E> b) where TOne : struct, IOne
    {
        E* y = stackalloc E[Vector<E>.Count];
        for (int i = 0; i < Vector<E>.Count; i++) y[i] = TOne.Of(new(a[i]), new(b[i])).Value;
        return new(Vector.Load(y));
    }
}

/// <summary>A lane of truth values, bytes that are 0 or 1, in the algebra of <see cref="Bit"/>.</summary>
internal readonly unsafe struct WholeBits(Vector<byte> v) : IWhole<WholeBits>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    readonly Vector<byte> _v = v;

    public static int Size { [MethodImpl(Inline)] get => 1; }
    [MethodImpl(Inline)] public static WholeBits Load(void* p) => new(Vector.Load((byte*)p));
    [MethodImpl(Inline)] public static void Store(WholeBits x, void* p) => Vector.Store(x._v, (byte*)p);
    [MethodImpl(Inline)] public static Vector<byte> Bytes(WholeBits x) => x._v;

    [MethodImpl(Inline)] public static WholeBits Const(long value) => value != 0 ? new(Vector<byte>.One) : default;
    [MethodImpl(Inline)] public static WholeBits operator +(WholeBits a, WholeBits b) => a | b;
    [MethodImpl(Inline)] public static WholeBits operator -(WholeBits a, WholeBits b) => a ^ b;
    [MethodImpl(Inline)] public static WholeBits operator *(WholeBits a, WholeBits b) => a & b;
    [MethodImpl(Inline)] public static WholeBits operator -(WholeBits a) => a;
    [MethodImpl(Inline)] public static WholeBits operator &(WholeBits a, WholeBits b) => new(a._v & b._v);
    [MethodImpl(Inline)] public static WholeBits operator |(WholeBits a, WholeBits b) => new(a._v | b._v);
    [MethodImpl(Inline)] public static WholeBits operator ^(WholeBits a, WholeBits b) => new(a._v ^ b._v);
    [MethodImpl(Inline)] public static WholeBits operator ~(WholeBits a) => new(a._v ^ Vector<byte>.One);
    [MethodImpl(Inline)] public static WholeBits ShiftLeft(WholeBits a, WholeBits b) => a & ~b;
    [MethodImpl(Inline)] public static WholeBits ShiftRight(WholeBits a, WholeBits b) => a & ~b;
    public static WholeBits Divide(WholeBits a, WholeBits b) => Vector.EqualsAny(b._v, Vector<byte>.Zero) ? throw new DivideByZeroException("Integer division by zero.") : a;
    public static WholeBits FloorDivide(WholeBits a, WholeBits b) => Divide(a, b);
    public static WholeBits Remainder(WholeBits a, WholeBits b) => Divide(default, b);
    [MethodImpl(Inline)] public static WholeBits Pow(WholeBits a, WholeBits b) => a | ~b;
    [MethodImpl(Inline)] public static WholeBits Min(WholeBits a, WholeBits b) => a & b;
    [MethodImpl(Inline)] public static WholeBits Max(WholeBits a, WholeBits b) => a | b;
    [MethodImpl(Inline)] public static WholeBits Abs(WholeBits a) => a;
    [MethodImpl(Inline)] public static WholeBits Gcd(WholeBits a, WholeBits b) => a | b;
    [MethodImpl(Inline)] public static WholeBits Less(WholeBits a, WholeBits b) => new(Vector.AndNot(b._v, a._v));
    [MethodImpl(Inline)] public static WholeBits Equal(WholeBits a, WholeBits b) => ~(a ^ b);
    [MethodImpl(Inline)] public static WholeBits Where(WholeBits condition, WholeBits yes, WholeBits no) => (condition & yes) | (no & ~condition);
}

/// <summary>
/// a / b toward zero, in lanes. A processor divides integers one by one, some ten cycles each. In floating point the quotient of two numbers of at most p − 1 bits,
/// p those of the significand, never rounds up to a whole number that it does not reach: (kb − 1)/b lies more than a unit in the last place below k.
/// </summary>
internal static class WholeDivision
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    [DoesNotReturn]
    public static void ByZero() => throw new DivideByZeroException("Integer division by zero.");

    [MethodImpl(Inline)]
    public static Vector<byte> Of(Vector<byte> a, Vector<byte> b)
    {
        Vector.Widen(a, out Vector<ushort> a0, out Vector<ushort> a1);
        Vector.Widen(b, out Vector<ushort> b0, out Vector<ushort> b1);
        return Vector.Narrow(Of(a0.As<ushort, short>(), b0.As<ushort, short>()).As<short, ushort>(), Of(a1.As<ushort, short>(), b1.As<ushort, short>()).As<short, ushort>());
    }

    [MethodImpl(Inline)]
    public static Vector<sbyte> Of(Vector<sbyte> a, Vector<sbyte> b)
    {
        Vector.Widen(a, out Vector<short> a0, out Vector<short> a1);
        Vector.Widen(b, out Vector<short> b0, out Vector<short> b1);
        return Vector.Narrow(Of(a0, b0), Of(a1, b1));
    }

    [MethodImpl(Inline)]
    public static Vector<short> Of(Vector<short> a, Vector<short> b)
    {
        Vector.Widen(a, out Vector<int> a0, out Vector<int> a1);
        Vector.Widen(b, out Vector<int> b0, out Vector<int> b1);
        return Vector.Narrow(InSingle(a0, b0), InSingle(a1, b1));
    }

    [MethodImpl(Inline)]
    static Vector<int> InSingle(Vector<int> a, Vector<int> b) => Vector.ConvertToInt32(Vector.ConvertToSingle(a) / Vector.ConvertToSingle(b));

    [MethodImpl(Inline)]
    public static Vector<int> Of(Vector<int> a, Vector<int> b)
    {
        Vector.Widen(a, out Vector<long> a0, out Vector<long> a1);
        Vector.Widen(b, out Vector<long> b0, out Vector<long> b1);
        return Vector.Narrow(InDouble(a0, b0), InDouble(a1, b1));
    }

    [MethodImpl(Inline)]
    public static Vector<long> Of(Vector<long> a, Vector<long> b) => Exact.Fits(a) && Exact.Fits(b) ? InDouble(a, b) : Each(a, b);

    [MethodImpl(Inline)]
    static Vector<long> InDouble(Vector<long> a, Vector<long> b) => Exact.ToInt64(Exact.ToDouble(a) / Exact.ToDouble(b));

    static unsafe Vector<long> Each(Vector<long> a, Vector<long> b)
    {
        long* y = stackalloc long[Vector<long>.Count];
        for (int i = 0; i < Vector<long>.Count; i++) y[i] = Int<long>.Divide(new(a[i]), new(b[i])).Value;
        return Vector.Load(y);
    }
}

/// <summary>Between int64 and float64, for numbers of at most 51 bits: added to 1.5 · 2⁵², they are the low bits of its representation. Not every processor has an instruction for it.</summary>
internal static class Exact
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    const double Magic = 6755399441055744.0;
    const long MagicBits = 0x4338000000000000;

    /// <summary>Whether all of them have at most 51 bits.</summary>
    [MethodImpl(Inline)] public static bool Fits(Vector<long> x) => Vector.LessThanAll((x + new Vector<long>(1L << 51)).As<long, ulong>(), new Vector<ulong>(1UL << 52));

    [MethodImpl(Inline)] public static Vector<double> ToDouble(Vector<long> x) => (x + new Vector<long>(MagicBits)).As<long, double>() - new Vector<double>(Magic);

    /// <summary>Toward zero.</summary>
    [MethodImpl(Inline)] public static Vector<long> ToInt64(Vector<double> x) => (Vector.Truncate(x) + new Vector<double>(Magic)).As<double, long>() - new Vector<long>(MagicBits);

    /// <inheritdoc cref="Fits(Vector{long})"/>
    [MethodImpl(Inline)] public static bool Fits(Vector256<long> x) => Vector256.LessThanAll((x + Vector256.Create(1L << 51)).AsUInt64(), Vector256.Create(1UL << 52));

    /// <inheritdoc cref="Fits(Vector{long})"/>
    [MethodImpl(Inline)] public static bool Fits(Vector256<double> x) => Vector256.LessThanAll(Vector256.Abs(x), Vector256.Create((double)(1L << 51)));

    /// <inheritdoc cref="ToDouble(Vector{long})"/>
    [MethodImpl(Inline)] public static Vector256<double> ToDouble(Vector256<long> x) => (x + Vector256.Create(MagicBits)).AsDouble() - Vector256.Create(Magic);

    /// <inheritdoc cref="ToInt64(Vector{double})"/>
    [MethodImpl(Inline)] public static Vector256<long> ToInt64(Vector256<double> x) => (Vector256.Truncate(x) + Vector256.Create(Magic)).AsInt64() - Vector256.Create(MagicBits);
}
