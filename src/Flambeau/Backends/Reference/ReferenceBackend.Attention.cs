using Flambeau.Ops;

namespace Flambeau.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    /// <summary>The scores of row i of matrix b, before the softmax.</summary>
    static double[] Scores(Tensor q, Tensor k, Tensor? mask, long[]? places, double scale, bool causal, long b, long i)
    {
        long l = q.Shape[^2], s = k.Shape[^2], e = q.Shape[^1], shared = q.Count / Math.Max(1, l * e) / Math.Max(1, k.Count / Math.Max(1, s * e));
        var y = new double[s];
        for (long j = 0; j < s; j++)
        {
            for (long c = 0; c < e; c++) y[j] += At(q, (b * l + i) * e + c) * At(k, (b / shared * s + j) * e + c) * scale;
            if (causal && j > i) y[j] = double.NegativeInfinity;
            if (mask is null) continue;
            double m = Get(mask, places![b] + (mask.Shape[^2] == 1 ? 0 : i * mask.Strides[^2]) + (mask.Shape[^1] == 1 ? 0 : j * mask.Strides[^1])).Real;
            if (mask.DType != DType.Bool) y[j] += m;
            else if (m == 0) y[j] = double.NegativeInfinity;
        }
        return y;
    }

    internal override void Attention(Tensor q, Tensor k, Tensor v, Tensor? mask, double scale, bool causal, Tensor y, Tensor logSum)
    {
        (q, k, v) = (q.MakeContiguous(), k.MakeContiguous(), v.MakeContiguous());
        long[]? places = mask is null ? null : Ops.Attention.Offsets(mask.Layout, q.Shape[..^2]);
        long l = q.Shape[^2], s = k.Shape[^2], width = v.Shape[^1], shared = q.Shape[..^2].Count / Math.Max(1, k.Shape[..^2].Count);
        for (long b = 0; b < q.Shape[..^2].Count; b++)
            for (long i = 0; i < l; i++)
            {
                double[] p = Scores(q, k, mask, places, scale, causal, b, i);
                double max = p.DefaultIfEmpty(double.NegativeInfinity).Max(), sum = double.IsNegativeInfinity(max) ? 0 : p.Sum(x => Math.Exp(x - max));
                Put(logSum, b * l + i, max + Math.Log(sum));
                for (long c = 0; c < width; c++)
                {
                    double total = 0;
                    for (long j = 0; j < s && sum != 0; j++) total += Math.Exp(p[j] - max) / sum * At(v, (b / shared * s + j) * width + c);
                    Put(y, (b * l + i) * width + c, total);
                }
            }
    }

    internal override void AttentionBackward(Tensor g, Tensor q, Tensor k, Tensor v, Tensor? mask, Tensor y, Tensor logSum, double scale,
        bool causal, Tensor dq, Tensor dk, Tensor dv)
    {
        (q, k, v) = (q.MakeContiguous(), k.MakeContiguous(), v.MakeContiguous());
        long[]? places = mask is null ? null : Ops.Attention.Offsets(mask.Layout, q.Shape[..^2]);
        long l = q.Shape[^2], s = k.Shape[^2], e = q.Shape[^1], width = v.Shape[^1], shared = q.Shape[..^2].Count / Math.Max(1, k.Shape[..^2].Count);
        double[] gq = new double[dq.Count], gk = new double[dk.Count], gv = new double[dv.Count];
        for (long b = 0; b < q.Shape[..^2].Count; b++)
            for (long i = 0; i < l; i++)
            {
                double[] p = Scores(q, k, mask, places, scale, causal, b, i);
                double log = At(logSum, b * l + i), mean = 0;
                for (long c = 0; c < width; c++) mean += At(g, (b * l + i) * width + c) * At(y, (b * l + i) * width + c);
                for (long j = 0; j < s && !double.IsNegativeInfinity(log); j++)
                {
                    double w = Math.Exp(p[j] - log), dp = 0;
                    for (long c = 0; c < width; c++)
                    {
                        double o = At(g, (b * l + i) * width + c);
                        dp += o * At(v, (b / shared * s + j) * width + c);
                        gv[(b / shared * s + j) * width + c] += w * o;
                    }
                    double ds = w * (dp - mean) * scale;
                    for (long c = 0; c < e; c++)
                    {
                        gq[(b * l + i) * e + c] += ds * At(k, (b / shared * s + j) * e + c);
                        gk[(b / shared * s + j) * e + c] += ds * At(q, (b * l + i) * e + c);
                    }
                }
            }
        foreach ((double[] from, Tensor to) in ((double[], Tensor)[])[(gq, dq), (gk, dk), (gv, dv)])
            for (long i = 0; i < from.Length; i++) Put(to, i, from[i]);
    }
}
