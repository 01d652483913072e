using Flambeau.Nn;
using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static readonly Arg[][] Lined = [[Real(3, 5)], [Real(2, 3, 4)], [Real(2, 37, 19)], [Real(3, 67)], [Real(0, 3)], [Real(4, 1)]];

    static IEnumerable<Row> Activations()
    {
        yield return One("softmax", x => x.Softmax(1), [.. Lined, [Real(2, 5000)]]);
        yield return One("softmax first", x => x.Softmax(0), [.. Lined, [Real()], [Real(6)]]);
        yield return One("log_softmax", x => x.LogSoftmax(1), [.. Lined, [Real(2, 5000)]]) with { Tolerance = 4e-6 };
        yield return One("log_softmax first", x => x.LogSoftmax(-2), Lined) with { Tolerance = 4e-6 };
        yield return One("softmin", x => F.Softmin(x, -1), Lined);
        yield return Map("relu6", x => F.Relu6(x * 4));
        yield return Map("selu", x => F.Selu(x));
        yield return Map("celu", x => F.Celu(x, 0.7));
        yield return Map("tanhshrink", F.Tanhshrink) with { Tolerance = 1e-5 };   // a difference of near numbers
        yield return Map("softshrink", x => F.Softshrink(x));
        yield return Map("hardshrink", x => F.Hardshrink(x));
        yield return Map("silu in place", x => F.Silu(x * 1, inPlace: true));
        yield return Map("leaky_relu in place", x => F.LeakyRelu(x * 1, 0.1, inPlace: true));
        yield return Two("prelu", F.Prelu, [[Real(2, 3, 4), Real(3)], [Real(5), Real(1)], [Real(), Real(1)]]);
        yield return One("glu", x => F.Glu(x, 1), [[Real(3, 6)], [Real(2, 4, 3)]]);
    }
}
