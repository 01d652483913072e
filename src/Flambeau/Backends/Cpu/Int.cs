using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>The algebra of an integral type.</summary>
internal readonly struct Int<E>(E value) : IInteger<Int<E>> where E : unmanaged, IBinaryInteger<E>, IMinMaxValue<E>
{
    public readonly E Value = value;

    static Int<E> If(bool b) => new(b ? E.One : E.Zero);

    public static Int<E> Const(long value) => new(E.CreateTruncating(value));
    public static Int<E> operator +(Int<E> a, Int<E> b) => new(a.Value + b.Value);
    public static Int<E> operator -(Int<E> a, Int<E> b) => new(a.Value - b.Value);
    public static Int<E> operator *(Int<E> a, Int<E> b) => new(a.Value * b.Value);
    public static Int<E> operator -(Int<E> a) => new(E.Zero - a.Value);
    public static Int<E> operator &(Int<E> a, Int<E> b) => new(a.Value & b.Value);
    public static Int<E> operator |(Int<E> a, Int<E> b) => new(a.Value | b.Value);
    public static Int<E> operator ^(Int<E> a, Int<E> b) => new(a.Value ^ b.Value);
    public static Int<E> operator ~(Int<E> a) => new(~a.Value);

    static bool IsShift(E b) => b >= E.Zero && b < E.CreateTruncating(Unsafe.SizeOf<E>() * 8);
    public static Int<E> ShiftLeft(Int<E> a, Int<E> b) => new(IsShift(b.Value) ? a.Value << int.CreateTruncating(b.Value) : E.Zero);
    public static Int<E> ShiftRight(Int<E> a, Int<E> b) => new(IsShift(b.Value) ? a.Value >> int.CreateTruncating(b.Value) : E.IsNegative(a.Value) ? -E.One : E.Zero);

    // MinValue / −1 traps in hardware; wrapping around, it is MinValue.
    static E Quotient(E a, E b) => b == E.Zero ? throw new DivideByZeroException("Integer division by zero.") : E.IsNegative(b) && b == -E.One ? E.Zero - a : a / b;
    static E Rest(E a, E b) => b == E.Zero ? throw new DivideByZeroException("Integer division by zero.") : E.IsNegative(b) && b == -E.One ? E.Zero : a % b;
    public static Int<E> Divide(Int<E> a, Int<E> b) => new(Quotient(a.Value, b.Value));

    public static Int<E> FloorDivide(Int<E> a, Int<E> b)
    {
        E q = Quotient(a.Value, b.Value), r = Rest(a.Value, b.Value);
        return new(r != E.Zero && E.IsNegative(r) != E.IsNegative(b.Value) ? q - E.One : q);
    }

    public static Int<E> Remainder(Int<E> a, Int<E> b)
    {
        E r = Rest(a.Value, b.Value);
        return new(r != E.Zero && E.IsNegative(r) != E.IsNegative(b.Value) ? r + b.Value : r);
    }

    public static Int<E> Pow(Int<E> a, Int<E> b)
    {
        E x = a.Value, n = b.Value, y = E.One;
        if (E.IsNegative(n)) return x == E.One ? new(E.One) : x == E.Zero - E.One ? new(E.IsEvenInteger(n) ? E.One : x) : new(E.Zero);
        for (; n != E.Zero; n >>= 1, x *= x) if (E.IsOddInteger(n)) y *= x;
        return new(y);
    }

    public static Int<E> Min(Int<E> a, Int<E> b) => a.Value < b.Value ? a : b;
    public static Int<E> Max(Int<E> a, Int<E> b) => a.Value > b.Value ? a : b;
    public static Int<E> Abs(Int<E> a) => E.IsNegative(a.Value) ? -a : a;

    public static Int<E> Gcd(Int<E> a, Int<E> b)
    {
        E x = a.Value, y = b.Value;
        while (y != E.Zero) (x, y) = (y, Rest(x, y));
        return Abs(new(x));
    }

    public static Int<E> Less(Int<E> a, Int<E> b) => If(a.Value < b.Value);
    public static Int<E> Equal(Int<E> a, Int<E> b) => If(a.Value == b.Value);
    public static Int<E> Where(Int<E> condition, Int<E> yes, Int<E> no) => condition.Value != E.Zero ? yes : no;
}

/// <summary>The algebra of truth values: + is or, · is and.</summary>
internal readonly struct Bit(bool value) : IInteger<Bit>
{
    public readonly bool Value = value;

    public static Bit Const(long value) => new(value != 0);
    public static Bit operator +(Bit a, Bit b) => new(a.Value | b.Value);
    public static Bit operator -(Bit a, Bit b) => new(a.Value ^ b.Value);
    public static Bit operator *(Bit a, Bit b) => new(a.Value & b.Value);
    public static Bit operator -(Bit a) => a;
    public static Bit operator &(Bit a, Bit b) => new(a.Value & b.Value);
    public static Bit operator |(Bit a, Bit b) => new(a.Value | b.Value);
    public static Bit operator ^(Bit a, Bit b) => new(a.Value ^ b.Value);
    public static Bit operator ~(Bit a) => new(!a.Value);
    public static Bit ShiftLeft(Bit a, Bit b) => new(a.Value & !b.Value);
    public static Bit ShiftRight(Bit a, Bit b) => new(a.Value & !b.Value);
    public static Bit Divide(Bit a, Bit b) => b.Value ? a : throw new DivideByZeroException("Integer division by zero.");
    public static Bit FloorDivide(Bit a, Bit b) => Divide(a, b);
    public static Bit Remainder(Bit a, Bit b) => b.Value ? new(false) : throw new DivideByZeroException("Integer division by zero.");
    public static Bit Pow(Bit a, Bit b) => new(a.Value | !b.Value);
    public static Bit Min(Bit a, Bit b) => new(a.Value & b.Value);
    public static Bit Max(Bit a, Bit b) => new(a.Value | b.Value);
    public static Bit Abs(Bit a) => a;
    public static Bit Gcd(Bit a, Bit b) => new(a.Value | b.Value);
    public static Bit Less(Bit a, Bit b) => new(!a.Value & b.Value);
    public static Bit Equal(Bit a, Bit b) => new(a.Value == b.Value);
    public static Bit Where(Bit condition, Bit yes, Bit no) => condition.Value ? yes : no;
}
