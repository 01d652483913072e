using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A lane of 128 bits. V128, V256 and V512 are one text: .NET has no public interface over its vector widths.</summary>
internal readonly unsafe struct V128<E>(Vector128<E> v) : ILane<V128<E>> where E : unmanaged
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public readonly Vector128<E> V = v;

    public static int Count => Vector128<E>.Count;
    public static bool IsDouble => typeof(E) == typeof(double);

    static Vector128<float> F(V128<E> x) => x.V.As<E, float>();
    static Vector128<double> D(V128<E> x) => x.V.As<E, double>();
    static V128<E> R(Vector128<float> x) => new(x.As<float, E>());
    static V128<E> R(Vector128<double> x) => new(x.As<double, E>());

    [MethodImpl(Inline)] public static V128<E> Load(void* p) => new(Vector128.Load((E*)p));
    [MethodImpl(Inline)] public static V128<E> Broadcast(void* p) => new(Vector128.Create(*(E*)p));
    [MethodImpl(Inline)] public static V128<E> MulAdd(V128<E> a, V128<E> b, V128<E> c) => IsDouble
        ? new(Vector128.MultiplyAddEstimate(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Vector128.MultiplyAddEstimate(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static void Store(V128<E> x, void* p) => x.V.Store((E*)p);
    [MethodImpl(Inline)] public static V128<E> Const(double c) => IsDouble ? R(Vector128.Create(c)) : R(Vector128.Create((float)c));
    public static V128<E> Zero { [MethodImpl(Inline)] get => new(Vector128<E>.Zero); }
    public static V128<E> One { [MethodImpl(Inline)] get => Const(1); }

    [MethodImpl(Inline)] public static V128<E> operator +(V128<E> a, V128<E> b) => new(a.V + b.V);
    [MethodImpl(Inline)] public static V128<E> operator -(V128<E> a, V128<E> b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static V128<E> operator *(V128<E> a, V128<E> b) => new(a.V * b.V);
    [MethodImpl(Inline)] public static V128<E> operator /(V128<E> a, V128<E> b) => new(a.V / b.V);
    [MethodImpl(Inline)] public static V128<E> operator -(V128<E> a) => new(-a.V);
    [MethodImpl(Inline)] public static V128<E> Fma(V128<E> a, V128<E> b, V128<E> c) => IsDouble
        ? R(Vector128.FusedMultiplyAdd(D(a), D(b), D(c))) : R(Vector128.FusedMultiplyAdd(F(a), F(b), F(c)));

    [MethodImpl(Inline)] public static V128<E> Abs(V128<E> x) => new(Vector128.Abs(x.V));
    [MethodImpl(Inline)] public static V128<E> Conj(V128<E> x) => x;
    [MethodImpl(Inline)] public static V128<E> Sqrt(V128<E> x) => new(Vector128.Sqrt(x.V));
    [MethodImpl(Inline)] public static V128<E> Min(V128<E> a, V128<E> b) => new(Vector128.Min(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> Max(V128<E> a, V128<E> b) => new(Vector128.Max(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> Floor(V128<E> x) => IsDouble ? R(Vector128.Floor(D(x))) : R(Vector128.Floor(F(x)));
    [MethodImpl(Inline)] public static V128<E> Ceil(V128<E> x) => IsDouble ? R(Vector128.Ceiling(D(x))) : R(Vector128.Ceiling(F(x)));
    [MethodImpl(Inline)] public static V128<E> Round(V128<E> x) => IsDouble ? R(Vector128.Round(D(x))) : R(Vector128.Round(F(x)));
    [MethodImpl(Inline)] public static V128<E> Trunc(V128<E> x) => IsDouble ? R(Vector128.Truncate(D(x))) : R(Vector128.Truncate(F(x)));
    [MethodImpl(Inline)] public static V128<E> CopySign(V128<E> m, V128<E> s) => new(Vector128.CopySign(m.V, s.V));

    [MethodImpl(Inline)] public static V128<E> Less(V128<E> a, V128<E> b) => new(Vector128.LessThan(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> LessEqual(V128<E> a, V128<E> b) => new(Vector128.LessThanOrEqual(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> Equal(V128<E> a, V128<E> b) => new(Vector128.Equals(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> And(V128<E> a, V128<E> b) => new(a.V & b.V);
    [MethodImpl(Inline)] public static V128<E> Or(V128<E> a, V128<E> b) => new(a.V | b.V);
    [MethodImpl(Inline)] public static V128<E> Not(V128<E> a) => new(~a.V);
    [MethodImpl(Inline)] public static V128<E> Where(V128<E> m, V128<E> yes, V128<E> no) => new(Vector128.ConditionalSelect(m.V, yes.V, no.V));
    [MethodImpl(Inline)] public static ulong MaskBits(V128<E> m) => Vector128.ExtractMostSignificantBits(m.V);

    [MethodImpl(Inline)]
    public static V128<E> Ldexp(V128<E> x, V128<E> n)
    {
        // 2ⁿ is not representable for all n whose result is: multiply by 2^⌊n/2⌋ and by the rest of it, twice the half each.
        if (IsDouble)
        {
            var i = Vector128.ConvertToInt64(D(n));
            var a = i >> 1;
            var b = i - a;
            var bias = Vector128.Create(1023L);
            return R(D(x) * ((a + bias) << 52).AsDouble() * ((b + bias) << 52).AsDouble());
        }
        else
        {
            var i = Vector128.ConvertToInt32(F(n));
            var a = i >> 1;
            var b = i - a;
            var bias = Vector128.Create(127);
            return R(F(x) * ((a + bias) << 23).AsSingle() * ((b + bias) << 23).AsSingle());
        }
    }

    [MethodImpl(Inline)]
    public static V128<E> Frexp(V128<E> x, out V128<E> e)
    {
        if (IsDouble)
        {
            var tiny = Vector128.LessThan(D(x), Vector128.Create(2.2250738585072014e-308));
            var u = Vector128.ConditionalSelect(tiny, D(x) * 18014398509481984.0, D(x)).AsInt64();            // · 2⁵⁴
            var t = u - Vector128.Create(0x3fe6a09e667f3bcdL);                                               // the bits of √½
            var k = t >> 52;
            e = R(Vector128.ConvertToDouble(k) - Vector128.ConditionalSelect(tiny, Vector128.Create(54.0), Vector128<double>.Zero));
            return R((u - (k << 52)).AsDouble());
        }
        else
        {
            var tiny = Vector128.LessThan(F(x), Vector128.Create(1.17549435e-38f));
            var u = Vector128.ConditionalSelect(tiny, F(x) * 33554432f, F(x)).AsInt32();                      // · 2²⁵
            var t = u - Vector128.Create(0x3f3504f3);                                                        // the bits of √½
            var k = t >> 23;
            e = R(Vector128.ConvertToSingle(k) - Vector128.ConditionalSelect(tiny, Vector128.Create(25f), Vector128<float>.Zero));
            return R((u - (k << 23)).AsSingle());
        }
    }

    [MethodImpl(Inline)] public static V128<E> Map<TOp>(TOp op, V128<E> x) where TOp : struct, IUnaryOp => op.Forward(x);
    [MethodImpl(Inline)] public static V128<E> Exp(V128<E> x) => VectorMath.Exp(x);
    [MethodImpl(Inline)] public static V128<E> Expm1(V128<E> x) => VectorMath.Expm1(x);
    [MethodImpl(Inline)] public static V128<E> Log(V128<E> x) => VectorMath.Log(x);
    [MethodImpl(Inline)] public static V128<E> Log1p(V128<E> x) => VectorMath.Log1p(x);
    [MethodImpl(Inline)] public static V128<E> Sin(V128<E> x) => VectorMath.Sin(x);
    [MethodImpl(Inline)] public static V128<E> Cos(V128<E> x) => VectorMath.Cos(x);
    [MethodImpl(Inline)] public static V128<E> Tan(V128<E> x) => VectorMath.Tan(x);
    [MethodImpl(Inline)] public static V128<E> Asin(V128<E> x) => VectorMath.Asin(x);
    [MethodImpl(Inline)] public static V128<E> Acos(V128<E> x) => VectorMath.Acos(x);
    [MethodImpl(Inline)] public static V128<E> Atan(V128<E> x) => VectorMath.Atan(x);
    [MethodImpl(Inline)] public static V128<E> Atan2(V128<E> y, V128<E> x) => VectorMath.Atan2(y, x);
    [MethodImpl(Inline)] public static V128<E> Sinh(V128<E> x) => VectorMath.Sinh(x);
    [MethodImpl(Inline)] public static V128<E> Cosh(V128<E> x) => VectorMath.Cosh(x);
    [MethodImpl(Inline)] public static V128<E> Tanh(V128<E> x) => VectorMath.Tanh(x);
    [MethodImpl(Inline)] public static V128<E> Pow(V128<E> a, V128<E> b) => VectorMath.Pow(a, b);
    [MethodImpl(Inline)] public static V128<E> Erf(V128<E> x) => VectorMath.Erf(x);
    [MethodImpl(Inline)] public static V128<E> Erfc(V128<E> x) => VectorMath.Erfc(x);
    [MethodImpl(Inline)] public static V128<E> Lgamma(V128<E> x) => VectorMath.Lgamma(x);
    [MethodImpl(Inline)] public static V128<E> Digamma(V128<E> x) => VectorMath.Digamma(x);
}
