using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A lane of 256 bits. V128, V256 and V512 are one text: .NET has no public interface over its vector widths.</summary>
internal readonly unsafe struct V256<E>(Vector256<E> v) : ILane<V256<E>> where E : unmanaged
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public readonly Vector256<E> V = v;

    public static int Count => Vector256<E>.Count;
    public static bool IsDouble => typeof(E) == typeof(double);

    static Vector256<float> F(V256<E> x) => x.V.As<E, float>();
    static Vector256<double> D(V256<E> x) => x.V.As<E, double>();
    static V256<E> R(Vector256<float> x) => new(x.As<float, E>());
    static V256<E> R(Vector256<double> x) => new(x.As<double, E>());

    [MethodImpl(Inline)] public static V256<E> Load(void* p) => new(Vector256.Load((E*)p));
    [MethodImpl(Inline)] public static V256<E> Broadcast(void* p) => new(Vector256.Create(*(E*)p));
    [MethodImpl(Inline)] public static V256<E> MulAdd(V256<E> a, V256<E> b, V256<E> c) => IsDouble
        ? new(Vector256.MultiplyAddEstimate(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Vector256.MultiplyAddEstimate(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static void Store(V256<E> x, void* p) => x.V.Store((E*)p);
    [MethodImpl(Inline)] public static V256<E> Const(double c) => IsDouble ? R(Vector256.Create(c)) : R(Vector256.Create((float)c));
    public static V256<E> Zero { [MethodImpl(Inline)] get => new(Vector256<E>.Zero); }
    public static V256<E> One { [MethodImpl(Inline)] get => Const(1); }

    [MethodImpl(Inline)] public static V256<E> operator +(V256<E> a, V256<E> b) => new(a.V + b.V);
    [MethodImpl(Inline)] public static V256<E> operator -(V256<E> a, V256<E> b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static V256<E> operator *(V256<E> a, V256<E> b) => new(a.V * b.V);
    [MethodImpl(Inline)] public static V256<E> operator /(V256<E> a, V256<E> b) => new(a.V / b.V);
    [MethodImpl(Inline)] public static V256<E> operator -(V256<E> a) => new(-a.V);
    [MethodImpl(Inline)] public static V256<E> Fma(V256<E> a, V256<E> b, V256<E> c) => IsDouble
        ? R(Vector256.FusedMultiplyAdd(D(a), D(b), D(c))) : R(Vector256.FusedMultiplyAdd(F(a), F(b), F(c)));

    [MethodImpl(Inline)] public static V256<E> Abs(V256<E> x) => new(Vector256.Abs(x.V));
    [MethodImpl(Inline)] public static V256<E> Conj(V256<E> x) => x;
    [MethodImpl(Inline)] public static V256<E> Sqrt(V256<E> x) => new(Vector256.Sqrt(x.V));
    [MethodImpl(Inline)] public static V256<E> Min(V256<E> a, V256<E> b) => new(Vector256.Min(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> Max(V256<E> a, V256<E> b) => new(Vector256.Max(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> Floor(V256<E> x) => IsDouble ? R(Vector256.Floor(D(x))) : R(Vector256.Floor(F(x)));
    [MethodImpl(Inline)] public static V256<E> Ceil(V256<E> x) => IsDouble ? R(Vector256.Ceiling(D(x))) : R(Vector256.Ceiling(F(x)));
    [MethodImpl(Inline)] public static V256<E> Round(V256<E> x) => IsDouble ? R(Vector256.Round(D(x))) : R(Vector256.Round(F(x)));
    [MethodImpl(Inline)] public static V256<E> Trunc(V256<E> x) => IsDouble ? R(Vector256.Truncate(D(x))) : R(Vector256.Truncate(F(x)));
    [MethodImpl(Inline)] public static V256<E> CopySign(V256<E> m, V256<E> s) => new(Vector256.CopySign(m.V, s.V));

    [MethodImpl(Inline)] public static V256<E> Less(V256<E> a, V256<E> b) => new(Vector256.LessThan(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> LessEqual(V256<E> a, V256<E> b) => new(Vector256.LessThanOrEqual(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> Equal(V256<E> a, V256<E> b) => new(Vector256.Equals(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> And(V256<E> a, V256<E> b) => new(a.V & b.V);
    [MethodImpl(Inline)] public static V256<E> Or(V256<E> a, V256<E> b) => new(a.V | b.V);
    [MethodImpl(Inline)] public static V256<E> Not(V256<E> a) => new(~a.V);
    [MethodImpl(Inline)] public static V256<E> Where(V256<E> m, V256<E> yes, V256<E> no) => new(Vector256.ConditionalSelect(m.V, yes.V, no.V));
    [MethodImpl(Inline)] public static ulong MaskBits(V256<E> m) => Vector256.ExtractMostSignificantBits(m.V);

    [MethodImpl(Inline)]
    public static V256<E> Ldexp(V256<E> x, V256<E> n)
    {
        // 2ⁿ is not representable for all n whose result is: multiply by 2^⌊n/2⌋ and by the rest of it, twice the half each.
        if (IsDouble)
        {
            var i = Vector256.ConvertToInt64(D(n));
            var a = i >> 1;
            var b = i - a;
            var bias = Vector256.Create(1023L);
            return R(D(x) * ((a + bias) << 52).AsDouble() * ((b + bias) << 52).AsDouble());
        }
        else
        {
            var i = Vector256.ConvertToInt32(F(n));
            var a = i >> 1;
            var b = i - a;
            var bias = Vector256.Create(127);
            return R(F(x) * ((a + bias) << 23).AsSingle() * ((b + bias) << 23).AsSingle());
        }
    }

    [MethodImpl(Inline)]
    public static V256<E> Frexp(V256<E> x, out V256<E> e)
    {
        if (IsDouble)
        {
            var tiny = Vector256.LessThan(D(x), Vector256.Create(2.2250738585072014e-308));
            var u = Vector256.ConditionalSelect(tiny, D(x) * 18014398509481984.0, D(x)).AsInt64();            // · 2⁵⁴
            var t = u - Vector256.Create(0x3fe6a09e667f3bcdL);                                               // the bits of √½
            var k = t >> 52;
            e = R(Vector256.ConvertToDouble(k) - Vector256.ConditionalSelect(tiny, Vector256.Create(54.0), Vector256<double>.Zero));
            return R((u - (k << 52)).AsDouble());
        }
        else
        {
            var tiny = Vector256.LessThan(F(x), Vector256.Create(1.17549435e-38f));
            var u = Vector256.ConditionalSelect(tiny, F(x) * 33554432f, F(x)).AsInt32();                      // · 2²⁵
            var t = u - Vector256.Create(0x3f3504f3);                                                        // the bits of √½
            var k = t >> 23;
            e = R(Vector256.ConvertToSingle(k) - Vector256.ConditionalSelect(tiny, Vector256.Create(25f), Vector256<float>.Zero));
            return R((u - (k << 23)).AsSingle());
        }
    }

    [MethodImpl(Inline)] public static V256<E> Map<TOp>(TOp op, V256<E> x) where TOp : struct, IUnaryOp => op.Forward(x);
    [MethodImpl(Inline)] public static V256<E> Exp(V256<E> x) => VectorMath.Exp(x);
    [MethodImpl(Inline)] public static V256<E> Expm1(V256<E> x) => VectorMath.Expm1(x);
    [MethodImpl(Inline)] public static V256<E> Log(V256<E> x) => VectorMath.Log(x);
    [MethodImpl(Inline)] public static V256<E> Log1p(V256<E> x) => VectorMath.Log1p(x);
    [MethodImpl(Inline)] public static V256<E> Sin(V256<E> x) => VectorMath.Sin(x);
    [MethodImpl(Inline)] public static V256<E> Cos(V256<E> x) => VectorMath.Cos(x);
    [MethodImpl(Inline)] public static V256<E> Tan(V256<E> x) => VectorMath.Tan(x);
    [MethodImpl(Inline)] public static V256<E> Asin(V256<E> x) => VectorMath.Asin(x);
    [MethodImpl(Inline)] public static V256<E> Acos(V256<E> x) => VectorMath.Acos(x);
    [MethodImpl(Inline)] public static V256<E> Atan(V256<E> x) => VectorMath.Atan(x);
    [MethodImpl(Inline)] public static V256<E> Atan2(V256<E> y, V256<E> x) => VectorMath.Atan2(y, x);
    [MethodImpl(Inline)] public static V256<E> Sinh(V256<E> x) => VectorMath.Sinh(x);
    [MethodImpl(Inline)] public static V256<E> Cosh(V256<E> x) => VectorMath.Cosh(x);
    [MethodImpl(Inline)] public static V256<E> Tanh(V256<E> x) => VectorMath.Tanh(x);
    [MethodImpl(Inline)] public static V256<E> Pow(V256<E> a, V256<E> b) => VectorMath.Pow(a, b);
    [MethodImpl(Inline)] public static V256<E> Erf(V256<E> x) => VectorMath.Erf(x);
    [MethodImpl(Inline)] public static V256<E> Erfc(V256<E> x) => VectorMath.Erfc(x);
    [MethodImpl(Inline)] public static V256<E> Lgamma(V256<E> x) => VectorMath.Lgamma(x);
    [MethodImpl(Inline)] public static V256<E> Digamma(V256<E> x) => VectorMath.Digamma(x);
}
