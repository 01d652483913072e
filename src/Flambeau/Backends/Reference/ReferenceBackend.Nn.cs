using Flambeau.Ops;

namespace Flambeau.Backends.Reference;

// Networks' operations. Arguments are contiguous: element i is at i.
internal sealed partial class ReferenceBackend
{
    static double At(Tensor x, long i) => Get(x, x.Layout.Offset + i).Real;

    static void Put(Tensor y, long i, double v) => Set(y, y.Layout.Offset + i, v);

    static IEnumerable<long[]> Indices(Lines s)
    {
        for (long o = 0; o < s.Outer; o++)
            for (long k = 0; k < s.Inner; k++)
            {
                var at = new long[s.Length];
                for (long i = 0; i < s.Length; i++) at[i] = (o * s.Length + i) * s.Inner + k;
                yield return at;
            }
    }

    internal override void Softmax(Tensor x, Lines lines, bool log, Tensor y)
    {
        foreach (long[] line in Indices(lines))
        {
            double max = double.NegativeInfinity, sum = 0;
            foreach (long i in line) max = Math.Max(max, At(x, i));
            foreach (long i in line) sum += Math.Exp(At(x, i) - max);
            foreach (long i in line) Put(y, i, log ? At(x, i) - max - Math.Log(sum) : Math.Exp(At(x, i) - max) / sum);
        }
    }

    internal override void SoftmaxBackward(Tensor g, Tensor y, Lines lines, bool log, Tensor dx)
    {
        foreach (long[] line in Indices(lines))
        {
            double sum = 0;
            foreach (long i in line) sum += log ? At(g, i) : At(g, i) * At(y, i);
            foreach (long i in line) Put(dx, i, log ? At(g, i) - Math.Exp(At(y, i)) * sum : At(y, i) * (At(g, i) - sum));
        }
    }

    internal override void CrossEntropy(Tensor x, Tensor target, Tensor? weight, Lines lines, long ignore, double smoothing, Tensor loss,
        Tensor rowWeight, Tensor max, Tensor logSum)
    {
        long row = 0;
        foreach (long[] line in Indices(lines))
        {
            double m = double.NegativeInfinity, sum = 0, spread = 0;
            foreach (long i in line) m = Math.Max(m, At(x, i));
            foreach (long i in line) sum += Math.Exp(At(x, i) - m);
            for (int c = 0; c < line.Length; c++) spread += Weight(weight, c) * (m - At(x, line[c]) + Math.Log(sum));
            long t = GetLong(target, target.Layout.Offset + row);
            double w = 0, l = 0;
            if (t != ignore)
            {
                ClassLoss.CheckClass("CrossEntropy", t, lines.Length, ignore);
                w = Weight(weight, t);
                l = (1 - smoothing) * w * (m - At(x, line[t]) + Math.Log(sum)) + (smoothing == 0 ? 0 : smoothing / line.Length * spread);
            }
            Put(loss, row, l);
            Put(rowWeight, row, w);
            Put(max, row, m);
            Put(logSum, row++, Math.Log(sum));
        }
    }

    static double Weight(Tensor? weight, long c) => weight is null ? 1 : At(weight, c);

    internal override void CrossEntropyBackward(Tensor g, Tensor x, Tensor target, Tensor? weight, Tensor max, Tensor logSum, Lines lines,
        long ignore, double smoothing, Tensor dx)
    {
        long row = 0;
        double total = 0;
        for (long c = 0; c < lines.Length; c++) total += Weight(weight, c);
        foreach (long[] line in Indices(lines))
        {
            long t = GetLong(target, target.Layout.Offset + row);
            for (int c = 0; c < line.Length; c++)
            {
                double p = Math.Exp(At(x, line[c]) - At(max, row) - At(logSum, row));
                Put(dx, line[c], t == ignore ? 0 : At(g, row) *
                    ((1 - smoothing) * Weight(weight, t) * (p - (c == t ? 1 : 0)) + smoothing / line.Length * (total * p - Weight(weight, c))));
            }
            row++;
        }
    }

    internal override void Nll(Tensor x, Tensor target, Tensor? weight, Lines lines, long ignore, Tensor loss, Tensor rowWeight)
    {
        long row = 0;
        foreach (long[] line in Indices(lines))
        {
            long t = GetLong(target, target.Layout.Offset + row);
            if (t != ignore) ClassLoss.CheckClass("NllLoss", t, lines.Length, ignore);
            Put(rowWeight, row, t == ignore ? 0 : Weight(weight, t));
            Put(loss, row++, t == ignore ? 0 : -Weight(weight, t) * At(x, line[t]));
        }
    }

    internal override void NllBackward(Tensor g, Tensor target, Lines lines, long ignore, Tensor dx)
    {
        Fill(dx, 0);
        long row = 0;
        foreach (long[] line in Indices(lines))
        {
            long t = GetLong(target, target.Layout.Offset + row);
            if (t != ignore) Put(dx, line[t], -At(g, row));
            row++;
        }
    }

    internal override void RowNorm(Tensor x, Tensor? weight, Tensor? bias, NormRows rows, double eps, bool centered, Tensor y, Tensor mean, Tensor rstd)
    {
        for (long r = 0; r < rows.Rows; r++)
        {
            long[] row = [.. Range(r * rows.Length, rows.Length)];
            double m = centered ? row.Sum(i => At(x, i)) / row.Length : 0, s = 1 / Math.Sqrt(row.Sum(i => Square(At(x, i) - m)) / row.Length + eps);
            Put(mean, r, m);
            Put(rstd, r, s);
            foreach (long i in row)
            {
                long c = r % rows.Groups * rows.Channels + i % rows.Length / rows.Span;
                Put(y, i, (At(x, i) - m) * s * Weight(weight, c) + (bias is null ? 0 : At(bias, c)));
            }
        }
    }

    static IEnumerable<long> Range(long start, long count)
    {
        for (long i = 0; i < count; i++) yield return start + i;
    }

    static double Square(double x) => x * x;

    internal override void RowNormBackward(Tensor g, Tensor x, Tensor mean, Tensor rstd, Tensor? weight, NormRows rows, bool centered, Tensor dx,
        Tensor dWeight, Tensor dBias)
    {
        var dw = new double[dWeight.Count];
        var db = new double[dBias.Count];
        for (long r = 0; r < rows.Rows; r++)
        {
            double m = At(mean, r), s = At(rstd, r);
            long[] row = [.. Range(r * rows.Length, rows.Length)];
            long C(long i) => r % rows.Groups * rows.Channels + i % rows.Length / rows.Span;
            double Gw(long i) => At(g, i) * Weight(weight, C(i));
            double sum = centered ? row.Sum(Gw) / row.Length : 0, product = row.Sum(i => Gw(i) * (At(x, i) - m) * s) / row.Length;
            foreach (long i in row)
            {
                double normal = (At(x, i) - m) * s;
                dw[C(i)] += At(g, i) * normal;
                db[C(i)] += At(g, i);
                Put(dx, i, s * (Gw(i) - sum - normal * product));
            }
        }
        for (long c = 0; c < dw.Length; c++)
        {
            Put(dWeight, c, dw[c]);
            Put(dBias, c, db[c]);
        }
    }

    internal override void UnitRows(Tensor x, double eps, Tensor y)
    {
        foreach (long[] row in Indices(Ops.Lines.Along(x.Shape, x.Rank - 1)))
        {
            double norm = Math.Max(Math.Sqrt(row.Sum(i => Square(At(x, i)))), eps);
            foreach (long i in row) Put(y, i, At(x, i) / norm);
        }
    }

    internal override void RowCosine(Tensor a, Tensor b, double eps, Tensor y)
    {
        long r = 0;
        foreach (long[] row in Indices(Ops.Lines.Along(a.Shape, a.Rank - 1)))
        {
            double Norm(Tensor x) => Math.Max(Math.Sqrt(row.Sum(i => Square(At(x, i)))), eps);
            Put(y, r++, row.Sum(i => At(a, i) * At(b, i)) / (Norm(a) * Norm(b)));
        }
    }

    static long[] Channel(Lines s, long c) =>
        [.. from o in Range(0, s.Outer) from k in Range(0, s.Inner) select (o * s.Length + c) * s.Inner + k];

    internal override void BatchNorm(Tensor x, Tensor? weight, Tensor? bias, Lines lines, double eps, Tensor y, Tensor mean, Tensor var)
    {
        for (long c = 0; c < lines.Length; c++)
        {
            long[] all = Channel(lines, c);
            double m = all.Sum(i => At(x, i)) / all.Length, v = all.Sum(i => Square(At(x, i) - m)) / all.Length;
            Put(mean, c, m);
            Put(var, c, v);
            foreach (long i in all) Put(y, i, (At(x, i) - m) / Math.Sqrt(v + eps) * Weight(weight, c) + (bias is null ? 0 : At(bias, c)));
        }
    }

    internal override void BatchNormBackward(Tensor g, Tensor x, Tensor mean, Tensor var, Tensor? weight, Lines lines, double eps, Tensor dx,
        Tensor dWeight, Tensor dBias)
    {
        for (long c = 0; c < lines.Length; c++)
        {
            long[] all = Channel(lines, c);
            double m = At(mean, c), s = 1 / Math.Sqrt(At(var, c) + eps), sum = all.Sum(i => At(g, i)), product = all.Sum(i => At(g, i) * (At(x, i) - m) * s);
            foreach (long i in all) Put(dx, i, s * Weight(weight, c) * (At(g, i) - sum / all.Length - (At(x, i) - m) * s * product / all.Length));
            Put(dWeight, c, product);
            Put(dBias, c, sum);
        }
    }

    internal override void GatherRows(Tensor table, Tensor index, Tensor y)
    {
        long width = table.Shape[1];
        for (long i = 0; i < index.Count; i++)
        {
            long v = GetLong(index, index.Layout.Offset + i);
            EmbeddingBackward.CheckIndex(v, table.Shape[0]);
            for (long k = 0; k < width; k++) Put(y, i * width + k, At(table, v * width + k));
        }
    }

    internal override void SumRows(Tensor table, Tensor index, double scale, Tensor y)
    {
        long width = table.Shape[1], n = index.Shape[1];
        for (long i = 0; i < y.Count; i++)
        {
            double sum = 0;
            for (long k = 0; k < n; k++)
            {
                long v = GetLong(index, index.Layout.Offset + i / width * n + k);
                EmbeddingBackward.CheckIndex(v, table.Shape[0]);
                sum += At(table, v * width + i % width);
            }
            Put(y, i, sum * scale);
        }
    }

    internal override void ScatterRows(Tensor x, Tensor index, long padding, bool mean, Tensor y)
    {
        long width = y.Shape[1];
        var sums = new double[y.Count];
        var counts = new long[y.Shape[0]];
        for (long i = 0; i < index.Count; i++)
        {
            long v = GetLong(index, index.Layout.Offset + i);
            if (v == padding) continue;
            counts[v]++;
            for (long k = 0; k < width; k++) sums[v * width + k] += At(x, i * width + k);
        }
        for (long i = 0; i < sums.Length; i++) Put(y, i, mean ? sums[i] / Math.Max(1, counts[i / width]) : sums[i]);
    }
}
