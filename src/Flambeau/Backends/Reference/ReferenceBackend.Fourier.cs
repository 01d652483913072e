using System.Numerics;

namespace Flambeau.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    internal override void Fourier(Tensor x, Dims axes, bool inverse, double scale, Tensor y)
    {
        Fourier(x, (int)axes[^1], inverse, scale, y);
        for (int i = 0; i < axes.Length - 1; i++) Fourier(y, (int)axes[i], inverse, 1, y);
    }

    static void Fourier(Tensor x, int axis, bool inverse, double scale, Tensor y)
    {
        long n = y.DType.IsComplex && x.DType.IsComplex || !x.DType.IsComplex ? x.Shape[axis] : y.Shape[axis], h = y.Shape[axis];
        Ops.Lines lines = Ops.Lines.Along(y.Shape, axis);
        for (long o = 0; o < lines.Outer; o++)
            for (long i = 0; i < lines.Inner; i++)
            {
                var line = new Complex[n];
                for (long j = 0; j < n; j++)
                {
                    bool mirrored = j >= x.Shape[axis];                        // complex to real: the other half
                    long k = mirrored ? n - j : j;
                    Complex v = Get(x, At(x.Layout, x.Shape, (o * x.Shape[axis] + k) * lines.Inner + i));
                    line[j] = mirrored ? Complex.Conjugate(v) : !y.DType.IsComplex && (k == 0 || 2 * k == n) ? v.Real : v;
                }
                for (long k = 0; k < h; k++)
                {
                    Complex sum = 0;
                    for (long j = 0; j < n; j++)
                    {
                        double turn = 2 * Math.PI * (double)((Int128)j * k % n) / n;
                        sum += line[j] * new Complex(Math.Cos(turn), inverse ? Math.Sin(turn) : -Math.Sin(turn));
                    }
                    Set(y, At(y.Layout, y.Shape, (o * h + k) * lines.Inner + i), sum * scale);
                }
            }
    }
}
