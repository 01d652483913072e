using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void RowNorm(Tensor x, Tensor? weight, Tensor? bias, NormRows rows, double eps, bool centered, Tensor y, Tensor mean, Tensor rstd)
    {
        if (y.Count == 0) return;
        fixed (byte* px = x.Storage, pw = (weight ?? x).Storage, pb = (bias ?? x).Storage, py = y.Storage, pm = mean.Storage, ps = rstd.Storage)
        {
            RowNormVisitor v = new(Start(px, x), weight is null ? null : Start(pw, weight), bias is null ? null : Start(pb, bias), Start(py, y),
                Start(pm, mean), Start(ps, rstd), rows, eps, centered);
            LaneDispatch.Visit(y.DType, ref v);
        }
    }

    readonly struct RowNormVisitor(byte* x, byte* weight, byte* bias, byte* y, byte* mean, byte* rstd, NormRows s, double eps, bool centered) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L> =>
            Threads.For(s.Rows, Math.Max(1, RowGrain / s.Length), new RowNormBody<L>(x, weight, bias, y, mean, rstd, s, eps, centered));
    }

    readonly struct RowNormBody<L>(byte* x, byte* weight, byte* bias, byte* y, byte* mean, byte* rstd, NormRows s, double eps, bool centered)
        : IRangeBody where L : struct, ILane<L>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            int e = Tail<L>.Size;
            bool streams = Streaming.Pays(s.Rows * s.Length * e);
            for (long r = begin; r < end; r++)
            {
                byte* from = x + r * s.Length * e, to = y + r * s.Length * e;
                double m = centered ? RowMath<L>.Sum(from, s.Length) / s.Length : 0, k = 1 / Math.Sqrt(RowMath<L>.Spread(from, s.Length, m) / s.Length + eps);
                Tail<L>.Set(mean, r, m);
                Tail<L>.Set(rstd, r, k);
                long c = r % s.Groups * s.Channels;
                if (s.Span == 1) RowMath<L>.Affine(from, s.Length, m, k, weight == null ? null : weight + c * e, bias == null ? null : bias + c * e, 0, to, streams);
                else
                    for (long i = 0; i < s.Channels; i++)
                        RowMath<L>.Affine(from + i * s.Span * e, s.Span, m, weight == null ? k : k * Tail<L>.Get(weight, c + i), null, null,
                            bias == null ? 0 : Tail<L>.Get(bias, c + i), to + i * s.Span * e, streams);
            }
            if (streams) Streaming.End();
        }
    }

    internal override void RowNormBackward(Tensor g, Tensor x, Tensor mean, Tensor rstd, Tensor? weight, NormRows rows, bool centered, Tensor dx,
        Tensor dWeight, Tensor dBias)
    {
        if (dx.Count == 0)
        {
            Fill(dWeight, 0);
            Fill(dBias, 0);
            return;
        }
        fixed (byte* pg = g.Storage, px = x.Storage, pm = mean.Storage, ps = rstd.Storage, pw = (weight ?? x).Storage)
        fixed (byte* pd = dx.Storage, pdw = dWeight.Storage, pdb = dBias.Storage)
        {
            RowNormBackwardVisitor v = new(Start(pg, g), Start(px, x), Start(pm, mean), Start(ps, rstd), weight is null ? null : Start(pw, weight),
                Start(pd, dx), Start(pdw, dWeight), Start(pdb, dBias), rows, centered);
            LaneDispatch.Visit(dx.DType, ref v);
        }
    }

    /// <summary>Rows whose contributions to the weight's gradient are added up in one piece, whatever the number of threads.</summary>
    const long RowsPerPiece = 128;

    readonly struct RowNormBackwardVisitor(byte* g, byte* x, byte* mean, byte* rstd, byte* weight, byte* dx, byte* dWeight, byte* dBias, NormRows s,
        bool centered) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            DType type = L.IsDouble ? DType.Float64 : DType.Float32;
            long pieces = (s.Rows + RowsPerPiece - 1) / RowsPerPiece;
            // Two sums for each factor and piece where factors change with every element, else for each stretch.
            bool each = s is { Span: 1, Groups: 1 };
            using Tensor partial = Tensor.Zeros(new TensorSpec(new Dims([2, each ? pieces : s.Rows, s.Channels]), each ? type : DType.Float64));
            fixed (byte* pp = partial.Storage)
            {
                if (each) Threads.For(pieces, Math.Max(1, RowGrain / s.Length / RowsPerPiece),
                    new LayerNormBackwardBody<L>(g, x, mean, rstd, weight, dx, pp, s, centered, pieces));
                else Threads.For(s.Rows, Math.Max(1, RowGrain / s.Length), new GroupNormBackwardBody<L>(g, x, mean, rstd, weight, dx, (double*)pp, s,
                    centered));
                for (long c = 0; c < s.Groups * s.Channels; c++)
                {
                    double w = 0, b = 0;
                    if (each)
                        for (long p = 0; p < pieces; p++)
                        {
                            w += Tail<L>.Get(pp, p * s.Channels + c);
                            b += Tail<L>.Get(pp, (pieces + p) * s.Channels + c);
                        }
                    else
                        for (long r = c / s.Channels; r < s.Rows; r += s.Groups)
                        {
                            long at = r * s.Channels + c % s.Channels;
                            w += ((double*)pp)[s.Rows * s.Channels + at];
                            b += ((double*)pp)[at];
                        }
                    Tail<L>.Set(dWeight, c, w);
                    Tail<L>.Set(dBias, c, b);
                }
            }
        }
    }

    // With u = g·w and sums over the row: dx = rstd·u − rstd³·Σu(x − m)/n · (x − m) − rstd·Σu/n.
    readonly struct LayerNormBackwardBody<L>(byte* g, byte* x, byte* mean, byte* rstd, byte* weight, byte* dx, byte* partial, NormRows s,
        bool centered, long pieces)
        : IRangeBody where L : struct, ILane<L>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            int e = Tail<L>.Size;
            long n = s.Length;
            bool streams = Streaming.Pays(s.Rows * n * e);
            for (long p = begin; p < end; p++)
                for (long r = p * RowsPerPiece; r < Math.Min(s.Rows, (p + 1) * RowsPerPiece); r++)
                {
                    byte* gr = g + r * n * e, xr = x + r * n * e;
                    double m = Tail<L>.Get(mean, r), k = Tail<L>.Get(rstd, r);
                    (double sum, double product) = RowMath<L>.Products(gr, weight, xr, n, m);
                    RowMath<L>.CombineInto(gr, weight, xr, n, m, k, -k * k * k * product / n, centered ? -k * sum / n : 0, dx + r * n * e,
                        k, partial + p * n * e, partial + (pieces + p) * n * e, streams);
                }
            if (streams) Streaming.End();
        }
    }

    readonly struct GroupNormBackwardBody<L>(byte* g, byte* x, byte* mean, byte* rstd, byte* weight, byte* dx, double* partial, NormRows s, bool centered)
        : IRangeBody where L : struct, ILane<L>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            int e = Tail<L>.Size;
            long n = s.Length;
            bool streams = Streaming.Pays(s.Rows * n * e);
            for (long r = begin; r < end; r++)
            {
                double m = Tail<L>.Get(mean, r), k = Tail<L>.Get(rstd, r), sum = 0, product = 0;
                double* sums = partial + r * s.Channels, products = partial + (s.Rows + r) * s.Channels;
                for (long c = 0; c < s.Channels; c++)
                {
                    long at = (r * n + c * s.Span) * e;
                    (double a, double b) = RowMath<L>.Products(g + at, null, x + at, s.Span, m);
                    (sums[c], products[c]) = (a, b * k);
                    sum += Factor(r, c) * a;
                    product += Factor(r, c) * b;
                }
                for (long c = 0; c < s.Channels; c++)
                {
                    long at = (r * n + c * s.Span) * e;
                    RowMath<L>.Combine(g + at, null, x + at, s.Span, m, k * Factor(r, c), -k * k * k * product / n, centered ? -k * sum / n : 0, dx + at, streams);
                }
            }
            if (streams) Streaming.End();
        }

        double Factor(long r, long c) => weight == null ? 1 : Tail<L>.Get(weight, r % s.Groups * s.Channels + c);
    }
}
