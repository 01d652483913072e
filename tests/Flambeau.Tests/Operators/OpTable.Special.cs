using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static IEnumerable<Row> SpecialFunctions()
    {
        yield return Map("special erfcx", Special.Erfcx) with { DTypes = Reals };
        yield return Map("special ndtr", Special.Ndtr) with { DTypes = Reals };
        yield return Map("special log_ndtr", Special.LogNdtr) with { DTypes = Reals };
        yield return Map("special ndtri", x => Special.Ndtri(x * 0.5 + 0.5), Domain.Unit);
        yield return Map("erfinv", x => x.Erfinv(), Domain.Unit) with { DTypes = Reals };
        yield return Map("special entr", Special.Entr, Domain.Positive) with { DTypes = Reals };
        yield return Map("i0", x => x.I0()) with { DTypes = Reals };
        yield return Map("special i0e", Special.I0e) with { DTypes = Reals };
        yield return Map("special i1", Special.I1) with { DTypes = Reals };
        yield return Map("special i1e", Special.I1e) with { DTypes = Reals };
        yield return Zip("xlogy", (a, b) => a.Xlogy(b), second: Domain.Positive) with { DTypes = Reals };
        yield return Zip("special xlog1py", Special.Xlog1py, second: Domain.Unit) with { DTypes = Reals };
        // The first argument has no derivative, as in PyTorch.
        yield return Zip("special zeta", (a, b) => Special.Zeta(a.Detach() + 1, b.Detach()), Domain.Positive, Domain.Positive) with { DTypes = Reals, Differentiable = false };
        yield return Zip("igamma", (a, b) => a.Detach().Igamma(b.Detach()), Domain.Positive, Domain.Positive) with { Differentiable = false };
        yield return Zip("igammac", (a, b) => a.Detach().Igammac(b.Detach()), Domain.Positive, Domain.Positive) with { Differentiable = false };
        yield return Map("special zeta other", x => Special.Zeta(2.5, x), Domain.Positive);
        yield return Map("igamma other", x => Tensor.FromScalar(2.5, x.DType).Igamma(x), Domain.Positive);
        yield return Map("igammac other", x => Tensor.FromScalar(2.5, x.DType).Igammac(x), Domain.Positive);
    }
}
