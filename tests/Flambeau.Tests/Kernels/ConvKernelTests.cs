using Flambeau.Backends.Cpu;
using Xunit;

namespace Flambeau.Tests.Kernels;

[Collection(nameof(ThreadCount))]
public unsafe class ConvKernelTests
{
    static ConvShape Shape(long n, long c, long o, long groups, Size3 input, Size3 kernel, Size3 stride, Size3 pad, Size3 dilation)
    {
        static long Out(long i, long k, long s, long p, long d) => Math.Max(0, (i + 2 * p - d * (k - 1) - 1) / s + 1);
        return new()
        {
            N = n, C = c, O = o, Groups = groups, Input = input, Kernel = kernel, Stride = stride, Pad = pad, Dilation = dilation,
            Output = new(
                Out(input.D, kernel.D, stride.D, pad.D, dilation.D),
                Out(input.H, kernel.H, stride.H, pad.H, dilation.H),
                Out(input.W, kernel.W, stride.W, pad.W, dilation.W)),
        };
    }

    static ConvShape Flat(long n, long c, long o, long size, long kernel, long stride = 1, long pad = 0, long dilation = 1, long groups = 1) =>
        Shape(n, c, o, groups, new(1, size, size), new(1, kernel, kernel), new(1, stride, stride), new(0, pad, pad), new(1, dilation, dilation));

    /// <summary>Visits every (x, w, y) whose product is a term of the convolution.</summary>
    static void Terms(in ConvShape s, Action<long, long, long> visit)
    {
        long cg = s.C / s.Groups, og = s.O / s.Groups;
        for (long n = 0; n < s.N; n++)
            for (long o = 0; o < s.O; o++)
                for (long c = 0; c < cg; c++)
                    for (long z = 0; z < s.Output.D; z++)
                        for (long y = 0; y < s.Output.H; y++)
                            for (long x = 0; x < s.Output.W; x++)
                                for (long kd = 0; kd < s.Kernel.D; kd++)
                                    for (long kh = 0; kh < s.Kernel.H; kh++)
                                        for (long kw = 0; kw < s.Kernel.W; kw++)
                                        {
                                            long d = z * s.Stride.D + kd * s.Dilation.D - s.Pad.D;
                                            long h = y * s.Stride.H + kh * s.Dilation.H - s.Pad.H;
                                            long w = x * s.Stride.W + kw * s.Dilation.W - s.Pad.W;
                                            if (d < 0 || d >= s.Input.D || h < 0 || h >= s.Input.H || w < 0 || w >= s.Input.W) continue;
                                            visit((((n * s.C + o / og * cg + c) * s.Input.D + d) * s.Input.H + h) * s.Input.W + w,
                                                (((o * cg + c) * s.Kernel.D + kd) * s.Kernel.H + kh) * s.Kernel.W + kw,
                                                (((n * s.O + o) * s.Output.D + z) * s.Output.H + y) * s.Output.W + x);
                                        }
    }

    static void Check<E>(ConvShape s) where E : unmanaged
    {
        var random = new Random(7);
        using var x = new Guarded<E>(s.N * s.C * s.Input.Volume).Randomize(random, 8);
        using var w = new Guarded<E>(s.O * (s.C / s.Groups) * s.Kernel.Volume).Randomize(random, 8);
        using var bias = new Guarded<E>(s.O).Randomize(random);
        using var y = new Guarded<E>(s.N * s.O * s.Output.Volume);
        using var g = new Guarded<E>(y.Length).Randomize(random, 8);
        using var dx = new Guarded<E>(x.Length);
        using var dw = new Guarded<E>(w.Length);
        double[] ey = new double[y.Length], edx = new double[x.Length], edw = new double[w.Length];
        double[] vx = x.Values, vw = w.Values, vg = g.Values;
        for (long i = 0; i < ey.Length; i++) ey[i] = bias[i / s.Output.Volume % s.O];
        Terms(in s, (i, j, k) =>
        {
            ey[k] += vx[i] * vw[j];
            edx[i] += vg[k] * vw[j];
            edw[j] += vg[k] * vx[i];
        });
        ConvKernels.Forward(x.P, w.P, bias.P, y.P, in s);
        ConvKernels.BackwardInput(g.P, w.P, dx.P, in s);
        ConvKernels.BackwardWeight(x.P, g.P, dw.P, in s);
        Same("y", ey, y);
        Same("dx", edx, dx);
        Same("dw", edw, dw);
        bool fences = x.FencesStand && w.FencesStand && bias.FencesStand && y.FencesStand && g.FencesStand && dx.FencesStand && dw.FencesStand;
        Assert.True(fences, $"{s} wrote beside its tensors");

        void Same(string name, double[] expected, Guarded<E> actual)
        {
            for (long i = 0; i < expected.Length; i++)
                if (expected[i] != actual[i]) Assert.Fail($"{typeof(E).Name} {s} {name}[{i}] = {actual[i]}, not {expected[i]}");
        }
    }

    [Fact]
    public void Square_images()
    {
        foreach (int size in new[] { 1, 2, 5, 7, 14, 17, 33 })
            foreach (int kernel in new[] { 1, 2, 3, 5 })
                foreach (int stride in new[] { 1, 2, 3 })
                    foreach (int pad in new[] { 0, 1, 2, 4 })
                        foreach (int dilation in new[] { 1, 2 })
                        {
                            Check<float>(Flat(2, 3, 4, size, kernel, stride, pad, dilation));
                            if (size < 10) Check<double>(Flat(1, 2, 5, size, kernel, stride, pad, dilation));
                        }
    }

    [Theory]
    [InlineData(3, 1, 1, 1), InlineData(2, 13, 25, 1), InlineData(1, 40, 3, 1), InlineData(5, 4, 6, 2)]
    [InlineData(3, 6, 6, 6), InlineData(2, 5, 10, 5), InlineData(9, 3, 17, 1), InlineData(1, 1, 70, 1)]
    public void Channels_and_groups(int n, int c, int o, int groups)
    {
        foreach (int size in new[] { 4, 9, 12 })
        {
            Check<float>(Flat(n, c, o, size, 3, 1, 1, 1, groups));
            Check<double>(Flat(n, c, o, size, 3, 2, 1, 1, groups));
            Check<float>(Flat(n, c, o, size, 1, 1, 0, 1, groups));
        }
    }

    // Planes of 3×3 filters, which have a way of their own from some number of channels and results on.
    [Theory]
    [InlineData(3, 16, 33, 1), InlineData(2, 37, 16, 1), InlineData(1, 64, 48, 1), InlineData(9, 40, 68, 2), InlineData(40, 32, 17, 1)]
    public void Three_by_three_filters_of_many_channels(int n, int c, int o, int groups)
    {
        foreach (int size in n > 9 ? [1, 2, 3] : n > 3 ? new[] { 4, 5, 7 } : [8, 11, 14])
            foreach (int pad in new[] { 0, 1, 2, 3 })
            {
                if (size + 2 * pad < 3) continue;
                ConvShape s = Flat(n, c, o, size, 3, 1, pad, 1, groups);
                Check<float>(s);
                Check<double>(s with { Input = new(1, size, size + 6), Output = new(1, s.Output.H, s.Output.W + 6) });
            }
    }

    // So many results that they are lanes, and pixels hold their channels side by side: taps that meet the padding, partly or altogether, lattices of strides,
    // few channels in long rows, which count neighbouring pixels as one, blocks of large images.
    [Theory]
    [InlineData(3, 20, 17, 1, 5, 1, 1), InlineData(1, 33, 65, 1, 7, 2, 1), InlineData(2, 34, 60, 2, 4, 2, 1), InlineData(2, 17, 16, 1, 3, 1, 4), InlineData(2, 24, 31, 1, 3, 3, 2), InlineData(5, 18, 64, 1, 1, 2, 1)]
    public void Many_results(int n, int c, int o, int groups, int kernel, int stride, int dilation)
    {
        foreach (int size in new[] { 5, 8, 13 })
            foreach (int pad in new[] { 0, 1, 3, 6 })
            {
                if (size + 2 * pad < dilation * (kernel - 1) + 1) continue;
                ConvShape s = Flat(n, c, o, size, kernel, stride, pad, dilation, groups);
                Check<float>(s);
                if (pad != 3) Check<double>(s);
            }
    }

    [Fact]
    public void Many_results_of_long_rows_volumes_and_large_images()
    {
        foreach ((int c, int o, int stride) in new[] { (3, 40, 1), (16, 33, 2), (70, 16, 1) })
        {
            Check<float>(Shape(2, c, o, 1, new(1, 1, 300), new(1, 1, 5), new(1, 1, stride), new(0, 0, 2), new(1, 1, 1)));
            Check<float>(Shape(2, c, o, 1, new(1, 3, 60), new(1, 3, 3), new(1, 1, stride), new(0, 1, 3), new(1, 2, 1)));
            Check<float>(Shape(1, c, o, 1, new(4, 6, 12), new(3, 2, 3), new(1, stride, 1), new(1, 1, 1), new(1, 1, 1)));
            Check<double>(Shape(2, c, o, 1, new(5, 4, 7), new(3, 3, 3), new(stride, 1, stride), new(1, 0, 2), new(2, 1, 1)));
        }
        Check<float>(Flat(1, 64, 16, 70, 3, 2, 1));
        Check<float>(Flat(1, 64, 16, 60, 1));
    }

    // Planes that are filtered each by itself, their channels being lanes.
    [Theory]
    [InlineData(2, 16, 3, 1, 1), InlineData(3, 21, 5, 1, 2), InlineData(1, 40, 4, 2, 1), InlineData(2, 9, 7, 3, 1), InlineData(2, 18, 2, 3, 2), InlineData(2, 33, 1, 2, 1)]
    public void Depthwise(int n, int c, int kernel, int stride, int dilation)
    {
        foreach (int size in new[] { 1, 4, 9, 18 })
            foreach (int pad in new[] { 0, 1, 3 })
            {
                if (size + 2 * pad < dilation * (kernel - 1) + 1) continue;
                ConvShape s = Flat(n, c, c, size, kernel, stride, pad, dilation, c);
                Check<float>(s);
                Check<double>(s);
            }
        Check<float>(Flat(1, 16, 16, 90, kernel, stride, 1, dilation, 16));      // in blocks of lines
        Check<float>(Shape(2, 8, 8, 8, new(1, 1, 40), new(1, 1, 4), new(1, 1, stride), new(0, 0, 2), new(1, 1, dilation)));
        Check<float>(Shape(2, 8, 8, 8, new(3, 5, 6), new(1, 3, 3), new(1, stride, 1), new(0, 1, 1), new(1, 1, 1)));
    }

    // Planes so small that panels of results go on from row to row and from image to image.
    [Theory]
    [InlineData(7, 20, 80, 1, 3, 2), InlineData(5, 30, 130, 1, 1, 1), InlineData(3, 40, 130, 2, 5, 1), InlineData(2, 65, 90, 1, 3, 3), InlineData(18, 12, 97, 1, 2, 2)]
    public void Small_planes_with_many_results(int n, int c, int o, int groups, int kernel, int stride)
    {
        foreach (int size in new[] { 4, 7, 9 })
            foreach (int pad in new[] { 0, 1 })
            {
                if (size + 2 * pad < kernel) continue;
                Check<float>(Flat(n, c, o, size, kernel, stride, pad, 1, groups));
                Check<double>(Flat(n, o, c, size, kernel, stride, pad, 1, groups));
            }
    }

    // Filters of one element over planes that fill vectors and planes that do not, and filters as large as the picture.
    [Fact]
    public void Convolutions_that_are_products()
    {
        foreach (int size in new[] { 1, 3, 7, 12, 14 })
            foreach ((int n, int c, int o) in new[] { (1, 5, 70), (5, 33, 17), (3, 40, 1), (2, 1, 20) })
            {
                Check<float>(Flat(n, c, o, size, 1));
                Check<double>(Flat(n, c, o, size, 1));
                if (size < 8) Check<float>(Flat(n, c, o, size, size));
                if (size < 4) Check<double>(Shape(n, c, o, 1, new(2, size, 3), new(2, size, 3), new(2, 1, 3), default, new(1, 1, 1)));
            }
        Check<float>(Shape(2, 8, 9, 1, new(2, 5, 8), new(1, 1, 1), new(1, 1, 1), default, new(1, 1, 1)));
    }

    // One filter for each channel, rows of results no shorter than a vector: four of them at a time.
    [Fact]
    public void Depthwise_planes()
    {
        foreach ((long height, long width) in new[] { (1L, 16L), (3, 17), (4, 33), (9, 40), (14, 64) })
            foreach ((long kh, long kw) in new[] { (1L, 1L), (3, 3), (5, 5), (1, 7), (7, 1), (2, 4) })
                foreach (long dilation in new[] { 1, 2 })
                {
                    Size3 pad = new(0, kh / 2 * dilation, kw / 2 * dilation);
                    Check<float>(Shape(2, 3, 3, 3, new(1, height, width), new(1, kh, kw), new(1, 1, 1), pad, new(1, dilation, dilation)));
                    Check<double>(Shape(1, 2, 2, 2, new(1, height + 6, width + 6), new(1, kh, kw), new(1, 1, 1), default, new(1, 1, dilation)));
                }
    }

    [Theory]
    [InlineData(float.PositiveInfinity), InlineData(float.NaN), InlineData(float.MaxValue)]
    public void What_is_not_finite_spreads_no_farther_than_the_filters(float value)
    {
        ConvShape s = Flat(1, 32, 32, 20, 3, 1, 1);
        float[] x = new float[32 * 400], w = new float[32 * 32 * 9], y = new float[x.Length], dx = new float[x.Length], dw = new float[w.Length];
        x.AsSpan().Fill(0.25f);
        w.AsSpan().Fill(0.5f);
        x[5 * 400 + 7 * 20 + 9] = value;              // channel 5, row 7, column 9
        fixed (float* px = x, pw = w, py = y, pdx = dx, pdw = dw)
        {
            ConvKernels.Forward(px, pw, null, py, in s);
            ConvKernels.BackwardInput(px, pw, pdx, in s);
            ConvKernels.BackwardWeight(px, px, pdw, in s);
        }
        for (int i = 0; i < y.Length; i++)
        {
            int row = i / 20 % 20, column = i % 20;
            bool near = Math.Abs(row - 7) <= 1 && Math.Abs(column - 9) <= 1;
            foreach (float v in new[] { y[i], dx[i] })
                if (near) Assert.Equal(value * 0.5f, v);
                else Assert.InRange(v, 0, 100);
        }
        for (int i = 0; i < dw.Length; i++)
            Assert.Equal((i / 9 % 32 == 5 || i / 288 == 5) && float.IsNaN(value), float.IsNaN(dw[i]));
    }

    // Sums of random numbers, of both ways, against double: the errors are of one size.
    [Fact]
    public void The_error_of_three_by_three_filters_stays_small()
    {
        ConvShape s = Flat(2, 128, 48, 13, 3, 1, 1);
        var random = new Random(5);
        float[] x = Noise(s.N * s.C * s.Input.Volume), w = Noise(s.O * s.C * 9), g = Noise(s.N * s.O * s.Output.Volume);
        float[] y = new float[g.Length], dx = new float[x.Length], dw = new float[w.Length];
        double[] ey = new double[y.Length], edx = new double[x.Length], edw = new double[w.Length];
        Terms(in s, (i, j, k) =>
        {
            ey[k] += (double)x[i] * w[j];
            edx[i] += (double)g[k] * w[j];
            edw[j] += (double)g[k] * x[i];
        });
        fixed (float* px = x, pw = w, pg = g, py = y, pdx = dx, pdw = dw)
        {
            ConvKernels.Forward(px, pw, null, py, in s);
            ConvKernels.BackwardInput(pg, pw, pdx, in s);
            ConvKernels.BackwardWeight(px, pg, pdw, in s);
        }
        Assert.InRange(Error(ey, y), 0, 5e-7);
        Assert.InRange(Error(edx, dx), 0, 5e-7);
        Assert.InRange(Error(edw, dw), 0, 5e-7);

        // of a sum, relative to the root mean square of all
        static double Error(double[] expected, float[] actual) =>
            Math.Sqrt(expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum() / expected.Sum(e => e * e));

        float[] Noise(long length)
        {
            var a = new float[length];
            foreach (ref float v in a.AsSpan()) v = 2 * random.NextSingle() - 1;
            return a;
        }
    }

    [Fact]
    public void One_and_three_dimensions_and_uneven_ones()
    {
        Check<float>(Shape(2, 3, 4, 1, new(1, 1, 50), new(1, 1, 7), new(1, 1, 1), new(0, 0, 3), new(1, 1, 1)));
        Check<float>(Shape(2, 1, 4, 1, new(1, 1, 97), new(1, 1, 10), new(1, 1, 5), new(0, 0, 0), new(1, 1, 1)));
        Check<double>(Shape(1, 2, 2, 2, new(1, 1, 20), new(1, 1, 3), new(1, 1, 4), new(0, 0, 5), new(1, 1, 3)));
        Check<float>(Shape(2, 3, 4, 1, new(4, 5, 6), new(2, 3, 3), new(1, 1, 1), new(1, 1, 1), new(1, 1, 1)));
        Check<float>(Shape(1, 2, 3, 1, new(5, 7, 6), new(3, 2, 3), new(2, 1, 3), new(1, 0, 2), new(1, 3, 2)));
        Check<double>(Shape(2, 4, 6, 2, new(3, 3, 3), new(3, 3, 3), new(1, 2, 1), new(1, 1, 1), new(1, 1, 1)));
        Check<float>(Shape(2, 2, 3, 1, new(1, 9, 31), new(1, 1, 5), new(1, 2, 1), new(0, 0, 2), new(1, 1, 1)));
        Check<float>(Shape(1, 3, 8, 1, new(1, 32, 32), new(1, 8, 8), new(1, 8, 8), new(0, 0, 0), new(1, 1, 1)));
        Check<float>(Shape(2, 2, 3, 1, new(1, 5, 5), new(1, 2, 2), new(1, 4, 7), new(0, 1, 1), new(1, 1, 1)));
    }

    [Fact]
    public void Nothing()
    {
        Check<float>(Flat(0, 3, 4, 5, 3));
        Check<float>(Flat(2, 0, 4, 5, 3));
        Check<float>(Flat(2, 3, 0, 5, 3));
        Check<float>(Flat(2, 3, 4, 2, 3));                                             // no results
        Check<float>(Flat(2, 3, 4, 0, 3, pad: 2));
    }

    // What transposed convolution with output padding asks for: rows of dx that no tap reaches.
    [Fact]
    public void Inputs_larger_than_the_results_reach()
    {
        Check<float>(Flat(2, 3, 4, 8, 3, 2, 1) with { Output = new(1, 4, 4) });
        Check<float>(Flat(2, 3, 4, 9, 2, 3) with { Output = new(1, 2, 3) });
        Check<double>(Flat(1, 2, 2, 6, 1, 3) with { Output = new(1, 1, 2) });
    }

    [Theory]
    [InlineData(16, 5, 9, 14, 3, 1), InlineData(1, 8, 30, 28, 3, 1), InlineData(3, 4, 4, 30, 3, 4)]
    [InlineData(33, 3, 3, 9, 5, 1), InlineData(40, 30, 40, 20, 3, 1), InlineData(2, 70, 100, 16, 3, 2)]
    public void Bits_do_not_depend_on_the_threads(int n, int c, int o, int size, int kernel, int groups)
    {
        using var _ = new Using(0);
        var s = Flat(n, c, o, size, kernel, 1, 1, 1, groups);
        var random = new Random(3);
        float[] x = Noise(n * c * s.Input.Volume), w = Noise(o * c / groups * s.Kernel.Volume), bias = Noise(o), g = Noise(n * o * s.Output.Volume);
        float[]? first = null;
        foreach (int threads in new[] { 1, 2, 5 })
        {
            Threads.Count = threads;
            float[] y = new float[g.Length], dx = new float[x.Length], dw = new float[w.Length];
            fixed (float* px = x, pw = w, pb = bias, pg = g, py = y, pdx = dx, pdw = dw)
            {
                ConvKernels.Forward(px, pw, pb, py, in s);
                ConvKernels.BackwardInput(pg, pw, pdx, in s);
                ConvKernels.BackwardWeight(px, pg, pdw, in s);
            }
            float[] all = [.. y, .. dx, .. dw];
            first ??= all;
            Assert.True(first.AsSpan().SequenceEqual(all), $"{threads} threads");
        }

        float[] Noise(long length)
        {
            var a = new float[length];
            foreach (ref float v in a.AsSpan()) v = random.NextSingle() - 0.5f;
            return a;
        }
    }
}
