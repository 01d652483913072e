using System.Numerics;
using Flambeau.Backends.Cpu;
using Flambeau.Ops;

namespace Flambeau.Backends.Reference;

/// <summary>
/// Every computation element by element in double precision, as its definition says. Nothing here is fast, and nothing is shared with
/// the kernels that are tested against it.
/// </summary>
internal sealed unsafe partial class ReferenceBackend : Backend
{
    /// <summary>The position in storage of the element numbered <paramref name="i"/> in row-major order of <paramref name="shape"/>, to which the layout broadcasts.</summary>
    static long At(Layout l, Dims shape, long i)
    {
        long at = l.Offset;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            long index = i % shape[d];
            i /= shape[d];
            int k = d - shape.Length + l.Rank;
            if (k >= 0 && l.Shape[k] != 1) at += index * l.Strides[k];
        }
        return at;
    }

    static Complex Get(Tensor x, long at)
    {
        fixed (byte* p = x.Storage)
            return x.DType switch
            {
                DType.Bool => ((bool*)p)[at] ? 1 : 0, DType.UInt8 => p[at], DType.Int8 => ((sbyte*)p)[at], DType.Int16 => ((short*)p)[at], DType.Int32 => ((int*)p)[at],
                DType.Int64 => ((long*)p)[at], DType.Float16 => (double)((Half*)p)[at], DType.BFloat16 => (double)((BFloat16*)p)[at], DType.Float32 => ((float*)p)[at],
                DType.Float64 => ((double*)p)[at], DType.Complex64 => ((Complex64*)p)[at], _ => ((Complex*)p)[at],
            };
    }

    static long GetLong(Tensor x, long at)
    {
        fixed (byte* p = x.Storage) return x.DType == DType.Int64 ? ((long*)p)[at] : (long)Get(x, at).Real;
    }

    static void Set(Tensor y, long at, Complex v)
    {
        fixed (byte* p = y.Storage)
            switch (y.DType)
            {
                case DType.Bool: ((bool*)p)[at] = v != 0; break;
                case DType.UInt8: p[at] = (byte)(long)v.Real; break;
                case DType.Int8: ((sbyte*)p)[at] = (sbyte)(long)v.Real; break;
                case DType.Int16: ((short*)p)[at] = (short)(long)v.Real; break;
                case DType.Int32: ((int*)p)[at] = (int)(long)v.Real; break;
                case DType.Int64: ((long*)p)[at] = (long)v.Real; break;
                case DType.Float16: ((Half*)p)[at] = (Half)v.Real; break;
                case DType.BFloat16: ((BFloat16*)p)[at] = (BFloat16)v.Real; break;
                case DType.Float32: ((float*)p)[at] = (float)v.Real; break;
                case DType.Float64: ((double*)p)[at] = v.Real; break;
                case DType.Complex64: ((Complex64*)p)[at] = (Complex64)v; break;
                default: ((Complex*)p)[at] = v; break;
            }
    }

    static void SetLong(Tensor y, long at, long v)
    {
        if (y.DType == DType.Int64) fixed (byte* p = y.Storage) ((long*)p)[at] = v;
        else Set(y, at, v);
    }

    internal override void ElementwiseKernel<TFn>(TFn fn, Args x, Tensor y)
    {
        DType t = x[0].DType;
        for (long i = 0; i < y.Count; i++)
        {
            long to = At(y.Layout, y.Shape, i);
            if (t.IsFloatingPoint)
            {
                Ref A(Args a, int k) => k < a.Length ? new(Get(a[k], At(a[k].Layout, y.Shape, i)).Real) : default;
                Set(y, to, fn.Real(A(x, 0), A(x, 1), A(x, 2), A(x, 3)).Value);
            }
            else if (t.IsComplex)
            {
                Cx A(Args a, int k) => k < a.Length ? new(Get(a[k], At(a[k].Layout, y.Shape, i))) : default;
                Set(y, to, fn.Complex(A(x, 0), A(x, 1), A(x, 2), A(x, 3)).Value);
            }
            else if (t == DType.Bool)
            {
                Bit A(Args a, int k) => k < a.Length ? new(GetLong(a[k], At(a[k].Layout, y.Shape, i)) != 0) : default;
                SetLong(y, to, fn.Integer(A(x, 0), A(x, 1), A(x, 2), A(x, 3)).Value ? 1 : 0);
            }
            else
            {
                Int<long> A(Args a, int k) => k < a.Length ? new(GetLong(a[k], At(a[k].Layout, y.Shape, i))) : default;
                SetLong(y, to, fn.Integer(A(x, 0), A(x, 1), A(x, 2), A(x, 3)).Value);
            }
        }
    }

    internal override void Copy(Tensor x, Tensor y)
    {
        bool whole = !x.DType.IsDifferentiable && !y.DType.IsDifferentiable;
        for (long i = 0; i < y.Count; i++)
        {
            long from = At(x.Layout, y.Shape, i), to = At(y.Layout, y.Shape, i);
            if (whole) SetLong(y, to, y.DType == DType.Bool && GetLong(x, from) != 0 ? 1 : GetLong(x, from));
            else Set(y, to, Get(x, from));
        }
    }

    internal override void Fill(Tensor y, Complex value)
    {
        for (long i = 0; i < y.Count; i++) Set(y, At(y.Layout, y.Shape, i), value);
    }

    internal override void Where(Tensor condition, Tensor a, Tensor b, Tensor y)
    {
        for (long i = 0; i < y.Count; i++)
        {
            Tensor from = GetLong(condition, At(condition.Layout, y.Shape, i)) != 0 ? a : b;
            long at = At(from.Layout, y.Shape, i), to = At(y.Layout, y.Shape, i);
            if (y.DType.IsDifferentiable) Set(y, to, Get(from, at));
            else SetLong(y, to, GetLong(from, at));
        }
    }

    internal override void Reduce<TFn, TOp>(TFn fn, TOp op, Args x, Axes axes, Tensor y)
    {
        if (typeof(TFn) == typeof(Itself)) { Plain(op, x[0], axes, y); return; }
        Tensor all = Tensor.Empty(new TensorSpec(Shapes.Broadcast("reduce", x), DType.Float64));
        ElementwiseKernel(fn, x, all);
        Plain(op, all, axes, y);
    }

    static void Plain<TOp>(TOp _, Tensor x, Axes axes, Tensor y) where TOp : struct, IReduceOp
    {
        long n = axes.Count(x.Shape);
        for (long i = 0; i < y.Count; i++)
        {
            long to = At(y.Layout, y.Shape, i);
            if (n == 0) { Set(y, to, TOp.Identity); continue; }
            // y's index, with each reduced axis running through its sizes.
            Complex c = default;
            long l = 0;
            for (long j = 0; j < n; j++)
            {
                long at = x.Layout.Offset, r = j, k = i;
                for (int d = x.Rank - 1; d >= 0; d--)
                {
                    if (axes.Has(d)) { at += r % x.Shape[d] * x.Strides[d]; r /= x.Shape[d]; }
                    else { at += k % x.Shape[d] * x.Strides[d]; k /= x.Shape[d]; }
                }
                if (x.DType.IsDifferentiable)
                {
                    Complex v = Get(x, at);
                    c = j == 0 ? v : x.DType.IsComplex ? TOp.Complex(new Cx(c), new Cx(v)).Value : TOp.Real(new Ref(c.Real), new Ref(v.Real)).Value;
                }
                else if (y.DType == DType.Bool) l = j == 0 ? GetLong(x, at) : TOp.Integer(new Bit(l != 0), new Bit(GetLong(x, at) != 0)).Value ? 1 : 0;
                else l = j == 0 ? GetLong(x, at) : TOp.Integer(new Int<long>(l), new Int<long>(GetLong(x, at))).Value;
            }
            if (x.DType.IsDifferentiable) Set(y, to, c);
            else SetLong(y, to, l);
        }
    }

    internal override void Scan<TOp>(TOp op, Tensor x, int axis, Tensor y)
    {
        for (long i = 0; i < (x.Rank == 0 ? 1 : x.Shape[axis]); i++)
        {
            Tensor from = x.Rank == 0 ? x : x.Window(new Slice(axis, 0, i + 1, 1).Transform(x.Layout));
            Tensor to = y.Rank == 0 ? y : y.Window(new Slice(axis, i, i + 1, 1).Transform(y.Layout));
            Reduce(op, from, new Axes(x.Rank == 0 ? 0 : 1u << axis), to);
        }
    }

    internal override void Gemm(Tensor a, Tensor b, Tensor? bias, Tensor y)
    {
        long k = a.Shape[^1], rows = y.Shape[^2], columns = y.Shape[^1];
        Dims shape = [.. y.Shape.Span, Math.Max(k, 1)];
        Layout la = Over(a.Layout, [^2, null, ^1]), lb = Over(b.Layout, [null, ^1, ^2]);
        for (long i = 0; i < y.Count; i++)
        {
            Complex sum = bias is null ? 0 : Get(bias, At(bias.Layout, y.Shape, i));
            for (long j = 0; j < k; j++) sum += Get(a, At(la, shape, i * k + j)) * Get(b, At(lb, shape, i * k + j));
            Set(y, At(y.Layout, y.Shape, i), sum);
        }

        // The operand's layout over (…, M, N, K), with stride 0 where it has no such axis.
        static Layout Over(Layout l, Index?[] axes)
        {
            List<long> s = [.. l.Shape.Span[..^2]], t = [.. l.Strides[..^2]];
            foreach (Index? x in axes)
            {
                s.Add(x is { } i ? l.Shape[i] : 1);
                t.Add(x is { } j ? l.Strides[j] : 0);
            }
            return new(s.ToArray(), [.. t], l.Offset);
        }
    }

    internal override void IntMm(Tensor a, Tensor b, Tensor y)
    {
        for (long i = 0; i < y.Shape[0]; i++)
            for (long j = 0; j < y.Shape[1]; j++)
            {
                long sum = 0;
                for (long k = 0; k < a.Shape[1]; k++)
                    sum += GetLong(a, a.Layout.Offset + i * a.Strides[0] + k * a.Strides[1]) * GetLong(b, b.Layout.Offset + k * b.Strides[0] + j * b.Strides[1]);
                Set(y, y.Layout.Offset + i * y.Strides[0] + j * y.Strides[1], (int)sum);
            }
    }
}
