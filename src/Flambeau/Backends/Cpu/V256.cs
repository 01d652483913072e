using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A lane of 256 bits. V128, V256 and V512 are one text: .NET has no public interface over its vector widths.</summary>
/// <remarks>
/// A method inlines calls until it has 512 locals, and every call has two or three: members reinterpret in place rather than by helpers.
/// </remarks>
internal unsafe struct V256<E>(Vector256<E> v) : ILane<V256<E>> where E : unmanaged
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public Vector256<E> V = v;

    public static int Count { [MethodImpl(Inline)] get => Vector256<E>.Count; }
    public static bool IsDouble { [MethodImpl(Inline)] get => typeof(E) == typeof(double); }

    [MethodImpl(Inline)] public static V256<E> Load(void* p) => new(Vector256.Load((E*)p));
    [MethodImpl(Inline)]
    public static V256<E> LoadPart(void* p, V256<E> mask, V256<E> rest)
    {
        if (Avx.IsSupported)
            return Where(mask, IsDouble ? new(Avx.MaskLoad((double*)p, mask.V.AsDouble()).As<double, E>()) : new(Avx.MaskLoad((float*)p, mask.V.AsSingle()).As<float, E>()), rest);
        return Tail<V256<E>>.Gather(p, mask, rest);
    }

    [MethodImpl(Inline)] public static V256<E> Broadcast(void* p) => new(Vector256.Create(*(E*)p));
    [MethodImpl(Inline)] public static V256<E> MulAdd(V256<E> a, V256<E> b, V256<E> c) => IsDouble
        ? new(Vector256.MultiplyAddEstimate(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Vector256.MultiplyAddEstimate(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static void AddProduct(ref V256<E> sum, V256<E> a, V256<E> b) => sum.V = IsDouble
        ? Vector256.MultiplyAddEstimate(a.V.AsDouble(), b.V.AsDouble(), sum.V.AsDouble()).As<double, E>()
        : Vector256.MultiplyAddEstimate(a.V.AsSingle(), b.V.AsSingle(), sum.V.AsSingle()).As<float, E>();
    [MethodImpl(Inline)] public static V256<E> MulSub(V256<E> a, V256<E> b, V256<E> c) => !System.Runtime.Intrinsics.X86.Fma.IsSupported ? MulAdd(a, b, -c) : IsDouble
        ? new(System.Runtime.Intrinsics.X86.Fma.MultiplySubtract(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(System.Runtime.Intrinsics.X86.Fma.MultiplySubtract(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static void Store(V256<E> x, void* p) => x.V.Store((E*)p);
    [MethodImpl(Inline)] public static void Stream(V256<E> x, void* p) => x.V.StoreAlignedNonTemporal((E*)p);
    [MethodImpl(Inline)] public static V256<E> Const(double c) => IsDouble
        ? new(Vector256.Create(c).As<double, E>()) : new(Vector256.Create((float)c).As<float, E>());
    [MethodImpl(Inline)] public static V256<E> Const(Coefficient c) => IsDouble
        ? new(Vector256.Create(c.Double).As<double, E>()) : new(Vector256.Create(c.Single).As<float, E>());
    public static V256<E> Zero { [MethodImpl(Inline)] get => new(Vector256<E>.Zero); }
    public static V256<E> One { [MethodImpl(Inline)] get => new(Vector256<E>.One); }

    [MethodImpl(Inline)] public static V256<E> Plus(V256<E> a, void* p) => new(a.V + Vector256.Load((E*)p));
    [MethodImpl(Inline)] public static V256<E> operator +(V256<E> a, V256<E> b) => new(a.V + b.V);
    [MethodImpl(Inline)] public static V256<E> operator -(V256<E> a, V256<E> b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static V256<E> operator *(V256<E> a, V256<E> b) => new(a.V * b.V);
    [MethodImpl(Inline)] public static V256<E> operator /(V256<E> a, V256<E> b) => new(a.V / b.V);
    [MethodImpl(Inline)] public static V256<E> operator -(V256<E> a) => new(-a.V);
    [MethodImpl(Inline)] public static V256<E> Fma(V256<E> a, V256<E> b, V256<E> c) => IsDouble
        ? new(Vector256.FusedMultiplyAdd(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Vector256.FusedMultiplyAdd(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());

    [MethodImpl(Inline)] public static V256<E> Abs(V256<E> x) => new(Vector256.Abs(x.V));
    [MethodImpl(Inline)] public static V256<E> Conj(V256<E> x) => x;
    [MethodImpl(Inline)] public static V256<E> Sqrt(V256<E> x) => new(Vector256.Sqrt(x.V));
    // The library's mind the sign of zero too, which PyTorch does not: six to nine instructions, or three of AVX-512. Of these here, one is left where a is the same in all rounds of a loop.
    [MethodImpl(Inline)] public static V256<E> Min(V256<E> a, V256<E> b) => Avx.IsSupported ? Where(Equal(a, a), MinNative(a, b), a) : new(Vector256.Min(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> Max(V256<E> a, V256<E> b) => Avx.IsSupported ? Where(Equal(a, a), MaxNative(a, b), a) : new(Vector256.Max(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> MinNative(V256<E> a, V256<E> b) => new(Vector256.MinNative(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> MaxNative(V256<E> a, V256<E> b) => new(Vector256.MaxNative(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> Floor(V256<E> x) => IsDouble
        ? new(Vector256.Floor(x.V.AsDouble()).As<double, E>()) : new(Vector256.Floor(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V256<E> Ceil(V256<E> x) => IsDouble
        ? new(Vector256.Ceiling(x.V.AsDouble()).As<double, E>()) : new(Vector256.Ceiling(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V256<E> Round(V256<E> x) => IsDouble
        ? new(Vector256.Round(x.V.AsDouble()).As<double, E>()) : new(Vector256.Round(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V256<E> Trunc(V256<E> x) => IsDouble
        ? new(Vector256.Truncate(x.V.AsDouble()).As<double, E>()) : new(Vector256.Truncate(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V256<E> CopySign(V256<E> m, V256<E> s) => new(Vector256.CopySign(m.V, s.V));

    [MethodImpl(Inline)] public static V256<E> Less(V256<E> a, V256<E> b) => new(Vector256.LessThan(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> LessEqual(V256<E> a, V256<E> b) => new(Vector256.LessThanOrEqual(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> Equal(V256<E> a, V256<E> b) => new(Vector256.Equals(a.V, b.V));
    [MethodImpl(Inline)] public static V256<E> And(V256<E> a, V256<E> b) => new(a.V & b.V);
    [MethodImpl(Inline)] public static V256<E> Or(V256<E> a, V256<E> b) => new(a.V | b.V);
    [MethodImpl(Inline)] public static V256<E> Not(V256<E> a) => new(~a.V);
    [MethodImpl(Inline)] public static V256<E> Xor(V256<E> a, V256<E> b) => new(a.V ^ b.V);
    [MethodImpl(Inline)] public static V256<E> BitMask(V256<E> x, int bit) => IsDouble
        ? new(((x.V.AsInt64() << (63 - bit)) >> 63).As<long, E>()) : new(((x.V.AsInt32() << (31 - bit)) >> 31).As<int, E>());
    [MethodImpl(Inline)]
    public static V256<E> Where(V256<E> mask, V256<E> yes, V256<E> no) => !Avx.IsSupported || Avx512F.VL.IsSupported ? new(Vector256.ConditionalSelect(mask.V, yes.V, no.V)) : IsDouble
        ? new(Avx.BlendVariable(no.V.AsDouble(), yes.V.AsDouble(), mask.V.AsDouble()).As<double, E>())
        : new(Avx.BlendVariable(no.V.AsSingle(), yes.V.AsSingle(), mask.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V256<E> Lookup(float* row, V256<E> x, int bit)
    {
        var at = x.V.AsInt32() >>> bit;
        if (Avx2.IsSupported)
            return new(Avx.BlendVariable(Avx2.PermuteVar8x32(Vector256.Load(row), at), Avx2.PermuteVar8x32(Vector256.Load(row + 8), at), (at << 28).AsSingle()).As<float, E>());
        return new(Vector256.Create(V128<float>.Lookup(row, new(x.V.GetLower().AsSingle()), bit).V, V128<float>.Lookup(row, new(x.V.GetUpper().AsSingle()), bit).V).As<float, E>());
    }
    [MethodImpl(Inline)] public static ulong MaskBits(V256<E> m) => Vector256.ExtractMostSignificantBits(m.V);

    // Halves of 128 bits on their own, then their quarters in order.
    [MethodImpl(Inline)]
    public static void Unweave(V256<E> a, V256<E> b, out V256<E> even, out V256<E> odd)
    {
        if (IsDouble)
        {
            even = new(Avx2.Permute4x64(Avx.UnpackLow(a.V.AsDouble(), b.V.AsDouble()), 0xd8).As<double, E>());
            odd = new(Avx2.Permute4x64(Avx.UnpackHigh(a.V.AsDouble(), b.V.AsDouble()), 0xd8).As<double, E>());
        }
        else
        {
            even = new(Avx2.Permute4x64(Avx.Shuffle(a.V.AsSingle(), b.V.AsSingle(), 0x88).AsDouble(), 0xd8).As<double, E>());
            odd = new(Avx2.Permute4x64(Avx.Shuffle(a.V.AsSingle(), b.V.AsSingle(), 0xdd).AsDouble(), 0xd8).As<double, E>());
        }
    }

    [MethodImpl(Inline)]
    public static void Weave(V256<E> even, V256<E> odd, out V256<E> a, out V256<E> b)
    {
        Vector256<double> low = IsDouble ? Avx.UnpackLow(even.V.AsDouble(), odd.V.AsDouble()) : Avx.UnpackLow(even.V.AsSingle(), odd.V.AsSingle()).AsDouble();
        Vector256<double> high = IsDouble ? Avx.UnpackHigh(even.V.AsDouble(), odd.V.AsDouble()) : Avx.UnpackHigh(even.V.AsSingle(), odd.V.AsSingle()).AsDouble();
        a = new(Avx.Permute2x128(low, high, 0x20).As<double, E>());
        b = new(Avx.Permute2x128(low, high, 0x31).As<double, E>());
    }

    [MethodImpl(Inline)]
    public static V256<E> Reverse(V256<E> x) => IsDouble
        ? new(Vector256.Shuffle(x.V.AsDouble(), Vector256.Create(3L, 2, 1, 0)).As<double, E>())
        : new(Vector256.Shuffle(x.V.AsSingle(), Vector256.Create(7, 6, 5, 4, 3, 2, 1, 0)).As<float, E>());

    [MethodImpl(Inline)]
    public static V256<E> Ldexp(V256<E> x, V256<E> n)
    {
        // Without an instruction for it: 2ⁿ itself need not be representable, so by 2^⌊n/2⌋, which is exact, and by the rest, which rounds.
        // 2ⁿ is n + bias shifted into the exponent; adding 1.5 · 2⁵² (2²³) makes it the low bits of the representation.
        if (IsDouble)
        {
            var d = n.V.AsDouble();
            if (Avx512F.VL.IsSupported) return new(Avx512F.VL.Scale(x.V.AsDouble(), d).As<double, E>());
            var bias = Vector256.Create(6755399441055744.0 + 1023);
            var half = Vector256.Floor(d * 0.5);
            var exact = x.V.AsDouble() * ((half + bias).AsInt64() << 52).AsDouble();
            return new((exact * ((d - half + bias).AsInt64() << 52).AsDouble()).As<double, E>());
        }
        else
        {
            var f = n.V.AsSingle();
            if (Avx512F.VL.IsSupported) return new(Avx512F.VL.Scale(x.V.AsSingle(), f).As<float, E>());
            var bias = Vector256.Create(12582912f + 127);
            var half = Vector256.Floor(f * 0.5f);
            var exact = x.V.AsSingle() * ((half + bias).AsInt32() << 23).AsSingle();
            return new((exact * ((f - half + bias).AsInt32() << 23).AsSingle()).As<float, E>());
        }
    }

    [MethodImpl(Inline)]
    public static V256<E> Frexp(V256<E> x, out V256<E> e)
    {
        if (IsDouble)
        {
            var d = x.V.AsDouble();
            var tiny = Vector256.LessThan(d, Vector256.Create(2.2250738585072014e-308));
            var u = Vector256.ConditionalSelect(tiny, d * 18014398509481984.0, d).AsInt64();                      // · 2⁵⁴
            // Less the bits of √½ / 2¹⁰²³ there are e + 1023 above and m's mantissa, as counted from √½, below.
            var t = u - Vector256.Create(0x3fe6a09e667f3bcdL - (1023L << 52));
            var biased = ((t >>> 52) | Vector256.Create(0x4330000000000000L)).AsDouble();                         // + 2⁵²
            e = new((biased - Vector256.Create(4503599627370496.0 + 1023) - (tiny & Vector256.Create(54.0))).As<double, E>());
            return new(((t & Vector256.Create((1L << 52) - 1)) + Vector256.Create(0x3fe6a09e667f3bcdL)).As<long, E>());
        }
        else
        {
            var f = x.V.AsSingle();
            var tiny = Vector256.LessThan(f, Vector256.Create(1.17549435e-38f));
            var u = Vector256.ConditionalSelect(tiny, f * 33554432f, f).AsInt32();                                // · 2²⁵
            var k = (u - Vector256.Create(0x3f3504f3)) >> 23;                                                    // the bits of √½
            e = new((Vector256.ConvertToSingle(k) - (tiny & Vector256.Create(25f))).As<float, E>());
            return new((u - (k << 23)).As<int, E>());
        }
    }

    // Sixteen-bit numbers and floats. The bits of either half, widened, are those of a float but for the width of the exponent.

    [MethodImpl(Inline)]
    static Vector256<uint> LoadBits(void* p)
    {
        Vector128<ushort> h = Vector128.Load((ushort*)p);
        return Vector256.Create(Vector128.WidenLower(h), Vector128.WidenUpper(h));
    }

    [MethodImpl(Inline)]
    static void StoreBits(Vector256<uint> u, void* p)
    {
        Vector128.Narrow(u.GetLower(), u.GetUpper()).Store((ushort*)p);
    }

    [MethodImpl(Inline)] public static V256<E> LoadBFloat16(void* p) => new((LoadBits(p) << 16).As<uint, E>());

    // u + 0x7fff + (u >> 16 & 1) carries into the upper half where it is to be rounded up.
    [MethodImpl(Inline)]
    public static void StoreBFloat16(V256<E> x, void* p)
    {
        Vector256<uint> u = x.V.AsUInt32(), r = (u + Vector256.Create(0x7fffu) + (u >>> 16 & Vector256<uint>.One)) >>> 16;
        StoreBits(Vector256.ConditionalSelect(Vector256.Equals(x.V.AsSingle(), x.V.AsSingle()).AsUInt32(), r, Vector256.Create(0x7fc0u)), p);
    }

    // Times 2¹¹² the exponent's bias is right, subnormal numbers included; infinity and NaN keep the highest exponent.
    [MethodImpl(Inline)]
    public static V256<E> LoadHalf(void* p)
    {
        Vector256<uint> u = LoadBits(p), m = u & Vector256.Create(0x7fffu), f = (((m << 13).AsSingle()) * 5.192296858534828e33f).AsUInt32();
        f |= Vector256.GreaterThan(m.AsInt32(), Vector256.Create(0x7bff)).AsUInt32() & Vector256.Create(0x7f800000u);
        return new((f | (u & Vector256.Create(0x8000u)) << 16).As<uint, E>());
    }

    // To x is added 2¹³ times its power of two, 2⁻¹ at least: the sum's last place is the half's, and the sum rounds. In its low 16 bits then are the half's mantissa with
    // the leading one, and 2¹¹ more; the exponent, shifted down to where the half has it, is as much too small. What is too large becomes 2¹⁶, which is infinity.
    [MethodImpl(Inline)]
    public static void StoreHalf(V256<E> x, void* p)
    {
        Vector256<uint> u = x.V.AsUInt32();
        Vector256<float> a = Vector256.MinNative((u & Vector256.Create(0x7fffffffu)).AsSingle(), Vector256.Create(65536f));
        Vector256<int> power = Vector256.Max(a.AsInt32() & Vector256.Create(0x7f800000), Vector256.Create(0x38800000)) + Vector256.Create(13 << 23 | 0x800);
        Vector256<uint> sum = (a + power.AsSingle()).AsUInt32(), r = sum + (sum >>> 13);
        r = Vector256.ConditionalSelect(Vector256.Equals(x.V.AsSingle(), x.V.AsSingle()).AsUInt32(), r, Vector256.Create(0x7e00u));
        StoreBits(r | u >>> 16 & Vector256.Create(0x8000u), p);
    }

    [MethodImpl(Inline)]
    public static double Fold<TOp>(V256<E> x) where TOp : struct, IReduceOp
    {
        if (!IsDouble)
        {
            var (lower, upper) = Vector256.Widen(x.V.AsSingle());
            return V256<double>.Fold<TOp>(TOp.Real(new V256<double>(lower), new V256<double>(upper)));
        }
        var d = x.V.AsDouble();
        return V128<double>.Fold<TOp>(TOp.Real(new V128<double>(d.GetLower()), new V128<double>(d.GetUpper())));
    }

    [MethodImpl(Inline)] public static V256<E> Narrow(double* p) => IsDouble
        ? new(Vector256.Load(p).As<double, E>()) : new(Vector256.Narrow(Vector256.Load(p), Vector256.Load(p + Vector256<double>.Count)).As<float, E>());

    [MethodImpl(Inline)]
    public static void Accumulate<TOp>(V256<E> x, double* totals) where TOp : struct, IReduceOp
    {
        if (IsDouble)
        {
            TOp.Real(new V256<double>(Vector256.Load(totals)), new V256<double>(x.V.AsDouble())).V.Store(totals);
            return;
        }
        var (lower, upper) = Vector256.Widen(x.V.AsSingle());
        double* second = totals + Vector256<double>.Count;
        TOp.Real(new V256<double>(Vector256.Load(totals)), new V256<double>(lower)).V.Store(totals);
        TOp.Real(new V256<double>(Vector256.Load(second)), new V256<double>(upper)).V.Store(second);
    }

    public static V256<E> InDouble<TFunction>(V256<E> x) where TFunction : struct, ILaneFunction
    {
        if (IsDouble) return TFunction.Apply(x);
        var (lower, upper) = Vector256.Widen(x.V.AsSingle());
        lower = TFunction.Apply(new V256<double>(lower)).V;
        upper = TFunction.Apply(new V256<double>(upper)).V;
        return new(Vector256.Narrow(lower, upper).As<float, E>());
    }

    [MethodImpl(Inline)] public static V256<E> Map<TOp>(TOp op, V256<E> x) where TOp : struct, IUnaryOp => op.Forward(x);
    [MethodImpl(Inline)] public static V256<E> Map<TOp>(TOp op, V256<E> a, V256<E> b) where TOp : struct, IBinaryOp => op.Forward(a, b);
    public static V256<E> Each<TFunction>(TFunction f, V256<E> a, V256<E> b) where TFunction : struct, IScalarFunction => VectorMath.Each(f, a, b);
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
    [MethodImpl(Inline)] public static V256<E> Fmod(V256<E> a, V256<E> b) => VectorMath.Fmod(a, b);
    [MethodImpl(Inline)] public static V256<E> Erf(V256<E> x) => VectorMath.Erf(x);
    [MethodImpl(Inline)] public static V256<E> NormalCdf(V256<E> x) => VectorMath.NormalCdf(x);
    [MethodImpl(Inline)] public static V256<E> Erfc(V256<E> x) => VectorMath.Erfc(x);
    [MethodImpl(Inline)] public static V256<E> Lgamma(V256<E> x) => VectorMath.Lgamma(x);
    [MethodImpl(Inline)] public static V256<E> Digamma(V256<E> x) => VectorMath.Digamma(x);
}
