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
}
