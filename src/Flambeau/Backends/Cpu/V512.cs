using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A lane of 512 bits. V128, V256 and V512 are one text: .NET has no public interface over its vector widths.</summary>
internal readonly unsafe struct V512<E>(Vector512<E> v) : ILane<V512<E>> where E : unmanaged
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public readonly Vector512<E> V = v;

    public static int Count => Vector512<E>.Count;
    public static bool IsDouble => typeof(E) == typeof(double);

    static Vector512<float> F(V512<E> x) => x.V.As<E, float>();
    static Vector512<double> D(V512<E> x) => x.V.As<E, double>();
    static V512<E> R(Vector512<float> x) => new(x.As<float, E>());
    static V512<E> R(Vector512<double> x) => new(x.As<double, E>());

    [MethodImpl(Inline)] public static V512<E> Load(void* p) => new(Vector512.Load((E*)p));
    [MethodImpl(Inline)] public static V512<E> Broadcast(void* p) => new(Vector512.Create(*(E*)p));
    [MethodImpl(Inline)] public static V512<E> MulAdd(V512<E> a, V512<E> b, V512<E> c) => IsDouble
        ? new(Vector512.MultiplyAddEstimate(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Vector512.MultiplyAddEstimate(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static void Store(V512<E> x, void* p) => x.V.Store((E*)p);
    [MethodImpl(Inline)] public static V512<E> Const(double c) => IsDouble ? R(Vector512.Create(c)) : R(Vector512.Create((float)c));
    public static V512<E> Zero { [MethodImpl(Inline)] get => new(Vector512<E>.Zero); }
    public static V512<E> One { [MethodImpl(Inline)] get => Const(1); }

    [MethodImpl(Inline)] public static V512<E> operator +(V512<E> a, V512<E> b) => new(a.V + b.V);
    [MethodImpl(Inline)] public static V512<E> operator -(V512<E> a, V512<E> b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static V512<E> operator *(V512<E> a, V512<E> b) => new(a.V * b.V);
    [MethodImpl(Inline)] public static V512<E> operator /(V512<E> a, V512<E> b) => new(a.V / b.V);
    [MethodImpl(Inline)] public static V512<E> operator -(V512<E> a) => new(-a.V);
    [MethodImpl(Inline)] public static V512<E> Fma(V512<E> a, V512<E> b, V512<E> c) => IsDouble
        ? R(Vector512.FusedMultiplyAdd(D(a), D(b), D(c))) : R(Vector512.FusedMultiplyAdd(F(a), F(b), F(c)));

    [MethodImpl(Inline)] public static V512<E> Abs(V512<E> x) => new(Vector512.Abs(x.V));
    [MethodImpl(Inline)] public static V512<E> Conj(V512<E> x) => x;
    [MethodImpl(Inline)] public static V512<E> Sqrt(V512<E> x) => new(Vector512.Sqrt(x.V));
    [MethodImpl(Inline)] public static V512<E> Min(V512<E> a, V512<E> b) => new(Vector512.Min(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> Max(V512<E> a, V512<E> b) => new(Vector512.Max(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> Floor(V512<E> x) => IsDouble ? R(Vector512.Floor(D(x))) : R(Vector512.Floor(F(x)));
    [MethodImpl(Inline)] public static V512<E> Ceil(V512<E> x) => IsDouble ? R(Vector512.Ceiling(D(x))) : R(Vector512.Ceiling(F(x)));
    [MethodImpl(Inline)] public static V512<E> Round(V512<E> x) => IsDouble ? R(Vector512.Round(D(x))) : R(Vector512.Round(F(x)));
    [MethodImpl(Inline)] public static V512<E> Trunc(V512<E> x) => IsDouble ? R(Vector512.Truncate(D(x))) : R(Vector512.Truncate(F(x)));
    [MethodImpl(Inline)] public static V512<E> CopySign(V512<E> m, V512<E> s) => new(Vector512.CopySign(m.V, s.V));

    [MethodImpl(Inline)] public static V512<E> Less(V512<E> a, V512<E> b) => new(Vector512.LessThan(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> LessEqual(V512<E> a, V512<E> b) => new(Vector512.LessThanOrEqual(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> Equal(V512<E> a, V512<E> b) => new(Vector512.Equals(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> And(V512<E> a, V512<E> b) => new(a.V & b.V);
    [MethodImpl(Inline)] public static V512<E> Or(V512<E> a, V512<E> b) => new(a.V | b.V);
    [MethodImpl(Inline)] public static V512<E> Not(V512<E> a) => new(~a.V);
    [MethodImpl(Inline)] public static V512<E> Where(V512<E> m, V512<E> yes, V512<E> no) => new(Vector512.ConditionalSelect(m.V, yes.V, no.V));
    [MethodImpl(Inline)] public static ulong MaskBits(V512<E> m) => Vector512.ExtractMostSignificantBits(m.V);

    [MethodImpl(Inline)]
    public static V512<E> Ldexp(V512<E> x, V512<E> n)
    {
        // 2ⁿ is not representable for all n whose result is: multiply by 2^⌊n/2⌋ and by the rest of it, twice the half each.
        if (IsDouble)
        {
            var i = Vector512.ConvertToInt64(D(n));
            var a = i >> 1;
            var b = i - a;
            var bias = Vector512.Create(1023L);
            return R(D(x) * ((a + bias) << 52).AsDouble() * ((b + bias) << 52).AsDouble());
        }
        else
        {
            var i = Vector512.ConvertToInt32(F(n));
            var a = i >> 1;
            var b = i - a;
            var bias = Vector512.Create(127);
            return R(F(x) * ((a + bias) << 23).AsSingle() * ((b + bias) << 23).AsSingle());
        }
    }

    [MethodImpl(Inline)]
    public static V512<E> Frexp(V512<E> x, out V512<E> e)
    {
        if (IsDouble)
        {
            var tiny = Vector512.LessThan(D(x), Vector512.Create(2.2250738585072014e-308));
            var u = Vector512.ConditionalSelect(tiny, D(x) * 18014398509481984.0, D(x)).AsInt64();            // · 2⁵⁴
            var t = u - Vector512.Create(0x3fe6a09e667f3bcdL);                                               // the bits of √½
            var k = t >> 52;
            e = R(Vector512.ConvertToDouble(k) - Vector512.ConditionalSelect(tiny, Vector512.Create(54.0), Vector512<double>.Zero));
            return R((u - (k << 52)).AsDouble());
        }
        else
        {
            var tiny = Vector512.LessThan(F(x), Vector512.Create(1.17549435e-38f));
            var u = Vector512.ConditionalSelect(tiny, F(x) * 33554432f, F(x)).AsInt32();                      // · 2²⁵
            var t = u - Vector512.Create(0x3f3504f3);                                                        // the bits of √½
            var k = t >> 23;
            e = R(Vector512.ConvertToSingle(k) - Vector512.ConditionalSelect(tiny, Vector512.Create(25f), Vector512<float>.Zero));
            return R((u - (k << 23)).AsSingle());
        }
    }

    [MethodImpl(Inline)] public static V512<E> Map<TOp>(TOp op, V512<E> x) where TOp : struct, IUnaryOp => op.Forward(x);
    [MethodImpl(Inline)] public static V512<E> Exp(V512<E> x) => VectorMath.Exp(x);
    [MethodImpl(Inline)] public static V512<E> Expm1(V512<E> x) => VectorMath.Expm1(x);
    [MethodImpl(Inline)] public static V512<E> Log(V512<E> x) => VectorMath.Log(x);
    [MethodImpl(Inline)] public static V512<E> Log1p(V512<E> x) => VectorMath.Log1p(x);
    [MethodImpl(Inline)] public static V512<E> Sin(V512<E> x) => VectorMath.Sin(x);
    [MethodImpl(Inline)] public static V512<E> Cos(V512<E> x) => VectorMath.Cos(x);
    [MethodImpl(Inline)] public static V512<E> Tan(V512<E> x) => VectorMath.Tan(x);
    [MethodImpl(Inline)] public static V512<E> Asin(V512<E> x) => VectorMath.Asin(x);
    [MethodImpl(Inline)] public static V512<E> Acos(V512<E> x) => VectorMath.Acos(x);
    [MethodImpl(Inline)] public static V512<E> Atan(V512<E> x) => VectorMath.Atan(x);
    [MethodImpl(Inline)] public static V512<E> Atan2(V512<E> y, V512<E> x) => VectorMath.Atan2(y, x);
    [MethodImpl(Inline)] public static V512<E> Sinh(V512<E> x) => VectorMath.Sinh(x);
    [MethodImpl(Inline)] public static V512<E> Cosh(V512<E> x) => VectorMath.Cosh(x);
    [MethodImpl(Inline)] public static V512<E> Tanh(V512<E> x) => VectorMath.Tanh(x);
    [MethodImpl(Inline)] public static V512<E> Pow(V512<E> a, V512<E> b) => VectorMath.Pow(a, b);
    [MethodImpl(Inline)] public static V512<E> Erf(V512<E> x) => VectorMath.Erf(x);
    [MethodImpl(Inline)] public static V512<E> Erfc(V512<E> x) => VectorMath.Erfc(x);
    [MethodImpl(Inline)] public static V512<E> Lgamma(V512<E> x) => VectorMath.Lgamma(x);
    [MethodImpl(Inline)] public static V512<E> Digamma(V512<E> x) => VectorMath.Digamma(x);
}
