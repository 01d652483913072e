using System.Numerics;
using Xunit;

namespace Flambeau.Tests;

public class FftTests
{
    static Complex[] Noise(int n, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, n).Select(_ => new Complex(2 * random.NextDouble() - 1, 2 * random.NextDouble() - 1))];
    }

    static double Distance(Complex[] a, Complex[] b) => Math.Sqrt(a.Zip(b, (p, q) => Complex.Abs(p - q) * Complex.Abs(p - q)).Sum() / b.Sum(q => Complex.Abs(q) * Complex.Abs(q)));

    [Fact]
    public void Every_length_is_that_of_the_definition()
    {
        for (int n = 1; n <= 270; n++)
        {
            Complex[] x = Noise(n, n), expected = new Complex[n];
            for (long k = 0; k < n; k++)
                for (long j = 0; j < n; j++) expected[k] += x[j] * Complex.FromPolarCoordinates(1, -2 * Math.PI * (j * k % n) / n);
            Tensor t = Tensor.From(x);
            Assert.True(Distance(Fft.FFT(t).ToArray<Complex>(), expected) < 1e-15 * Math.Log2(n + 1) + 1e-15, $"length {n}");
            Assert.True(Distance(Fft.FFT(t.To(DType.Complex64)).ToArray<Complex>(), expected) < 4e-7, $"length {n}, single precision");
            Assert.True(Distance(Fft.Ifft(Fft.FFT(t)).ToArray<Complex>(), x) < 2e-15, $"length {n}, there and back");

            Tensor real = t.Real();
            Complex[] whole = Fft.FFT(real).ToArray<Complex>();
            Assert.True(Distance(Fft.Rfft(real).ToArray<Complex>(), whole[..(n / 2 + 1)]) < 2e-15, $"length {n}, real");
            Assert.True(Distance(Fft.Irfft(Fft.Rfft(real), n).ToArray<Complex>(), real.ToArray<Complex>()) < 2e-15, $"length {n}, real, there and back");
        }
    }

    [Theory]
    [InlineData(1 << 16), InlineData(99991), InlineData(100000), InlineData(59049), InlineData(2 * 61 * 61 * 13)]
    public void Long_lines_come_back(int n)
    {
        Complex[] x = Noise(n, 1);
        Tensor t = Tensor.From(x), y = Fft.FFT(t);
        Assert.True(Distance(Fft.Ifft(y).ToArray<Complex>(), x) < 3e-15);
        Assert.True(Distance(Fft.Ifft(Fft.FFT(t.To(DType.Complex64))).ToArray<Complex>(), x) < 2e-6);
        // Parseval, and the first coefficient
        Complex[] c = y.ToArray<Complex>();
        Assert.Equal(x.Sum(v => v.Magnitude * v.Magnitude), c.Sum(v => v.Magnitude * v.Magnitude) / n, 1e-9 * n);
        Assert.True(Complex.Abs(x.Aggregate(Complex.Zero, (a, b) => a + b) - c[0]) < 1e-10 * n);
    }

    [Fact]
    public void Lines_do_not_touch_each_other()
    {
        Tensor x = Tensor.From(Noise(13 * 40, 3)).Reshape(13, 40), y = Fft.FFT(x);
        Tensor spoiled = x.Clone();
        spoiled.Select(0, 5).FillInPlace(double.NaN);
        Tensor z = Fft.FFT(spoiled);
        for (int i = 0; i < 13; i++)
            if (i != 5) Assert.Equal(y.Select(0, i).ToArray<Complex>(), z.Select(0, i).ToArray<Complex>());
        // One by one they give the same bits.
        for (int i = 0; i < 13; i++) Assert.Equal(y.Select(0, i).ToArray<Complex>(), Fft.FFT(x.Select(0, i)).ToArray<Complex>());
    }

    [Fact]
    public void Frequencies_are_pytorchs()
    {
        Assert.Equal([0, 0.2, 0.4, -0.4, -0.2], Fft.Fftfreq(5, dtype: DType.Float64).ToArray<double>());
        Assert.Equal([0, 0.5, -1, -0.5], Fft.Fftfreq(4, 0.5, DType.Float64).ToArray<double>());
        Assert.Equal([0f, 0.25f, 0.5f], Fft.Rfftfreq(4).ToArray<float>());
        Assert.Empty(Fft.Fftfreq(0).ToArray<float>());
    }

    [Fact]
    public void Shifts_undo_each_other()
    {
        Tensor x = Tensor.Arange(5), y = Fft.Fftshift(x);
        Assert.Equal([3L, 4, 0, 1, 2], y.ToArray<long>());
        Assert.Equal(x.ToArray<long>(), Fft.Ifftshift(y).ToArray<long>());
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Tensor x = Tensor.Ones(3, 4);
        foreach (Action call in (Action[])
            [() => Fft.FFT(x, 0), () => Fft.FFT(x, dim: 2), () => Fft.FFT(x, norm: "none"), () => Fft.FFT(x.To(DType.Float16)), () => Fft.FFT(Tensor.FromScalar(1.0)),
                () => Fft.Rfft(x.To(DType.Complex64)), () => Fft.Ihfft(x.To(DType.Complex64)), () => Fft.Irfft(Tensor.Ones(3, 1)), () => Fft.FFT(Tensor.Ones(2, 0)),
                () => Fft.Fftn(x, [2], [0, 1]), () => Fft.Fftn(x, [1, 2, 3]), () => Fft.Fftn(x, dim: [0, -2]), () => Fft.Rfftn(Tensor.FromScalar(1.0)), () => Fft.Fft2(Tensor.Ones(3)),
                () => Fft.Fftfreq(-1), () => Fft.Fftfreq(3, dtype: DType.Int32)])
            Assert.ThrowsAny<ArgumentException>(call);
    }
}
