using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Kernels;

/// <summary>Large results are stored past the caches: they are what small ones are, piece by piece.</summary>
public class StreamingTests
{
    const long Width = 1000, Half = 500;
    static readonly long s_rows = Caches.L3 / 8 / 4 / Width + 7;               // large by some rows; half of them are not

    static Tensor Numbers(long rows) => Tensor.Randn([rows, Width], null, new Generator(3));

    /// <summary>By a name: the operation, to be applied to rows.</summary>
    public static TheoryData<string> Operations => ["add", "exp", "row", "softmax", "log softmax", "layer norm", "bfloat16", "clone", "select"];

    static Tensor Apply(string name, Tensor x) => name switch
    {
        "add" => x + x,
        "exp" => x.Exp(),
        "row" => x * Tensor.Arange(Width).To(DType.Float32),
        "softmax" => x.Softmax(1),
        "log softmax" => x.LogSoftmax(1),
        "layer norm" => F.LayerNorm(x, [Width]),
        "bfloat16" => x.To(DType.BFloat16),
        "clone" => x.Clone(),
        _ => x.IndexSelect(0, Tensor.Arange(x.Shape[0])),
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_large_result_is_its_rows_results(string name)
    {
        Tensor x = Numbers(s_rows), y = Apply(name, x);
        for (long from = 0; from < s_rows; from += s_rows / 3)
        {
            long n = Math.Min(s_rows / 3, s_rows - from);
            Assert.True(y.Narrow(0, from, n).Equal(Apply(name, x.Narrow(0, from, n).Clone())), $"{name}, rows {from}…");
        }
    }

    /// <summary>A view that begins between two vectors, and one whose rows do.</summary>
    [Fact]
    public void A_large_result_may_lie_anywhere()
    {
        Tensor x = Numbers(s_rows), flat = x.Flatten();
        Assert.True((flat[3..] + 1).Equal((flat + 1)[3..]));
        Tensor into = Tensor.Zeros(s_rows * Width + 5);
        into.Narrow(0, 5, s_rows * Width).CopyInPlace(flat);
        Assert.True(into[5..].Equal(flat));
        Assert.True(Tensor.Cat([x.Narrow(1, 0, Half + 1), x.Narrow(1, Half + 1, Half - 1)], 1).Equal(x));
        Assert.True(Tensor.Cat([x, x.Neg()], 0).Narrow(0, s_rows, s_rows).Equal(-x));
    }
}
