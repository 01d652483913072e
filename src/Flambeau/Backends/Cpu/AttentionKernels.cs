using System.Numerics;
using Flambeau.Ops;
using MatrixProduct = Flambeau.Backends.Cpu.Gemm;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    /// <summary>Rows of q and of k whose scores are computed at a time: 128 kB of floats, with as much of k and v beside them in L2.</summary>
    const long QueryBlock = 64, KeyBlock = 512;

    internal override void Attention(Tensor q, Tensor k, Tensor v, Tensor? mask, double scale, bool causal, Tensor y, Tensor logSum)
    {
        if (logSum.Count == 0) return;
        AttentionRun run = new(q, k, v, mask, scale, causal);
        fixed (byte* pq = q.Storage, pk = k.Storage, pv = v.Storage, pm = run.Mask.Storage, py = y.Storage, pl = logSum.Storage)
        fixed (long* oq = run.OffsetsQ, ok = run.OffsetsK, ov = run.OffsetsV, om = run.OffsetsMask)
        {
            run.Arguments = run.Arguments with
            {
                Q = pq, K = pk, V = pv, Mask = run.HasMask ? pm : null, Y = Start(py, y), LogSum = Start(pl, logSum),
                OffQ = oq, OffK = ok, OffV = ov, OffMask = om,
            };
            AttentionVisitor visitor = new(run.Arguments, run.OffsetsQ.Length);
            LaneDispatch.Visit(y.DType, ref visitor);
        }
    }

    internal override void AttentionBackward(Tensor g, Tensor q, Tensor k, Tensor v, Tensor? mask, Tensor y, Tensor logSum, double scale,
        bool causal, Tensor dq, Tensor dk, Tensor dv)
    {
        Fill(dq, 0);
        Fill(dk, 0);
        Fill(dv, 0);
        if (logSum.Count == 0 || dk.Count == 0) return;
        AttentionRun run = new(q, k, v, mask, scale, causal);
        fixed (byte* pq = q.Storage, pk = k.Storage, pv = v.Storage, pm = run.Mask.Storage, py = y.Storage, pl = logSum.Storage, pg = g.Storage)
        fixed (byte* pdq = dq.Storage, pdk = dk.Storage, pdv = dv.Storage)
        fixed (long* oq = run.OffsetsQ, ok = run.OffsetsK, ov = run.OffsetsV, om = run.OffsetsMask)
        {
            run.Arguments = run.Arguments with
            {
                Q = pq, K = pk, V = pv, Mask = run.HasMask ? pm : null, Y = Start(py, y), LogSum = Start(pl, logSum),
                OffQ = oq, OffK = ok, OffV = ov, OffMask = om,
                G = Start(pg, g), DQ = Start(pdq, dq), DK = Start(pdk, dk), DV = Start(pdv, dv),
            };
            AttentionVisitor visitor = new(run.Arguments, run.OffsetsK.Length);
            LaneDispatch.Visit(dq.DType, ref visitor);
        }
    }

    /// <summary>Sizes, strides and places of the matrices of a batch. Of a mask, rows lie contiguous.</summary>
    ref struct AttentionRun
    {
        public readonly Tensor Mask;
        public readonly bool HasMask;
        public readonly long[] OffsetsQ, OffsetsK, OffsetsV, OffsetsMask;
        public AttentionArguments Arguments;

        public AttentionRun(Tensor q, Tensor k, Tensor v, Tensor? mask, double scale, bool causal)
        {
            Dims lead = q.Shape[..^2];
            HasMask = mask is not null;
            Mask = mask ?? q;
            if (HasMask && (Mask.Shape[^1] != k.Shape[^2] || Mask.Strides[^1] != 1 && Mask.Shape[^1] != 1))
            {
                Tensor wide = Tensor.Empty(new TensorSpec(new Dims([.. Mask.Shape.Span[..^1], k.Shape[^2]]), Mask.DType));
                Backend.For(q.Device).Copy(Mask, wide);
                Mask = wide;
            }
            (OffsetsQ, OffsetsK, OffsetsV) = (Ops.Attention.Offsets(q.Layout, lead), Ops.Attention.Offsets(k.Layout, k.Shape[..^2]),
                Ops.Attention.Offsets(v.Layout, v.Shape[..^2]));
            OffsetsMask = HasMask ? Ops.Attention.Offsets(Mask.Layout, lead) : [];
            Arguments = new()
            {
                L = q.Shape[^2], S = k.Shape[^2], E = q.Shape[^1], Width = v.Shape[^1], Shared = OffsetsQ.Length / OffsetsK.Length,
                Scale = scale, IsCausal = causal,
                RsQ = q.Strides[^2], CsQ = q.Strides[^1], RsK = k.Strides[^2], CsK = k.Strides[^1], RsV = v.Strides[^2], CsV = v.Strides[^1],
                RsMask = HasMask && Mask.Shape[^2] != 1 ? Mask.Strides[^2] : 0, IsBoolMask = Mask.DType == DType.Bool,
            };
        }
    }

    struct AttentionArguments
    {
        public byte* Q, K, V, Mask, Y, LogSum, G, DQ, DK, DV;
        public long* OffQ, OffK, OffV, OffMask;
        public long L, S, E, Width, Shared, RsQ, CsQ, RsK, CsK, RsV, CsV, RsMask;
        public double Scale;
        public bool IsCausal, IsBoolMask;
    }

    readonly struct AttentionVisitor(AttentionArguments a, long batch) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            if (L.IsDouble) Run<L, double>();
            else Run<L, float>();
        }

        void Run<T, N>() where T : struct, ILane<T> where N : unmanaged, INumberBase<N>
        {
            AttentionArguments all = a;
            // Gradients of keys add up over all queries: what shares keys is one item.
            if (a.G != null) Threads.For(batch, 1, new AttentionBackwardBody<T, N>(&all));
            else
            {
                long blocks = (a.L + QueryBlock - 1) / QueryBlock;
                Threads.For(batch * blocks, Math.Max(1, RowGrain / (Math.Min(a.L, QueryBlock) * a.S + 1)), new AttentionBody<T, N>(&all, blocks));
            }
        }
    }

    /// <summary>Items are blocks of queries. Keys come block by block; what was added up is rescaled when a larger score appears.</summary>
    readonly struct AttentionBody<T, N>(AttentionArguments* a, long blocks) : IRangeBody where T : struct, ILane<T> where N : unmanaged, INumberBase<N>
    {
        public void Run(long begin, long end)
        {
            N* scores = Scratch.Get<N>(Scratch.Use.C, QueryBlock * KeyBlock);
            double* max = stackalloc double[(int)QueryBlock], sum = stackalloc double[(int)QueryBlock];
            for (long item = begin; item < end; item++)
            {
                long b = item / blocks, i0 = item % blocks * QueryBlock, rows = Math.Min(QueryBlock, a->L - i0), width = a->Width;
                N* y = (N*)a->Y + (b * a->L + i0) * width, v = (N*)a->V + a->OffV[b / a->Shared];
                for (long i = 0; i < rows; i++) (max[i], sum[i]) = (double.NegativeInfinity, 0);
                new Span<N>(y, checked((int)(rows * width))).Clear();
                long stop = a->IsCausal ? Math.Min(a->S, i0 + rows) : a->S;
                for (long j0 = 0; j0 < stop; j0 += KeyBlock)
                {
                    long keys = Math.Min(KeyBlock, stop - j0);
                    Scores<T, N>(a, b, i0, rows, j0, keys, scores);
                    for (long i = 0; i < rows; i++)
                    {
                        byte* row = (byte*)(scores + i * keys);
                        double m = Math.Max(max[i], RowMath<T>.Max(row, keys));
                        if (double.IsNegativeInfinity(m)) { new Span<N>(row, (int)keys).Clear(); continue; }   // nothing is seen yet
                        double old = Math.Exp(max[i] - m);
                        sum[i] = sum[i] * old + RowMath<T>.ExpSum(row, keys, m, row);
                        if (old != 1) RowMath<T>.Affine((byte*)(y + i * width), width, 0, old, null, null, 0, (byte*)(y + i * width));
                        max[i] = m;
                    }
                    MatrixProduct.Run(rows, width, keys, scores, keys, 1, v + j0 * a->RsV, a->RsV, a->CsV, y, width, 1, accumulate: true, null);
                }
                for (long i = 0; i < rows; i++)
                {
                    if (sum[i] != 0) RowMath<T>.Affine((byte*)(y + i * width), width, 0, 1 / sum[i], null, null, 0, (byte*)(y + i * width));
                    Tail<T>.Set(a->LogSum, b * a->L + i0 + i, max[i] + Math.Log(sum[i]));
                }
            }
        }
    }

    /// <summary>scores = q kᵀ scale + mask for a block; −∞ where a query does not see a key.</summary>
    static void Scores<T, N>(AttentionArguments* a, long b, long i0, long rows, long j0, long keys, N* scores)
        where T : struct, ILane<T> where N : unmanaged, INumberBase<N>
    {
        N* q = (N*)a->Q + a->OffQ[b] + i0 * a->RsQ, k = (N*)a->K + a->OffK[b / a->Shared] + j0 * a->RsK;
        MatrixProduct.Run(rows, keys, a->E, q, a->RsQ, a->CsQ, k, a->CsK, a->RsK, scores, keys, 1, accumulate: false, null);
        N never = N.CreateSaturating(double.NegativeInfinity);
        for (long i = 0; i < rows; i++)
        {
            N* row = scores + i * keys;
            byte* mask = a->Mask == null ? null : a->Mask + (a->OffMask[b] + (i0 + i) * a->RsMask + j0) * (a->IsBoolMask ? 1 : sizeof(N));
            RowMath<T>.Affine((byte*)row, keys, 0, a->Scale, null, a->IsBoolMask ? null : mask, 0, (byte*)row);
            if (mask != null && a->IsBoolMask)
                for (long j = 0; j < keys; j++)
                    if (mask[j] == 0) row[j] = never;
            if (a->IsCausal)
                for (long j = Math.Max(0, i0 + i + 1 - j0); j < keys; j++) row[j] = never;
        }
    }

    /// <summary>Items are the matrices of keys. With w the weights: dv = wᵀg, ds = w (g vᵀ − Σ g y) scale, dq = ds k, dk = dsᵀ q.</summary>
    readonly struct AttentionBackwardBody<T, N>(AttentionArguments* a) : IRangeBody where T : struct, ILane<T> where N : unmanaged, INumberBase<N>
    {
        public void Run(long begin, long end)
        {
            N* w = Scratch.Get<N>(Scratch.Use.C, QueryBlock * KeyBlock), ds = Scratch.Get<N>(Scratch.Use.Gradient, QueryBlock * KeyBlock);
            for (long b = begin * a->Shared; b < end * a->Shared; b++)
                for (long i0 = 0; i0 < a->L; i0 += QueryBlock)
                {
                    long rows = Math.Min(QueryBlock, a->L - i0), stop = a->IsCausal ? Math.Min(a->S, i0 + rows) : a->S;
                    for (long j0 = 0; j0 < stop; j0 += KeyBlock) Block(b, i0, rows, j0, Math.Min(KeyBlock, stop - j0), w, ds);
                }
        }

        void Block(long b, long i0, long rows, long j0, long keys, N* w, N* ds)
        {
            long kb = b / a->Shared, width = a->Width, first = b * a->L + i0;
            N* g = (N*)a->G + first * width, y = (N*)a->Y + first * width, v = (N*)a->V + a->OffV[kb] + j0 * a->RsV;
            N* q = (N*)a->Q + a->OffQ[b] + i0 * a->RsQ, k = (N*)a->K + a->OffK[kb] + j0 * a->RsK;
            Scores<T, N>(a, b, i0, rows, j0, keys, w);
            MatrixProduct.Run(rows, keys, width, g, width, 1, v, a->CsV, a->RsV, ds, keys, 1, accumulate: false, null);
            for (long i = 0; i < rows; i++)
            {
                byte* p = (byte*)(w + i * keys), d = (byte*)(ds + i * keys);
                double log = Tail<T>.Get(a->LogSum, first + i);
                if (double.IsNegativeInfinity(log)) new Span<N>(p, (int)keys).Clear();
                else RowMath<T>.ExpSum(p, keys, log, p);
                RowMath<T>.Centered(p, d, keys, RowMath<T>.Products((byte*)(g + i * width), null, (byte*)(y + i * width), width, 0).GX, a->Scale);
            }
            MatrixProduct.Run(keys, width, rows, w, 1, keys, g, width, 1, (N*)a->DV + (kb * a->S + j0) * width, width, 1, accumulate: true, null);
            MatrixProduct.Run(rows, a->E, keys, ds, keys, 1, k, a->RsK, a->CsK, (N*)a->DQ + first * a->E, a->E, 1, accumulate: true, null);
            MatrixProduct.Run(keys, a->E, rows, ds, 1, keys, q, a->RsQ, a->CsQ, (N*)a->DK + (kb * a->S + j0) * a->E, a->E, 1, accumulate: true, null);
        }
    }
}
