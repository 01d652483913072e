using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A lane of 512 bits. V128, V256 and V512 are one text: .NET has no public interface over its vector widths.</summary>
/// <remarks>
/// A method inlines calls until it has 512 locals, and every call has two or three: members reinterpret in place rather than by helpers.
/// </remarks>
internal unsafe struct V512<E>(Vector512<E> v) : ILane<V512<E>> where E : unmanaged
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public Vector512<E> V = v;

    public static int Count { [MethodImpl(Inline)] get => Vector512<E>.Count; }
    public static bool IsDouble { [MethodImpl(Inline)] get => typeof(E) == typeof(double); }

    [MethodImpl(Inline)] public static V512<E> Load(void* p) => new(Vector512.Load((E*)p));
    [MethodImpl(Inline)]
    public static V512<E> LoadPart(void* p, V512<E> mask, V512<E> rest)
    {
        if (Avx512F.IsSupported)
            return IsDouble ? new(Avx512F.MaskLoad((double*)p, mask.V.AsDouble(), rest.V.AsDouble()).As<double, E>()) : new(Avx512F.MaskLoad((float*)p, mask.V.AsSingle(), rest.V.AsSingle()).As<float, E>());
        return Tail<V512<E>>.Gather(p, mask, rest);
    }

    [MethodImpl(Inline)] public static V512<E> Broadcast(void* p) => new(Vector512.Create(*(E*)p));
    [MethodImpl(Inline)] public static V512<E> MulAdd(V512<E> a, V512<E> b, V512<E> c) => IsDouble
        ? new(Vector512.MultiplyAddEstimate(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Vector512.MultiplyAddEstimate(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static void AddProduct(ref V512<E> sum, V512<E> a, V512<E> b) => sum.V = IsDouble
        ? Vector512.MultiplyAddEstimate(a.V.AsDouble(), b.V.AsDouble(), sum.V.AsDouble()).As<double, E>()
        : Vector512.MultiplyAddEstimate(a.V.AsSingle(), b.V.AsSingle(), sum.V.AsSingle()).As<float, E>();
    [MethodImpl(Inline)] public static V512<E> MulSub(V512<E> a, V512<E> b, V512<E> c) => !Avx512F.IsSupported ? MulAdd(a, b, -c) : IsDouble
        ? new(Avx512F.FusedMultiplySubtract(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Avx512F.FusedMultiplySubtract(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static void Store(V512<E> x, void* p) => x.V.Store((E*)p);
    [MethodImpl(Inline)] public static void Stream(V512<E> x, void* p) => x.V.StoreAlignedNonTemporal((E*)p);
    [MethodImpl(Inline)] public static V512<E> Const(double c) => IsDouble
        ? new(Vector512.Create(c).As<double, E>()) : new(Vector512.Create((float)c).As<float, E>());
    [MethodImpl(Inline)] public static V512<E> Const(Coefficient c) => IsDouble
        ? new(Vector512.Create(c.Double).As<double, E>()) : new(Vector512.Create(c.Single).As<float, E>());
    public static V512<E> Zero { [MethodImpl(Inline)] get => new(Vector512<E>.Zero); }
    public static V512<E> One { [MethodImpl(Inline)] get => new(Vector512<E>.One); }

    [MethodImpl(Inline)] public static V512<E> Plus(V512<E> a, void* p) => new(a.V + Vector512.Load((E*)p));
    [MethodImpl(Inline)] public static V512<E> operator +(V512<E> a, V512<E> b) => new(a.V + b.V);
    [MethodImpl(Inline)] public static V512<E> operator -(V512<E> a, V512<E> b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static V512<E> operator *(V512<E> a, V512<E> b) => new(a.V * b.V);
    [MethodImpl(Inline)] public static V512<E> operator /(V512<E> a, V512<E> b) => new(a.V / b.V);
    [MethodImpl(Inline)] public static V512<E> operator -(V512<E> a) => new(-a.V);
    [MethodImpl(Inline)] public static V512<E> Fma(V512<E> a, V512<E> b, V512<E> c) => IsDouble
        ? new(Vector512.FusedMultiplyAdd(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Vector512.FusedMultiplyAdd(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());

    [MethodImpl(Inline)] public static V512<E> Abs(V512<E> x) => new(Vector512.Abs(x.V));
    [MethodImpl(Inline)] public static V512<E> Conj(V512<E> x) => x;
    [MethodImpl(Inline)] public static V512<E> Sqrt(V512<E> x) => new(Vector512.Sqrt(x.V));
    // As in V256.
    [MethodImpl(Inline)] public static V512<E> Min(V512<E> a, V512<E> b) => Where(Equal(a, a), MinNative(a, b), a);
    [MethodImpl(Inline)] public static V512<E> Max(V512<E> a, V512<E> b) => Where(Equal(a, a), MaxNative(a, b), a);
    [MethodImpl(Inline)] public static V512<E> MinNative(V512<E> a, V512<E> b) => new(Vector512.MinNative(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> MaxNative(V512<E> a, V512<E> b) => new(Vector512.MaxNative(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> Floor(V512<E> x) => IsDouble
        ? new(Vector512.Floor(x.V.AsDouble()).As<double, E>()) : new(Vector512.Floor(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V512<E> Ceil(V512<E> x) => IsDouble
        ? new(Vector512.Ceiling(x.V.AsDouble()).As<double, E>()) : new(Vector512.Ceiling(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V512<E> Round(V512<E> x) => IsDouble
        ? new(Vector512.Round(x.V.AsDouble()).As<double, E>()) : new(Vector512.Round(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V512<E> Trunc(V512<E> x) => IsDouble
        ? new(Vector512.Truncate(x.V.AsDouble()).As<double, E>()) : new(Vector512.Truncate(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V512<E> CopySign(V512<E> m, V512<E> s) => new(Vector512.CopySign(m.V, s.V));

    [MethodImpl(Inline)] public static V512<E> Less(V512<E> a, V512<E> b) => new(Vector512.LessThan(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> LessEqual(V512<E> a, V512<E> b) => new(Vector512.LessThanOrEqual(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> Equal(V512<E> a, V512<E> b) => new(Vector512.Equals(a.V, b.V));
    [MethodImpl(Inline)] public static V512<E> And(V512<E> a, V512<E> b) => new(a.V & b.V);
    [MethodImpl(Inline)] public static V512<E> Or(V512<E> a, V512<E> b) => new(a.V | b.V);
    [MethodImpl(Inline)] public static V512<E> Not(V512<E> a) => new(~a.V);
    [MethodImpl(Inline)] public static V512<E> Xor(V512<E> a, V512<E> b) => new(a.V ^ b.V);
    [MethodImpl(Inline)] public static V512<E> BitMask(V512<E> x, int bit) => IsDouble
        ? new(((x.V.AsInt64() << (63 - bit)) >> 63).As<long, E>()) : new(((x.V.AsInt32() << (31 - bit)) >> 31).As<int, E>());
    [MethodImpl(Inline)] public static V512<E> Where(V512<E> mask, V512<E> yes, V512<E> no) =>
        new(Vector512.ConditionalSelect(mask.V, yes.V, no.V));
    [MethodImpl(Inline)] public static V512<E> Lookup(float* row, V512<E> x, int bit)
    {
        var at = x.V.AsInt32() >>> bit;
        return new((Avx512F.IsSupported ? Avx512F.PermuteVar16x32(Vector512.Load(row), at) : Vector512.Shuffle(Vector512.Load(row), at & Vector512.Create(15))).As<float, E>());
    }
    [MethodImpl(Inline)] public static ulong MaskBits(V512<E> m) => Vector512.ExtractMostSignificantBits(m.V);

    [MethodImpl(Inline)]
    public static void Unweave(V512<E> a, V512<E> b, out V512<E> even, out V512<E> odd)
    {
        if (IsDouble)
        {
            even = new(Avx512F.PermuteVar8x64x2(a.V.AsDouble(), Vector512.Create(0L, 2, 4, 6, 8, 10, 12, 14), b.V.AsDouble()).As<double, E>());
            odd = new(Avx512F.PermuteVar8x64x2(a.V.AsDouble(), Vector512.Create(1L, 3, 5, 7, 9, 11, 13, 15), b.V.AsDouble()).As<double, E>());
        }
        else
        {
            even = new(Avx512F.PermuteVar16x32x2(a.V.AsSingle(), Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), b.V.AsSingle()).As<float, E>());
            odd = new(Avx512F.PermuteVar16x32x2(a.V.AsSingle(), Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), b.V.AsSingle()).As<float, E>());
        }
    }

    [MethodImpl(Inline)]
    public static void Weave(V512<E> even, V512<E> odd, out V512<E> a, out V512<E> b)
    {
        if (IsDouble)
        {
            a = new(Avx512F.PermuteVar8x64x2(even.V.AsDouble(), Vector512.Create(0L, 8, 1, 9, 2, 10, 3, 11), odd.V.AsDouble()).As<double, E>());
            b = new(Avx512F.PermuteVar8x64x2(even.V.AsDouble(), Vector512.Create(4L, 12, 5, 13, 6, 14, 7, 15), odd.V.AsDouble()).As<double, E>());
        }
        else
        {
            a = new(Avx512F.PermuteVar16x32x2(even.V.AsSingle(), Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), odd.V.AsSingle()).As<float, E>());
            b = new(Avx512F.PermuteVar16x32x2(even.V.AsSingle(), Vector512.Create(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), odd.V.AsSingle()).As<float, E>());
        }
    }

    [MethodImpl(Inline)]
    public static V512<E> Reverse(V512<E> x) => IsDouble
        ? new(Vector512.Shuffle(x.V.AsDouble(), Vector512.Create(7L, 6, 5, 4, 3, 2, 1, 0)).As<double, E>())
        : new(Vector512.Shuffle(x.V.AsSingle(), Vector512.Create(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)).As<float, E>());

    [MethodImpl(Inline)]
    public static V512<E> Ldexp(V512<E> x, V512<E> n)
    {
        // Without an instruction for it: 2ⁿ itself need not be representable, so by 2^⌊n/2⌋, which is exact, and by the rest, which rounds.
        // 2ⁿ is n + bias shifted into the exponent; adding 1.5 · 2⁵² (2²³) makes it the low bits of the representation.
        if (IsDouble)
        {
            var d = n.V.AsDouble();
            if (Avx512F.IsSupported) return new(Avx512F.Scale(x.V.AsDouble(), d).As<double, E>());
            var bias = Vector512.Create(6755399441055744.0 + 1023);
            var half = Vector512.Floor(d * 0.5);
            var exact = x.V.AsDouble() * ((half + bias).AsInt64() << 52).AsDouble();
            return new((exact * ((d - half + bias).AsInt64() << 52).AsDouble()).As<double, E>());
        }
        else
        {
            var f = n.V.AsSingle();
            if (Avx512F.IsSupported) return new(Avx512F.Scale(x.V.AsSingle(), f).As<float, E>());
            var bias = Vector512.Create(12582912f + 127);
            var half = Vector512.Floor(f * 0.5f);
            var exact = x.V.AsSingle() * ((half + bias).AsInt32() << 23).AsSingle();
            return new((exact * ((f - half + bias).AsInt32() << 23).AsSingle()).As<float, E>());
        }
    }

    [MethodImpl(Inline)]
    public static V512<E> Frexp(V512<E> x, out V512<E> e)
    {
        if (IsDouble)
        {
            var d = x.V.AsDouble();
            var tiny = Vector512.LessThan(d, Vector512.Create(2.2250738585072014e-308));
            var u = Vector512.ConditionalSelect(tiny, d * 18014398509481984.0, d).AsInt64();                      // · 2⁵⁴
            // Less the bits of √½ / 2¹⁰²³ there are e + 1023 above and m's mantissa, as counted from √½, below.
            var t = u - Vector512.Create(0x3fe6a09e667f3bcdL - (1023L << 52));
            var biased = ((t >>> 52) | Vector512.Create(0x4330000000000000L)).AsDouble();                         // + 2⁵²
            e = new((biased - Vector512.Create(4503599627370496.0 + 1023) - (tiny & Vector512.Create(54.0))).As<double, E>());
            return new(((t & Vector512.Create((1L << 52) - 1)) + Vector512.Create(0x3fe6a09e667f3bcdL)).As<long, E>());
        }
        else
        {
            var f = x.V.AsSingle();
            var tiny = Vector512.LessThan(f, Vector512.Create(1.17549435e-38f));
            var u = Vector512.ConditionalSelect(tiny, f * 33554432f, f).AsInt32();                                // · 2²⁵
            var k = (u - Vector512.Create(0x3f3504f3)) >> 23;                                                    // the bits of √½
            e = new((Vector512.ConvertToSingle(k) - (tiny & Vector512.Create(25f))).As<float, E>());
            return new((u - (k << 23)).As<int, E>());
        }
    }

    // Sixteen-bit numbers and floats. The bits of either half, widened, are those of a float but for the width of the exponent.

    [MethodImpl(Inline)]
    static Vector512<uint> LoadBits(void* p)
    {
        Vector256<ushort> h = Vector256.Load((ushort*)p);
        return Avx512F.IsSupported ? Avx512F.ConvertToVector512UInt32(h) : Vector512.Create(Vector256.WidenLower(h), Vector256.WidenUpper(h));
    }

    [MethodImpl(Inline)]
    static void StoreBits(Vector512<uint> u, void* p)
    {
        (Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(u) : Vector256.Narrow(u.GetLower(), u.GetUpper())).Store((ushort*)p);
    }

    [MethodImpl(Inline)] public static V512<E> LoadBFloat16(void* p) => new((LoadBits(p) << 16).As<uint, E>());

    // u + 0x7fff + (u >> 16 & 1) carries into the upper half where it is to be rounded up.
    [MethodImpl(Inline)]
    public static void StoreBFloat16(V512<E> x, void* p)
    {
        Vector512<uint> u = x.V.AsUInt32(), r = (u + Vector512.Create(0x7fffu) + (u >>> 16 & Vector512<uint>.One)) >>> 16;
        StoreBits(Vector512.ConditionalSelect(Vector512.Equals(x.V.AsSingle(), x.V.AsSingle()).AsUInt32(), r, Vector512.Create(0x7fc0u)), p);
    }

    // Times 2¹¹² the exponent's bias is right, subnormal numbers included; infinity and NaN keep the highest exponent.
    [MethodImpl(Inline)]
    public static V512<E> LoadHalf(void* p)
    {
        Vector512<uint> u = LoadBits(p), m = u & Vector512.Create(0x7fffu), f = (((m << 13).AsSingle()) * 5.192296858534828e33f).AsUInt32();
        f |= Vector512.GreaterThan(m.AsInt32(), Vector512.Create(0x7bff)).AsUInt32() & Vector512.Create(0x7f800000u);
        return new((f | (u & Vector512.Create(0x8000u)) << 16).As<uint, E>());
    }

    // To x is added 2¹³ times its power of two, 2⁻¹ at least: the sum's last place is the half's, and the sum rounds. In its low 16 bits then are the half's mantissa with
    // the leading one, and 2¹¹ more; the exponent, shifted down to where the half has it, is as much too small. What is too large becomes 2¹⁶, which is infinity.
    [MethodImpl(Inline)]
    public static void StoreHalf(V512<E> x, void* p)
    {
        Vector512<uint> u = x.V.AsUInt32();
        Vector512<float> a = Vector512.MinNative((u & Vector512.Create(0x7fffffffu)).AsSingle(), Vector512.Create(65536f));
        Vector512<int> power = Vector512.Max(a.AsInt32() & Vector512.Create(0x7f800000), Vector512.Create(0x38800000)) + Vector512.Create(13 << 23 | 0x800);
        Vector512<uint> sum = (a + power.AsSingle()).AsUInt32(), r = sum + (sum >>> 13);
        r = Vector512.ConditionalSelect(Vector512.Equals(x.V.AsSingle(), x.V.AsSingle()).AsUInt32(), r, Vector512.Create(0x7e00u));
        StoreBits(r | u >>> 16 & Vector512.Create(0x8000u), p);
    }

    [MethodImpl(Inline)]
    public static double Fold<TOp>(V512<E> x) where TOp : struct, IReduceOp
    {
        if (!IsDouble)
        {
            var (lower, upper) = Vector512.Widen(x.V.AsSingle());
            return V512<double>.Fold<TOp>(TOp.Real(new V512<double>(lower), new V512<double>(upper)));
        }
        var d = x.V.AsDouble();
        return V256<double>.Fold<TOp>(TOp.Real(new V256<double>(d.GetLower()), new V256<double>(d.GetUpper())));
    }

    [MethodImpl(Inline)] public static V512<E> Narrow(double* p) => IsDouble
        ? new(Vector512.Load(p).As<double, E>()) : new(Vector512.Narrow(Vector512.Load(p), Vector512.Load(p + Vector512<double>.Count)).As<float, E>());

    [MethodImpl(Inline)]
    public static void Accumulate<TOp>(V512<E> x, double* totals) where TOp : struct, IReduceOp
    {
        if (IsDouble)
        {
            TOp.Real(new V512<double>(Vector512.Load(totals)), new V512<double>(x.V.AsDouble())).V.Store(totals);
            return;
        }
        var (lower, upper) = Vector512.Widen(x.V.AsSingle());
        double* second = totals + Vector512<double>.Count;
        TOp.Real(new V512<double>(Vector512.Load(totals)), new V512<double>(lower)).V.Store(totals);
        TOp.Real(new V512<double>(Vector512.Load(second)), new V512<double>(upper)).V.Store(second);
    }

    public static V512<E> InDouble<TFunction>(V512<E> x) where TFunction : struct, ILaneFunction
    {
        if (IsDouble) return TFunction.Apply(x);
        var (lower, upper) = Vector512.Widen(x.V.AsSingle());
        lower = TFunction.Apply(new V512<double>(lower)).V;
        upper = TFunction.Apply(new V512<double>(upper)).V;
        return new(Vector512.Narrow(lower, upper).As<float, E>());
    }

    [MethodImpl(Inline)] public static V512<E> Map<TOp>(TOp op, V512<E> x) where TOp : struct, IUnaryOp => op.Forward(x);
    [MethodImpl(Inline)] public static V512<E> Map<TOp>(TOp op, V512<E> a, V512<E> b) where TOp : struct, IBinaryOp => op.Forward(a, b);
    public static V512<E> Each<TFunction>(TFunction f, V512<E> a, V512<E> b) where TFunction : struct, IScalarFunction => VectorMath.Each(f, a, b);
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
    [MethodImpl(Inline)] public static V512<E> Fmod(V512<E> a, V512<E> b) => VectorMath.Fmod(a, b);
    [MethodImpl(Inline)] public static V512<E> Erf(V512<E> x) => VectorMath.Erf(x);
    [MethodImpl(Inline)] public static V512<E> NormalCdf(V512<E> x) => VectorMath.NormalCdf(x);
    [MethodImpl(Inline)] public static V512<E> Erfc(V512<E> x) => VectorMath.Erfc(x);
    [MethodImpl(Inline)] public static V512<E> Lgamma(V512<E> x) => VectorMath.Lgamma(x);
    [MethodImpl(Inline)] public static V512<E> Digamma(V512<E> x) => VectorMath.Digamma(x);
}
