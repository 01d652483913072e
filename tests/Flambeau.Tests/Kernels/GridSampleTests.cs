using Flambeau.Nn;
using Flambeau.Ops;
using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>Images read at a grid's places in one kernel, against the composition.</summary>
[Collection(nameof(ThreadCount))]
public sealed class GridSampleTests
{
    public static TheoryData<string, string, bool> Manners
    {
        get
        {
            TheoryData<string, string, bool> all = [];
            foreach (string mode in (string[])["bilinear", "nearest", "bicubic"])
                foreach (string padding in (string[])["zeros", "border", "reflection"])
                    foreach (bool align in (bool[])[true, false]) all.Add(mode, padding, align);
            return all;
        }
    }

    // Images and points: of one column and one pixel, beyond a block of points, beyond a piece of channels, of volumes, and none.
    static IEnumerable<(long[] Image, long[] Points)> Shapes(string mode)
    {
        yield return ([2, 3, 5, 4], [3, 3]);
        yield return ([1, 2, 4, 1], [1, 7]);
        yield return ([1, 1, 1, 1], [2, 1]);
        yield return ([2, 2, 7, 2], [31, 67]);
        yield return ([1, 70, 3, 5], [2, 9]);
        yield return ([2, 0, 3, 5], [2, 9]);
        yield return ([2, 3, 3, 5], [0, 9]);
        if (mode == "bicubic") yield break;
        yield return ([2, 2, 3, 4, 5], [2, 3, 5]);
        yield return ([1, 2, 1, 3, 1], [9, 10, 11]);
    }

    static GridSample Op(string mode, string padding, bool align) => new(new(Enum.Parse<GridMode>(mode, true), Enum.Parse<GridPadding>(padding, true), align));

    static (Tensor Image, Tensor Grid) Draw(long[] image, long[] points, DType type)
    {
        Generator g = new(3);
        Tensor x = Tensor.Randn(image, DType.Float64, generator: g), at = Tensor.Rand([image[0], .. points, image.Length - 2], DType.Float64, generator: g) * 3.4 - 1.7;
        return (x.To(type).Detach().SetRequiresGrad(), at.To(type).Detach().SetRequiresGrad());
    }

    static void AssertClose(Tensor want, Tensor got, double tolerance)
    {
        Assert.Equal(want.Shape, got.Shape);
        double[] a = want.ToArray<double>(), b = got.ToArray<double>();
        double scale = a.Length == 0 ? 1 : Math.Max(1, a.Max(Math.Abs));
        for (int i = 0; i < a.Length; i++) Assert.True(a[i].Equals(b[i]) || Math.Abs(a[i] - b[i]) <= tolerance * scale, $"{i}: {b[i]}, not {a[i]}");
    }

    [Theory, MemberData(nameof(Manners))]
    public void Places_and_gradients_are_those_of_the_composition(string mode, string padding, bool align)
    {
        foreach ((long[] image, long[] points) in Shapes(mode))
            foreach (DType type in (DType[])[DType.Float64, DType.Float32])
            {
                double tolerance = type == DType.Float64 ? 1e-12 : 2e-4;
                (Tensor x, Tensor at) = Draw(image, points, type);
                Tensor want = Op(mode, padding, align).Compose([x, at]), got = F.GridSample(x, at, mode, padding, align);
                AssertClose(want.Double(), got.Double(), tolerance);
                Tensor g = Tensor.Arange(got.Count).To(type).Cos().Reshape(got.Shape);
                Tensor?[] wants = Autograd.Grad([(want * g).Sum()], [x, at], allowUnused: true), gots = Autograd.Grad([(got * g).Sum()], [x, at]);
                for (int i = 0; i < 2; i++) AssertClose(wants[i]!.Double(), gots[i]!.Double(), tolerance);
            }
    }

    [Theory, MemberData(nameof(Manners))]
    public void Places_without_numbers_are_as_in_the_composition(string mode, string padding, bool align)
    {
        (Tensor x, Tensor at) = Draw([1, 2, 4, 5], [4, 5], DType.Float32);
        float[] u = at.ToArray<float>();
        (u[3], u[8], u[13], u[20], u[27], u[31]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f, -1e30f, float.MaxValue);
        at = Tensor.From<float>(u, 1, 4, 5, 2);
        AssertClose(Op(mode, padding, align).Compose([x, at]).Double(), F.GridSample(x, at, mode, padding, align).Double(), 2e-5);
    }

    [Theory]
    [InlineData("bilinear", true), InlineData("bilinear", false), InlineData("nearest", true), InlineData("nearest", false)]
    public void The_border_holds_places_at_infinity(string mode, bool align)
    {
        Tensor x = Tensor.Arange(6.0).To(DType.Float32).Reshape(1, 1, 2, 3);
        const float Far = float.PositiveInfinity;
        Tensor at = Tensor.From(new float[,] { { Far, -1 }, { -Far, -1 }, { -1, Far }, { -1, -Far }, { Far, Far } }).Reshape(1, 1, 5, 2);
        Assert.Equal([2, 0, 3, 0, 5], F.GridSample(x, at, mode, "border", align).ToArray<float>());
    }

    [Fact]
    public void Pixels_that_do_not_count_are_not_read()
    {
        // Of places beyond a corner, one pixel counts; of what lies beside it, nothing.
        Tensor x = Tensor.From(new float[,] { { 1, float.NaN, 2 }, { float.NaN, float.NaN, float.NaN }, { 3, float.NaN, 4 } }).Reshape(1, 1, 3, 3);
        Tensor at = Tensor.From(new float[,] { { -1.25f, -1.25f }, { 1.25f, -1.25f }, { -1.25f, 1.25f }, { 1.25f, 1.25f }, { -5, 0 } }).Reshape(1, 1, 5, 2);
        Assert.Equal([0.5625f, 1.125f, 1.6875f, 2.25f, 0], F.GridSample(x, at, alignCorners: true).ToArray<float>());
    }

    [Theory, MemberData(nameof(Manners))]
    public void The_number_of_threads_does_not_show(string mode, string padding, bool align)
    {
        (Tensor x, Tensor at) = Draw([3, 11, 20, 24], [40, 50], DType.Float32);
        int before = Threads.Count;
        try
        {
            float[][] All(int threads)
            {
                Threads.Count = threads;
                Tensor y = F.GridSample(x, at, mode, padding, align);
                return [.. Autograd.Grad([y.Square().Sum()], [x, at]).Append(y).Select(t => t!.ToArray<float>())];
            }
            float[][] one = All(1);
            foreach (int threads in (int[])[2, 3, 7])
            {
                float[][] many = All(threads);
                for (int i = 0; i < one.Length; i++) Assert.Equal(one[i], many[i]);
            }
        }
        finally { Threads.Count = before; }
    }
}
