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

            long[] Each(int low, int high) => [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(low, high))];
            (Tensor, Tensor) Pool(Tensor t) => rank switch
            {
                1 => F.MaxPool1dWithIndices(t, kernel, stride, padding, dilation, ceil), 2 => F.MaxPool2dWithIndices(t, kernel, stride, padding, dilation, ceil),
                _ => F.MaxPool3dWithIndices(t, kernel, stride, padding, dilation, ceil),
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
