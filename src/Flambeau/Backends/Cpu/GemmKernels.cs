using System.Numerics;
using MatrixProduct = Flambeau.Backends.Cpu.Gemm;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void Gemm(Tensor a, Tensor b, Tensor? bias, Tensor y)
    {
        if (y.Count == 0) return;
        switch (y.DType)
        {
            case DType.Float32: Product<float>(a, b, bias, y); break;
            case DType.Float64: Product<double>(a, b, bias, y); break;
            case DType.Complex64 when y.Shape[^2] * y.Shape[^1] * a.Shape[^1] >= LargeComplex: OfReals<float>(a, b, bias, y); break;
            case DType.Complex128 when y.Shape[^2] * y.Shape[^1] * a.Shape[^1] >= LargeComplex: OfReals<double>(a, b, bias, y); break;
            case DType.Complex64: Loops<Complex64, Field<Complex64>>(a, b, bias, y); break;
            case DType.Complex128: Loops<Complex, Field<Complex>>(a, b, bias, y); break;
            default:
                // Integers wrap around alike in 64 bits.
                Tensor wide = y.DType == DType.Int64 ? y : Tensor.Empty(new TensorSpec(y.Shape, DType.Int64));
                Loops<long, Ring>(a.CastTo(DType.Int64), b.CastTo(DType.Int64), bias?.CastTo(DType.Int64), wide);
                if (!ReferenceEquals(wide, y)) Copy(wide, y);
                break;
        }
    }

    static void Product<E>(Tensor a, Tensor b, Tensor? bias, Tensor y) where E : unmanaged
    {
        long m = y.Shape[^2], n = y.Shape[^1], k = a.Shape[^1];
        Tensor row = bias?.MakeContiguous() ?? y;
        fixed (byte* pa = a.Storage, pb = b.Storage, py = y.Storage, pr = row.Storage)
        {
            E* u = (E*)pa + a.Layout.Offset, v = (E*)pb + b.Layout.Offset, w = (E*)py + y.Layout.Offset, r = bias is null ? null : (E*)pr + row.Layout.Offset;
            ReadOnlySpan<long> sa = a.Strides, sb = b.Strides, sy = y.Strides;
            if (y.Rank == 2)
            {
                MatrixProduct.Run(m, n, k, u, sa[^2], sa[^1], v, sb[^2], sb[^1], w, sy[^2], sy[^1], accumulate: false, r);
                return;
            }
            long batch = y.Count / (m * n);
            long[] offsets = GC.AllocateUninitializedArray<long>((int)(3 * batch));
            fixed (long* o = offsets)
            {
                LoopNest nest = new(y.Shape[..^2], Leading(y.Layout), Leading(a.Layout), Leading(b.Layout));
                Offsets body = new(o, batch);
                nest.Run(ref body, 0, batch);
                MatrixProduct.Batched(batch, o + batch, o + 2 * batch, o, m, n, k, u, sa[^2], sa[^1], v, sb[^2], sb[^1], w, sy[^2], sy[^1], accumulate: false, r);
            }
        }
    }

    internal override void IntMm(Tensor a, Tensor b, Tensor y)
    {
        if (y.Count == 0) return;
        fixed (byte* pa = a.Storage, pb = b.Storage, py = y.Storage)
            ByteGemm.Run(new()
            {
                M = y.Shape[0], N = y.Shape[1], K = a.Shape[1],
                A = (sbyte*)pa + a.Layout.Offset, RsA = a.Strides[0], CsA = a.Strides[1],
                B = (sbyte*)pb + b.Layout.Offset, RsB = b.Strides[0], CsB = b.Strides[1],
                C = (int*)py + y.Layout.Offset, RsC = y.Strides[0], CsC = y.Strides[1],
            });
    }

    /// <summary>From so many multiplications on, making a real matrix of a complex one pays.</summary>
    const long LargeComplex = 2048;

    /// <summary>
    /// A complex product as one real one: rows of a are pairs (re, im) already, (M, 2K); b becomes (2K, 2N) with the rows (re, im)ⱼ and (−im, re)ⱼ;
    /// their product has the pairs of y, (M, 2N).
    /// </summary>
    void OfReals<E>(Tensor a, Tensor b, Tensor? bias, Tensor y) where E : unmanaged
    {
        Tensor x = a.Strides[^1] == 1 ? a : a.MakeContiguous(), z = y.IsContiguous ? y : Tensor.Empty(new TensorSpec(y.Shape, y.DType));
        DType real = y.DType.Real;
        Tensor w = Tensor.Empty(new TensorSpec(new Dims([.. b.Shape.Span[..^2], b.Shape[^2], 2, b.Shape[^1], 2]), real)), pairs = AsReal(b, real);     // (…, K, 2, N, 2); (…, K, N, 2)
        Tensor above = At(w, b.Rank - 1, 0), below = At(w, b.Rank - 1, 1);                                  // (…, K, N, 2)
        Copy(pairs, above);
        Copy(At(pairs, b.Rank, 0), At(below, b.Rank, 1));
        Elementwise(new Ops.Forward1<Ops.Neg>(default), [At(pairs, b.Rank, 1)], At(below, b.Rank, 0));
        Tensor rows = w.Window(Layout.Contiguous(new Dims([.. b.Shape.Span[..^2], 2 * b.Shape[^2], 2 * b.Shape[^1]])));
        Product<E>(Merged(AsReal(x, real)), rows, bias is null ? null : Merged(AsReal(bias.MakeContiguous(), real)), Merged(AsReal(z, real)));
        if (!ReferenceEquals(z, y)) Copy(z, y);

        static Tensor AsReal(Tensor t, DType real) => new(t.Storage, Ops.ViewAsReal.Instance.Transform(t.Layout), real, t.Device);
        static Tensor At(Tensor t, int axis, long index) => t.Window(new Ops.Select(axis, index).Transform(t.Layout));

        // (…, N, 2) as (…, 2N): neighbours in a row lie next to each other.
        static Tensor Merged(Tensor t)
        {
            Layout l = t.Layout;
            return t.Window(new(new Dims([.. l.Shape.Span[..^2], 2 * l.Shape[^2]]), [.. l.Strides[..^2], 1], l.Offset));
        }
    }

    static Layout Leading(Layout l) => new(l.Shape[..^2], l.Strides[..^2].ToArray(), 0);

    /// <summary>Lists where each product of a batch begins.</summary>
    struct Offsets(long* to, long batch) : INestBody
    {
        long _at;

        public void Invoke(long* offset, long* stride, long n)
        {
            for (long i = 0; i < n; i++, _at++)
                for (int o = 0; o < 3; o++) to[o * batch + _at] = offset[o] + i * stride[o];
        }
    }

    interface IArithmetic<E> { static abstract E MultiplyAdd(E a, E b, E sum); }

    readonly struct Ring : IArithmetic<long>
    {
        public static long MultiplyAdd(long a, long b, long sum) => a * b + sum;
    }

    readonly struct Field<E> : IArithmetic<E> where E : unmanaged
    {
        public static E MultiplyAdd(E a, E b, E sum) => Element.Convert<Complex, E>(
            Element.Convert<E, Complex>(a) * Element.Convert<E, Complex>(b) + Element.Convert<E, Complex>(sum));
    }

    /// <summary>Integers and small complex matrices, which no hot loop of a network multiplies: plain loops.</summary>
    static void Loops<E, TArithmetic>(Tensor a, Tensor b, Tensor? bias, Tensor y) where E : unmanaged where TArithmetic : struct, IArithmetic<E>
    {
        long m = y.Shape[^2], n = y.Shape[^1], k = a.Shape[^1];
        Tensor row = bias?.MakeContiguous() ?? y;
        fixed (byte* pa = a.Storage, pb = b.Storage, py = y.Storage, pr = row.Storage)
        {
            LoopNest nest = new(y.Shape[..^2], Leading(y.Layout), Leading(a.Layout), Leading(b.Layout));
            PlainProduct<E, TArithmetic> body = new((E*)pa + a.Layout.Offset, (E*)pb + b.Layout.Offset, (E*)py + y.Layout.Offset, bias is null ? null : (E*)pr + row.Layout.Offset,
                m, n, k, a.Strides[^2], a.Strides[^1], b.Strides[^2], b.Strides[^1], y.Strides[^2], y.Strides[^1]);
            nest.Run(ref body, 0, nest.Count);
        }
    }

    readonly struct PlainProduct<E, TArithmetic>(E* a, E* b, E* y, E* bias, long m, long n, long k, long rsA, long csA, long rsB, long csB, long rsY, long csY) : INestBody
        where E : unmanaged where TArithmetic : struct, IArithmetic<E>
    {
        public void Invoke(long* offset, long* stride, long count)
        {
            for (long t = 0; t < count; t++)
            {
                E* w = y + offset[0] + t * stride[0], u = a + offset[1] + t * stride[1], v = b + offset[2] + t * stride[2];
                for (long i = 0; i < m; i++)
                    for (long j = 0; j < n; j++)
                    {
                        E sum = bias == null ? default : bias[j];
                        for (long l = 0; l < k; l++) sum = TArithmetic.MultiplyAdd(u[i * rsA + l * csA], v[l * rsB + j * csB], sum);
                        w[i * rsY + j * csY] = sum;
                    }
            }
        }
    }
}
