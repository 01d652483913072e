using System.Numerics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>The algebra on complex numbers, in double precision. A mask is 1 or 0.</summary>
internal readonly struct Cx(Complex value) : IField<Cx>
{
    public readonly Complex Value = value;

    public static Cx Const(double value) => new(value);
    public static Cx operator -(Cx a) => new(-a.Value);
    public static Cx operator +(Cx a, Cx b) => new(a.Value + b.Value);
    public static Cx operator -(Cx a, Cx b) => new(a.Value - b.Value);
    public static Cx operator *(Cx a, Cx b) => new(a.Value * b.Value);
    public static Cx operator /(Cx a, Cx b) => new(a.Value / b.Value);
    public static Cx Exp(Cx x) => new(Complex.Exp(x.Value));
    public static Cx Log(Cx x) => new(Complex.Log(x.Value));
    public static Cx Sqrt(Cx x) => new(Complex.Sqrt(x.Value));
    public static Cx Sin(Cx x) => new(Complex.Sin(x.Value));
    public static Cx Cos(Cx x) => new(Complex.Cos(x.Value));
    public static Cx Tan(Cx x) => new(Complex.Tan(x.Value));
    public static Cx Asin(Cx x) => new(Complex.Asin(x.Value));
    public static Cx Acos(Cx x) => new(Complex.Acos(x.Value));
    public static Cx Atan(Cx x) => new(Complex.Atan(x.Value));
    public static Cx Sinh(Cx x) => new(Complex.Sinh(x.Value));
    public static Cx Cosh(Cx x) => new(Complex.Cosh(x.Value));
    public static Cx Tanh(Cx x) => new(Complex.Tanh(x.Value));
    // arsinh z = −i·arcsin(iz), artanh z = −i·arctan(iz)
    public static Cx Asinh(Cx x) => new(-Complex.ImaginaryOne * Complex.Asin(Complex.ImaginaryOne * x.Value));
    public static Cx Acosh(Cx x) => new(Complex.Log(x.Value + Complex.Sqrt(x.Value + 1) * Complex.Sqrt(x.Value - 1)));
    public static Cx Atanh(Cx x) => new(-Complex.ImaginaryOne * Complex.Atan(Complex.ImaginaryOne * x.Value));
    public static Cx Pow(Cx a, Cx b) => new(Complex.Pow(a.Value, b.Value));
    public static Cx Abs(Cx x) => new(Complex.Abs(x.Value));
    public static Cx Conj(Cx x) => new(Complex.Conjugate(x.Value));
    public static Cx Equal(Cx a, Cx b) => new(a.Value == b.Value ? 1 : 0);
    public static Cx Where(Cx mask, Cx yes, Cx no) => mask.Value != Complex.Zero ? yes : no;
    public static Cx Map<TOp>(TOp op, Cx x) where TOp : struct, IUnaryOp => op.Complex(x);
    public static Cx Map<TOp>(TOp op, Cx a, Cx b) where TOp : struct, IBinaryOp => op.Complex(a, b);
}
