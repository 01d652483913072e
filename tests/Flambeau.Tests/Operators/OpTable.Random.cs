using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static Row Draws(string name, Func<Tensor, Generator, Tensor> fill) => One(name, x => fill(Tensor.ZerosLike(x), new Generator(1)), [[Real(5, 7)], [Real()]]) with { Differentiable = false };

    static IEnumerable<Row> RandomFills()
    {
        yield return Draws("uniform", (y, g) => y.UniformInPlace(-1, 2, g));
        yield return Draws("normal", (y, g) => y.NormalInPlace(1, 2, g));
        yield return Draws("random", (y, g) => y.RandomInPlace(-5, 9, g)) with { DTypes = [DType.Int8, DType.Int64] };
        yield return Draws("bernoulli", (y, g) => y.BernoulliInPlace(0.3, g)) with { DTypes = Reals };
        yield return Draws("exponential", (y, g) => y.ExponentialInPlace(2, g));
    }
}
