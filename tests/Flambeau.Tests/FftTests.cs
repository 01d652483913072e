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

    // Halves and mirror images, in place along every axis: powers of two, odd and prime sizes, and such that are one pass.
    [Fact]
    public void Real_tensors_are_complex_ones_along_any_axes()
    {
        Random random = new(3);
        long[] sizes = [1, 2, 3, 4, 7, 8, 15, 16, 17, 37, 67, 256];
        for (int trial = 0; trial < 120; trial++)
        {
            int rank = 1 + trial % 4;
            long[] shape = [.. Enumerable.Range(0, rank).Select(_ => sizes[random.Next(rank < 3 ? sizes.Length : 8)])], dims = [.. Enumerable.Range(0, rank).Select(d => (long)d)];
            random.Shuffle(dims);
            dims = dims[..random.Next(1, rank + 1)];
            Tensor x = Tensor.Randn(shape, DType.Float64), z = x.To(DType.Complex128), expected = z;
            foreach (long d in dims) expected = Fft.FFT(expected, dim: d);
            string what = $"({string.Join(", ", shape)}) along ({string.Join(", ", dims)})";
            Assert.True(Distance(Fft.Fftn(z, dim: dims).ToArray<Complex>(), expected.ToArray<Complex>()) < 1e-14, what);
            Assert.True(Distance(Fft.Fftn(x, dim: dims).ToArray<Complex>(), expected.ToArray<Complex>()) < 1e-14, what + ", real");
            Assert.True(Distance(Fft.Fftn(x.To(DType.Float32), dim: dims).ToArray<Complex>(), expected.ToArray<Complex>()) < 1e-6, what + ", real, single precision");
            Assert.True(Distance(Fft.Ifftn(x, dim: dims).ToArray<Complex>(), Fft.Ifftn(z, dim: dims).ToArray<Complex>()) < 1e-14, what + ", real, inverse");
            Tensor half = expected.Narrow((int)dims[^1], 0, shape[dims[^1]] / 2 + 1);
            Assert.True(Distance(Fft.Rfftn(x, dim: dims).ToArray<Complex>(), half.ToArray<Complex>()) < 1e-14, what + ", half");
            Assert.True(Distance(Fft.Irfftn(half, [.. dims.Select(d => shape[d])], dims).ToArray<Complex>(), z.ToArray<Complex>()) < 1e-14, what + ", there and back");
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

    // More lines than a vector has numbers, a remainder, a contiguous and a crossing axis, lengths of every way, odd and even real ones.
    [Theory]
    [InlineData(1), InlineData(2), InlineData(8), InlineData(30), InlineData(64), InlineData(67), InlineData(81), InlineData(128), InlineData(256), InlineData(512), InlineData(1536), InlineData(2560)]
    public void Many_lines_are_as_one(int n)
    {
        const int Lines = 37;
        foreach (bool single in (bool[])[false, true])
        {
            double near = single ? 1e-6 : 2e-15;
            Tensor c = Tensor.From(Noise(Lines * n, n)).Reshape(Lines, n).To(single ? DType.Complex64 : DType.Complex128), r = c.Real();
            r = r.Contiguous();
            foreach ((Func<Tensor, long, Tensor> f, Tensor x) in ((Func<Tensor, long, Tensor>, Tensor)[])
                [((t, d) => Fft.FFT(t, dim: d), c), ((t, d) => Fft.Ifft(t, dim: d, norm: "ortho"), c), ((t, d) => Fft.Rfft(t, dim: d), r), ((t, d) => Fft.Ihfft(t, dim: d), r),
                    ((t, d) => Fft.Irfft(t, n, d), Fft.Rfft(r)), ((t, d) => Fft.Hfft(t, n, d), Fft.Ihfft(r))])
            {
                Tensor rows = f(x, 1), columns = f(x.T.Contiguous(), 0).T, turned = f(x.T.Contiguous().T, 1);
                for (int i = 0; i < Lines; i += 4) Assert.Equal(rows.Select(0, i).ToArray<Complex>(), f(x.Select(0, i), 0).ToArray<Complex>());
                Assert.True(Distance(columns.ToArray<Complex>(), rows.ToArray<Complex>()) < near);
                Assert.True(Distance(turned.ToArray<Complex>(), rows.ToArray<Complex>()) < near);
            }
            Complex[] half = Fft.Rfft(r).ToArray<Complex>();
            Assert.True(Distance(Fft.FFT(r).Narrow(1, 0, n / 2 + 1).ToArray<Complex>(), half) < near);
            Assert.True(Distance(Fft.Ihfft(r).ToArray<Complex>(), [.. half.Select(v => Complex.Conjugate(v) / n)]) < near);
            Assert.True(Distance(Fft.Ifft(Fft.FFT(c)).ToArray<Complex>(), c.ToArray<Complex>()) < near);
            Assert.True(Distance(Fft.Irfft(Fft.Rfft(r), n).ToArray<Complex>(), r.ToArray<Complex>()) < near);
            Assert.True(Distance(Fft.Hfft(Fft.Ihfft(r), n).ToArray<Complex>(), r.ToArray<Complex>()) < near);
        }
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
    public void Integers_and_bools_become_floats()
    {
        Tensor x = Tensor.Arange(7);
        foreach (DType t in (DType[])[DType.UInt8, DType.Int8, DType.Int16, DType.Int32, DType.Int64, DType.Bool])
        {
            Tensor floats = x.To(t).To(DType.Float32);
            Assert.Equal(Fft.FFT(floats).ToArray<Complex64>(), Fft.FFT(x.To(t)).ToArray<Complex64>());
            Assert.Equal(Fft.Rfft(floats).ToArray<Complex64>(), Fft.Rfft(x.To(t)).ToArray<Complex64>());
            Assert.Equal(Fft.Irfft(floats).ToArray<float>(), Fft.Irfft(x.To(t)).ToArray<float>());
        }
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

    [Theory]
    [InlineData(16, 4, 16, true, false, true), InlineData(16, 5, 12, true, true, true), InlineData(15, 3, 15, true, false, false), InlineData(8, 2, 8, false, false, true)]
    public void Signals_come_back_from_their_frames(int n, int hop, int size, bool center, bool normalized, bool onesided)
    {
        Tensor x = Tensor.From(Noise(3 * 64, 5)).Real().Reshape(3, 64), w = center ? Tensor.HammingWindow(size, dtype: DType.Float64) : Tensor.Ones([size], DType.Float64);
        Tensor y = x.Stft(n, hop, size, w, center, normalized: normalized, onesided: onesided, returnComplex: true);
        Assert.Equal(new Dims([3, onesided ? n / 2 + 1 : n, ((center ? 64 + n / 2 * 2 : 64) - n) / hop + 1]), y.Shape);
        Tensor back = y.Istft(n, hop, size, w, center, normalized, onesided, length: 60);
        Assert.True(Distance(back.ToArray<Complex>(), x.Narrow(1, 0, 60).ToArray<Complex>()) < 1e-14);
        // Parts as a last axis say the same, and of a signal alone there is no batch.
        Assert.True(Distance(y.ViewAsReal().Istft(n, hop, size, w, center, normalized, onesided, 60).ToArray<Complex>(), back.ToArray<Complex>()) == 0);
        Assert.True(Distance(x.Select(0, 1).Stft(n, hop, size, w, center, normalized: normalized, onesided: onesided, returnComplex: true).ToArray<Complex>(), y.Select(0, 1).ToArray<Complex>()) == 0);
    }

    [Fact]
    public void Windows_are_pytorchs()
    {
        Near([0, 0.3454915028125263, 0.9045084971874737, 0.9045084971874737, 0.3454915028125264], Tensor.HannWindow(5, dtype: DType.Float64));
        Near([0, 0.5, 1, 0.5, 0], Tensor.HannWindow(5, periodic: false));
        Near([0.08, 0.54, 1, 0.54, 0.08], Tensor.HammingWindow(5, false));
        Near([0, 0.34, 1, 0.34, 0], Tensor.BlackmanWindow(5, false));
        Near([0, 0.4, 0.8, 0.8, 0.4], Tensor.BartlettWindow(5));
        Near([5.277344e-05, 0.2156727463, 1, 0.2156727463, 5.277344e-05], Tensor.KaiserWindow(5, false));
        foreach (Func<long, Tensor> window in (Func<long, Tensor>[])[n => Tensor.HannWindow(n), n => Tensor.HammingWindow(n), n => Tensor.BlackmanWindow(n), n => Tensor.BartlettWindow(n), n => Tensor.KaiserWindow(n)])
        {
            Assert.Equal(new Dims([0]), window(0).Shape);
            Assert.Equal([1f], window(1).ToArray<float>());
            Assert.ThrowsAny<ArgumentException>(() => window(-1));
        }
        Assert.ThrowsAny<ArgumentException>(() => Tensor.HannWindow(3, dtype: DType.Int64));

        static void Near(double[] expected, Tensor got) => Assert.Equal(expected, got.To(DType.Float64).ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Wrong_frames_are_refused()
    {
        Tensor x = Tensor.Ones(50), z = Fft.FFT(Tensor.Ones(10, 16)).T;       // (16, 10)
        foreach (Action call in (Action[])
            [() => x.Stft(16, winLength: 20), () => x.Stft(16, 0), () => x.Stft(16, window: Tensor.Ones(7)), () => x.Stft(60, center: false), () => x.Stft(0), () => Tensor.Ones(2, 3, 50).Stft(16),
                () => x.To(DType.Int64).Stft(16), () => x.To(DType.Complex64).Stft(16, onesided: true), () => z.Istft(17), () => z.Istft(16, onesided: true), () => z.Istft(16, 17), () => x.Istft(16),
                () => z.Istft(16, window: Tensor.Zeros(16)), () => z.Istft(16, window: Tensor.HannWindow(16), center: false), () => z.Narrow(0, 0, 9).Istft(16, returnComplex: true)])
            Assert.ThrowsAny<ArgumentException>(call);
    }
}
