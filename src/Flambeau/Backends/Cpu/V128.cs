using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Flambeau.Backends.Reference;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A lane of 128 bits. V128, V256 and V512 are one text: .NET has no public interface over its vector widths.</summary>
/// <remarks>
/// A method inlines calls until it has 512 locals, and every call has two or three: members reinterpret in place rather than by helpers.
/// </remarks>
internal unsafe struct V128<E>(Vector128<E> v) : ILane<V128<E>> where E : unmanaged
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public Vector128<E> V = v;

    public static int Count { [MethodImpl(Inline)] get => Vector128<E>.Count; }
    public static bool IsDouble { [MethodImpl(Inline)] get => typeof(E) == typeof(double); }

    [MethodImpl(Inline)] public static V128<E> Load(void* p) => new(Vector128.Load((E*)p));
    [MethodImpl(Inline)]
    public static V128<E> LoadPart(void* p, V128<E> mask, V128<E> rest)
    {
        if (Avx.IsSupported)
            return Where(mask, IsDouble ? new(Avx.MaskLoad((double*)p, mask.V.AsDouble()).As<double, E>()) : new(Avx.MaskLoad((float*)p, mask.V.AsSingle()).As<float, E>()), rest);
        return Tail<V128<E>>.Gather(p, mask, rest);
    }

    [MethodImpl(Inline)] public static V128<E> Broadcast(void* p) => new(Vector128.Create(*(E*)p));
    [MethodImpl(Inline)] public static V128<E> MulAdd(V128<E> a, V128<E> b, V128<E> c) => IsDouble
        ? new(Vector128.MultiplyAddEstimate(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Vector128.MultiplyAddEstimate(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static void AddProduct(ref V128<E> sum, V128<E> a, V128<E> b) => sum.V = IsDouble
        ? Vector128.MultiplyAddEstimate(a.V.AsDouble(), b.V.AsDouble(), sum.V.AsDouble()).As<double, E>()
        : Vector128.MultiplyAddEstimate(a.V.AsSingle(), b.V.AsSingle(), sum.V.AsSingle()).As<float, E>();
    [MethodImpl(Inline)] public static V128<E> MulSub(V128<E> a, V128<E> b, V128<E> c) => !System.Runtime.Intrinsics.X86.Fma.IsSupported ? MulAdd(a, b, -c) : IsDouble
        ? new(System.Runtime.Intrinsics.X86.Fma.MultiplySubtract(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(System.Runtime.Intrinsics.X86.Fma.MultiplySubtract(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static void Store(V128<E> x, void* p) => x.V.Store((E*)p);
    [MethodImpl(Inline)] public static void Stream(V128<E> x, void* p) => x.V.StoreAlignedNonTemporal((E*)p);
    [MethodImpl(Inline)] public static V128<E> Const(double c) => IsDouble
        ? new(Vector128.Create(c).As<double, E>()) : new(Vector128.Create((float)c).As<float, E>());
    [MethodImpl(Inline)] public static V128<E> Const(Coefficient c) => IsDouble
        ? new(Vector128.Create(c.Double).As<double, E>()) : new(Vector128.Create(c.Single).As<float, E>());
    public static V128<E> Zero { [MethodImpl(Inline)] get => new(Vector128<E>.Zero); }
    public static V128<E> One { [MethodImpl(Inline)] get => new(Vector128<E>.One); }

    [MethodImpl(Inline)] public static V128<E> Plus(V128<E> a, void* p) => new(a.V + Vector128.Load((E*)p));
    [MethodImpl(Inline)] public static V128<E> operator +(V128<E> a, V128<E> b) => new(a.V + b.V);
    [MethodImpl(Inline)] public static V128<E> operator -(V128<E> a, V128<E> b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static V128<E> operator *(V128<E> a, V128<E> b) => new(a.V * b.V);
    [MethodImpl(Inline)] public static V128<E> operator /(V128<E> a, V128<E> b) => new(a.V / b.V);
    [MethodImpl(Inline)] public static V128<E> operator -(V128<E> a) => new(-a.V);
    [MethodImpl(Inline)] public static V128<E> Fma(V128<E> a, V128<E> b, V128<E> c) => Fused.IsMissing ? new(IsDouble
            ? Fused.MultiplyAdd(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>()
            : Fused.MultiplyAdd(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>())
        : IsDouble
        ? new(Vector128.FusedMultiplyAdd(a.V.AsDouble(), b.V.AsDouble(), c.V.AsDouble()).As<double, E>())
        : new(Vector128.FusedMultiplyAdd(a.V.AsSingle(), b.V.AsSingle(), c.V.AsSingle()).As<float, E>());

    [MethodImpl(Inline)] public static V128<E> Abs(V128<E> x) => new(Vector128.Abs(x.V));
    [MethodImpl(Inline)] public static V128<E> Conj(V128<E> x) => x;
    [MethodImpl(Inline)] public static V128<E> Sqrt(V128<E> x) => new(Vector128.Sqrt(x.V));
    // The library's mind the sign of zero too, which PyTorch does not: six to nine instructions, or three of AVX-512. Of these here, one is left where a is the same in all rounds of a loop.
    [MethodImpl(Inline)] public static V128<E> Min(V128<E> a, V128<E> b) => Avx.IsSupported ? Where(Equal(a, a), MinNative(a, b), a) : new(Vector128.Min(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> Max(V128<E> a, V128<E> b) => Avx.IsSupported ? Where(Equal(a, a), MaxNative(a, b), a) : new(Vector128.Max(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> MinNative(V128<E> a, V128<E> b) => new(Vector128.MinNative(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> MaxNative(V128<E> a, V128<E> b) => new(Vector128.MaxNative(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> Floor(V128<E> x) => IsDouble
        ? new(Vector128.Floor(x.V.AsDouble()).As<double, E>()) : new(Vector128.Floor(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V128<E> Ceil(V128<E> x) => IsDouble
        ? new(Vector128.Ceiling(x.V.AsDouble()).As<double, E>()) : new(Vector128.Ceiling(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V128<E> Round(V128<E> x) => IsDouble
        ? new(Vector128.Round(x.V.AsDouble()).As<double, E>()) : new(Vector128.Round(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V128<E> Trunc(V128<E> x) => IsDouble
        ? new(Vector128.Truncate(x.V.AsDouble()).As<double, E>()) : new(Vector128.Truncate(x.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V128<E> CopySign(V128<E> m, V128<E> s) => new(Vector128.CopySign(m.V, s.V));

    [MethodImpl(Inline)] public static V128<E> Less(V128<E> a, V128<E> b) => new(Vector128.LessThan(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> LessEqual(V128<E> a, V128<E> b) => new(Vector128.LessThanOrEqual(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> Equal(V128<E> a, V128<E> b) => new(Vector128.Equals(a.V, b.V));
    [MethodImpl(Inline)] public static V128<E> And(V128<E> a, V128<E> b) => new(a.V & b.V);
    [MethodImpl(Inline)] public static V128<E> Or(V128<E> a, V128<E> b) => new(a.V | b.V);
    [MethodImpl(Inline)] public static V128<E> Not(V128<E> a) => new(~a.V);
    [MethodImpl(Inline)] public static V128<E> Xor(V128<E> a, V128<E> b) => new(a.V ^ b.V);
    [MethodImpl(Inline)] public static V128<E> BitMask(V128<E> x, int bit) => IsDouble
        ? new(((x.V.AsInt64() << (63 - bit)) >> 63).As<long, E>()) : new(((x.V.AsInt32() << (31 - bit)) >> 31).As<int, E>());
    [MethodImpl(Inline)]
    public static V128<E> Where(V128<E> mask, V128<E> yes, V128<E> no) => !Avx.IsSupported || Avx512F.VL.IsSupported ? new(Vector128.ConditionalSelect(mask.V, yes.V, no.V)) : IsDouble
        ? new(Sse41.BlendVariable(no.V.AsDouble(), yes.V.AsDouble(), mask.V.AsDouble()).As<double, E>())
        : new(Sse41.BlendVariable(no.V.AsSingle(), yes.V.AsSingle(), mask.V.AsSingle()).As<float, E>());
    [MethodImpl(Inline)] public static V128<E> Lookup(float* row, V128<E> x, int bit)
    {
        var at = (x.V.AsInt32() >>> bit) & Vector128.Create(15);
        if (AdvSimd.Arm64.IsSupported)
        {
            byte* p = (byte*)row;
            var places = (at * 0x04040404 + Vector128.Create(0x03020100)).AsByte();
            return new(AdvSimd.Arm64.VectorTableLookup((Vector128.Load(p), Vector128.Load(p + 16), Vector128.Load(p + 32), Vector128.Load(p + 48)), places).As<byte, E>());
        }
        return new(Vector128.Create(row[at[0]], row[at[1]], row[at[2]], row[at[3]]).As<float, E>());
    }
    [MethodImpl(Inline)] public static ulong MaskBits(V128<E> m) => Vector128.ExtractMostSignificantBits(m.V);

    [MethodImpl(Inline)]
    public static void Unweave(V128<E> a, V128<E> b, out V128<E> even, out V128<E> odd)
    {
        if (IsDouble)
        {
            even = new(Vector128.Create(a.V.AsDouble().GetLower(), b.V.AsDouble().GetLower()).As<double, E>());
            odd = new(Vector128.Create(a.V.AsDouble().GetUpper(), b.V.AsDouble().GetUpper()).As<double, E>());
        }
        else
        {
            Vector128<float> p = Vector128.Shuffle(a.V.AsSingle(), Vector128.Create(0, 2, 1, 3)), q = Vector128.Shuffle(b.V.AsSingle(), Vector128.Create(0, 2, 1, 3));
            even = new(Vector128.Create(p.GetLower(), q.GetLower()).As<float, E>());
            odd = new(Vector128.Create(p.GetUpper(), q.GetUpper()).As<float, E>());
        }
    }

    [MethodImpl(Inline)]
    public static void Weave(V128<E> even, V128<E> odd, out V128<E> a, out V128<E> b)
    {
        a = new(Vector128.Create(even.V.GetLower(), odd.V.GetLower()));
        b = new(Vector128.Create(even.V.GetUpper(), odd.V.GetUpper()));
        if (IsDouble) return;
        a = new(Vector128.Shuffle(a.V.AsSingle(), Vector128.Create(0, 2, 1, 3)).As<float, E>());
        b = new(Vector128.Shuffle(b.V.AsSingle(), Vector128.Create(0, 2, 1, 3)).As<float, E>());
    }

    [MethodImpl(Inline)]
    public static V128<E> Reverse(V128<E> x) => IsDouble
        ? new(Vector128.Shuffle(x.V.AsDouble(), Vector128.Create(1L, 0)).As<double, E>())
        : new(Vector128.Shuffle(x.V.AsSingle(), Vector128.Create(3, 2, 1, 0)).As<float, E>());

    [MethodImpl(Inline)]
    public static V128<E> Ldexp(V128<E> x, V128<E> n)
    {
        // Without an instruction for it: 2ⁿ itself need not be representable, so by 2^⌊n/2⌋, which is exact, and by the rest, which rounds.
        // 2ⁿ is n + bias shifted into the exponent; adding 1.5 · 2⁵² (2²³) makes it the low bits of the representation.
        if (IsDouble)
        {
            var d = n.V.AsDouble();
            if (Avx512F.VL.IsSupported) return new(Avx512F.VL.Scale(x.V.AsDouble(), d).As<double, E>());
            var bias = Vector128.Create(6755399441055744.0 + 1023);
            var half = Vector128.Floor(d * 0.5);
            var exact = x.V.AsDouble() * ((half + bias).AsInt64() << 52).AsDouble();
            return new((exact * ((d - half + bias).AsInt64() << 52).AsDouble()).As<double, E>());
        }
        else
        {
            var f = n.V.AsSingle();
            if (Avx512F.VL.IsSupported) return new(Avx512F.VL.Scale(x.V.AsSingle(), f).As<float, E>());
            var bias = Vector128.Create(12582912f + 127);
            var half = Vector128.Floor(f * 0.5f);
            var exact = x.V.AsSingle() * ((half + bias).AsInt32() << 23).AsSingle();
            return new((exact * ((f - half + bias).AsInt32() << 23).AsSingle()).As<float, E>());
        }
    }

    [MethodImpl(Inline)]
    public static V128<E> Frexp(V128<E> x, out V128<E> e)
    {
        if (IsDouble)
        {
            var d = x.V.AsDouble();
            var tiny = Vector128.LessThan(d, Vector128.Create(2.2250738585072014e-308));
            var u = Vector128.ConditionalSelect(tiny, d * 18014398509481984.0, d).AsInt64();                      // · 2⁵⁴
            // Less the bits of √½ / 2¹⁰²³ there are e + 1023 above and m's mantissa, as counted from √½, below.
            var t = u - Vector128.Create(0x3fe6a09e667f3bcdL - (1023L << 52));
            var biased = ((t >>> 52) | Vector128.Create(0x4330000000000000L)).AsDouble();                         // + 2⁵²
            e = new((biased - Vector128.Create(4503599627370496.0 + 1023) - (tiny & Vector128.Create(54.0))).As<double, E>());
            return new(((t & Vector128.Create((1L << 52) - 1)) + Vector128.Create(0x3fe6a09e667f3bcdL)).As<long, E>());
        }
        else
        {
            var f = x.V.AsSingle();
            var tiny = Vector128.LessThan(f, Vector128.Create(1.17549435e-38f));
            var u = Vector128.ConditionalSelect(tiny, f * 33554432f, f).AsInt32();                                // · 2²⁵
            var k = (u - Vector128.Create(0x3f3504f3)) >> 23;                                                    // the bits of √½
            e = new((Vector128.ConvertToSingle(k) - (tiny & Vector128.Create(25f))).As<float, E>());
            return new((u - (k << 23)).As<int, E>());
        }
    }

    // Sixteen-bit numbers and floats. The bits of either half, widened, are those of a float but for the width of the exponent.

    [MethodImpl(Inline)]
    static Vector128<uint> LoadBits(void* p)
    {
        Vector128<ushort> h = Vector128.CreateScalarUnsafe(*(ulong*)p).AsUInt16();
        return Vector128.WidenLower(h);
    }

    [MethodImpl(Inline)]
    static void StoreBits(Vector128<uint> u, void* p)
    {
        *(ulong*)p = Vector128.Narrow(u, u).AsUInt64().ToScalar();
    }

    [MethodImpl(Inline)] public static V128<E> LoadBFloat16(void* p) => new((LoadBits(p) << 16).As<uint, E>());

    // u + 0x7fff + (u >> 16 & 1) carries into the upper half where it is to be rounded up.
    [MethodImpl(Inline)]
    public static void StoreBFloat16(V128<E> x, void* p)
    {
        Vector128<uint> u = x.V.AsUInt32(), r = (u + Vector128.Create(0x7fffu) + (u >>> 16 & Vector128<uint>.One)) >>> 16;
        StoreBits(Vector128.ConditionalSelect(Vector128.Equals(x.V.AsSingle(), x.V.AsSingle()).AsUInt32(), r, Vector128.Create(0x7fc0u)), p);
    }

    // Times 2¹¹² the exponent's bias is right, subnormal numbers included; infinity and NaN keep the highest exponent.
    [MethodImpl(Inline)]
    public static V128<E> LoadHalf(void* p)
    {
        Vector128<uint> u = LoadBits(p), m = u & Vector128.Create(0x7fffu), f = (((m << 13).AsSingle()) * 5.192296858534828e33f).AsUInt32();
        f |= Vector128.GreaterThan(m.AsInt32(), Vector128.Create(0x7bff)).AsUInt32() & Vector128.Create(0x7f800000u);
        return new((f | (u & Vector128.Create(0x8000u)) << 16).As<uint, E>());
    }

    // To x is added 2¹³ times its power of two, 2⁻¹ at least: the sum's last place is the half's, and the sum rounds. In its low 16 bits then are the half's mantissa with
    // the leading one, and 2¹¹ more; the exponent, shifted down to where the half has it, is as much too small. What is too large becomes 2¹⁶, which is infinity.
    [MethodImpl(Inline)]
    public static void StoreHalf(V128<E> x, void* p)
    {
        Vector128<uint> u = x.V.AsUInt32();
        Vector128<float> a = Vector128.MinNative((u & Vector128.Create(0x7fffffffu)).AsSingle(), Vector128.Create(65536f));
        Vector128<int> power = Vector128.Max(a.AsInt32() & Vector128.Create(0x7f800000), Vector128.Create(0x38800000)) + Vector128.Create(13 << 23 | 0x800);
        Vector128<uint> sum = (a + power.AsSingle()).AsUInt32(), r = sum + (sum >>> 13);
        r = Vector128.ConditionalSelect(Vector128.Equals(x.V.AsSingle(), x.V.AsSingle()).AsUInt32(), r, Vector128.Create(0x7e00u));
        StoreBits(r | u >>> 16 & Vector128.Create(0x8000u), p);
    }

    [MethodImpl(Inline)]
    public static double Fold<TOp>(V128<E> x) where TOp : struct, IReduceOp
    {
        if (!IsDouble)
        {
            var (lower, upper) = Vector128.Widen(x.V.AsSingle());
            return V128<double>.Fold<TOp>(TOp.Real(new V128<double>(lower), new V128<double>(upper)));
        }
        var d = x.V.AsDouble();
        return TOp.Real(new Ref(d[0]), new Ref(d[1])).Value;
    }

    [MethodImpl(Inline)] public static V128<E> Narrow(double* p) => IsDouble
        ? new(Vector128.Load(p).As<double, E>()) : new(Vector128.Narrow(Vector128.Load(p), Vector128.Load(p + Vector128<double>.Count)).As<float, E>());

    [MethodImpl(Inline)]
    public static void Accumulate<TOp>(V128<E> x, double* totals) where TOp : struct, IReduceOp
    {
        if (IsDouble)
        {
            TOp.Real(new V128<double>(Vector128.Load(totals)), new V128<double>(x.V.AsDouble())).V.Store(totals);
            return;
        }
        var (lower, upper) = Vector128.Widen(x.V.AsSingle());
        double* second = totals + Vector128<double>.Count;
        TOp.Real(new V128<double>(Vector128.Load(totals)), new V128<double>(lower)).V.Store(totals);
        TOp.Real(new V128<double>(Vector128.Load(second)), new V128<double>(upper)).V.Store(second);
    }

    public static V128<E> InDouble<TFunction>(V128<E> x) where TFunction : struct, ILaneFunction
    {
        if (IsDouble) return TFunction.Apply(x);
        var (lower, upper) = Vector128.Widen(x.V.AsSingle());
        lower = TFunction.Apply(new V128<double>(lower)).V;
        upper = TFunction.Apply(new V128<double>(upper)).V;
        return new(Vector128.Narrow(lower, upper).As<float, E>());
    }

    [MethodImpl(Inline)] public static V128<E> Map<TOp>(TOp op, V128<E> x) where TOp : struct, IUnaryOp => op.Forward(x);
    [MethodImpl(Inline)] public static V128<E> Map<TOp>(TOp op, V128<E> a, V128<E> b) where TOp : struct, IBinaryOp => op.Forward(a, b);
    public static V128<E> Each<TFunction>(TFunction f, V128<E> a, V128<E> b) where TFunction : struct, IScalarFunction => VectorMath.Each(f, a, b);
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
    [MethodImpl(Inline)] public static V128<E> Fmod(V128<E> a, V128<E> b) => VectorMath.Fmod(a, b);
    [MethodImpl(Inline)] public static V128<E> Erf(V128<E> x) => VectorMath.Erf(x);
    [MethodImpl(Inline)] public static V128<E> NormalCdf(V128<E> x) => VectorMath.NormalCdf(x);
    [MethodImpl(Inline)] public static V128<E> Erfc(V128<E> x) => VectorMath.Erfc(x);
    [MethodImpl(Inline)] public static V128<E> Lgamma(V128<E> x) => VectorMath.Lgamma(x);
    [MethodImpl(Inline)] public static V128<E> Digamma(V128<E> x) => VectorMath.Digamma(x);
}
