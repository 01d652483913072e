using Flambeau.Ops;

namespace Flambeau;

public partial class Tensor
{
    /// <summary>Elementwise, with broadcasting.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => a.Add(b);

    /// <summary>Elementwise, with broadcasting.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => a.Sub(b);

    /// <summary>Elementwise, with broadcasting.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => a.Mul(b);

    /// <summary>Elementwise, with broadcasting.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => a.Div(b);

    /// <summary>Elementwise, with broadcasting.</summary>
    public static Tensor operator %(Tensor a, Tensor b) => a.Remainder(b);

    /// <summary>−a, elementwise.</summary>
    public static Tensor operator -(Tensor a) => a.Neg();

    /// <summary>A bool tensor, elementwise. Equality is <see cref="Eq(Tensor)"/>: <c>==</c> compares references, as in all of .NET.</summary>
    public static Tensor operator <(Tensor a, Tensor b) => a.Lt(b);

    /// <summary>A bool tensor, elementwise. Equality is <see cref="Eq(Tensor)"/>: <c>==</c> compares references, as in all of .NET.</summary>
    public static Tensor operator <=(Tensor a, Tensor b) => a.Le(b);

    /// <summary>A bool tensor, elementwise. Equality is <see cref="Eq(Tensor)"/>: <c>==</c> compares references, as in all of .NET.</summary>
    public static Tensor operator >(Tensor a, Tensor b) => a.Gt(b);

    /// <summary>A bool tensor, elementwise. Equality is <see cref="Eq(Tensor)"/>: <c>==</c> compares references, as in all of .NET.</summary>
    public static Tensor operator >=(Tensor a, Tensor b) => a.Ge(b);

    /// <summary>Bit by bit; of bools, the logical operation.</summary>
    public static Tensor operator &(Tensor a, Tensor b) => a.BitwiseAnd(b);

    /// <summary>Bit by bit; of bools, the logical operation.</summary>
    public static Tensor operator |(Tensor a, Tensor b) => a.BitwiseOr(b);

    /// <summary>Bit by bit; of bools, the logical operation.</summary>
    public static Tensor operator ^(Tensor a, Tensor b) => a.BitwiseXor(b);

    /// <summary>Bit by bit; of bools, not.</summary>
    public static Tensor operator ~(Tensor a) => a.BitwiseNot();

    /// <summary>In place, without a temporary.</summary>
    public void operator +=(Tensor other) => AddInPlace(other);

    /// <summary>In place, without a temporary.</summary>
    public void operator -=(Tensor other) => SubInPlace(other);

    /// <summary>In place, without a temporary.</summary>
    public void operator *=(Tensor other) => MulInPlace(other);

    /// <summary>In place, without a temporary.</summary>
    public void operator /=(Tensor other) => DivInPlace(other);
}
