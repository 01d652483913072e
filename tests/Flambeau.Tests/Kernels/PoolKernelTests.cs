using Flambeau.Backends;
using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>Windows of every kind, as the reference pools them.</summary>
public class PoolKernelTests
{
    [Theory, InlineData(DType.Float32), InlineData(DType.Float64), InlineData(DType.Int32)]
    public void Maxima_and_their_places_are_the_references(DType type)
    {
        var random = new System.Random(1);
        for (int trial = 0; trial < 150; trial++)
        {
            int rank = 1 + trial % 3;
            long[] kernel = Each(1, 5), stride = Each(1, 4), dilation = Each(1, 3), padding = [.. kernel.Select(k => (long)random.Next((int)k / 2 + 1))];
            if (trial % 5 == 4) (kernel[^1], stride[^1], dilation[^1], padding[^1]) = (2, 2, 1, 0);      // neighbours in pairs
            long[] size = [.. kernel.Select((k, d) => (k - 1) * dilation[d] + 1 + random.Next(d == rank - 1 ? 70 : 12))];
            Tensor x = Tensor.RandInt(-3, 4, [2, 3, .. size]).To(type);                 // many equals
            if (type.IsFloatingPoint)
            {
                x = Tensor.Where(Tensor.Rand(x.Shape).Lt(0.05), double.NaN, x).To(type);
                x = Tensor.Where(Tensor.Rand(x.Shape).Lt(0.3), double.NegativeInfinity, x).To(type);
            }
            bool ceil = random.Next(2) == 0;
            (Tensor, Tensor) actual = Pool(x), expected;
            using (Backend.Reference.Use()) expected = Pool(x);
            Assert.Equal(expected.Item1.ToArray<double>(), actual.Item1.ToArray<double>());
            Assert.Equal(expected.Item2.ToArray<long>(), actual.Item2.ToArray<long>());
            Tensor values = rank switch                                                 // where nobody asks for the places
            {
                1 => F.MaxPool1d(x, kernel, stride, padding, dilation, ceil), 2 => F.MaxPool2d(x, kernel, stride, padding, dilation, ceil), _ => F.MaxPool3d(x, kernel, stride, padding, dilation, ceil),
            };
            Assert.Equal(expected.Item1.ToArray<double>(), values.ToArray<double>());
            if (type.IsFloatingPoint)
            {
                double[] actualDx = Dx(), expectedDx;
                using (Backend.Reference.Use()) expectedDx = Dx();
                Assert.Equal(expectedDx, actualDx);
            }

            double[] Dx()                                                               // sums of whole numbers
            {
                Tensor leaf = x.Detach().SetRequiresGrad(), y = rank switch
                {
                    1 => F.MaxPool1d(leaf, kernel, stride, padding, dilation, ceil), 2 => F.MaxPool2d(leaf, kernel, stride, padding, dilation, ceil), _ => F.MaxPool3d(leaf, kernel, stride, padding, dilation, ceil),
                };
                return Autograd.Grad([y], [leaf], [Tensor.Arange(y.Count).To(type).Reshape(y.Shape)])[0]!.ToArray<double>();
            }
            long[] Each(int low, int high) => [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(low, high))];
            (Tensor, Tensor) Pool(Tensor t) => rank switch
            {
                1 => F.MaxPool1dWithIndices(t, kernel, stride, padding, dilation, ceil), 2 => F.MaxPool2dWithIndices(t, kernel, stride, padding, dilation, ceil),
                _ => F.MaxPool3dWithIndices(t, kernel, stride, padding, dilation, ceil),
            };
        }
    }

    [Theory, InlineData(DType.Float32), InlineData(DType.Float64)]
    public void Means_and_their_adjoints_are_the_references(DType type)
    {
        var random = new System.Random(2);
        for (int trial = 0; trial < 150; trial++)
        {
            int rank = 1 + trial % 3;
            long[] kernel = Each(1, 5), stride = Each(1, 5), padding = [.. kernel.Select(k => (long)random.Next((int)k / 2 + 1))];
            long[] size = [.. kernel.Select((k, d) => k + random.Next(d == rank - 1 ? 70 : 9))], adapted = [.. size.Select(s => 1L + random.Next((int)s))];
            bool ceil = random.Next(2) == 0, counts = random.Next(2) == 0, adaptive = trial % 4 == 3;
            long? divisor = random.Next(4) == 0 ? 3 : null;
            Tensor x = Tensor.Randn([2, 2, .. size], type).SetRequiresGrad();
            (double[] Y, double[] Dx) actual = Both(), expected;
            using (Backend.Reference.Use()) expected = Both();
            double tolerance = type == DType.Float32 ? 1e-5 : 1e-13;
            for (int i = 0; i < expected.Y.Length; i++) Assert.Equal(expected.Y[i], actual.Y[i], tolerance);
            for (int i = 0; i < expected.Dx.Length; i++) Assert.Equal(expected.Dx[i], actual.Dx[i], tolerance);

            long[] Each(int low, int high) => [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(low, high))];
            (double[], double[]) Both()
            {
                Tensor y = Pool(x);
                return (y.ToArray<double>(), Autograd.Grad([(y * Tensor.Arange(y.Count).To(type).Sin().Reshape(y.Shape)).Sum()], [x])[0]!.ToArray<double>());
            }
            Tensor Pool(Tensor t) => (rank, adaptive) switch
            {
                (1, false) => F.AvgPool1d(t, kernel, stride, padding, ceil, counts, divisor), (2, false) => F.AvgPool2d(t, kernel, stride, padding, ceil, counts, divisor),
                (3, false) => F.AvgPool3d(t, kernel, stride, padding, ceil, counts, divisor),
                (1, _) => F.AdaptiveAvgPool1d(t, adapted), (2, _) => F.AdaptiveAvgPool2d(t, adapted), _ => F.AdaptiveAvgPool3d(t, adapted),
            };
        }
    }

    [Fact]
    public void Adaptive_windows_part_the_input()
    {
        Tensor x = Tensor.Randn(2, 3, 12, 35);
        foreach ((long h, long w) in new[] { (12L, 35L), (3, 7), (5, 7), (4, 6), (1, 1) })
        {
            Tensor y = F.AdaptiveMaxPool2d(x, h, w), mean = F.AdaptiveAvgPool2d(x, h, w), expected, expectedMean;
            using (Backend.Reference.Use()) (expected, expectedMean) = (F.AdaptiveMaxPool2d(x, h, w), F.AdaptiveAvgPool2d(x, h, w));
            Assert.True(y.Equal(expected));
            Assert.True(mean.AllClose(expectedMean, 1e-5, 1e-6));
        }
    }
}
