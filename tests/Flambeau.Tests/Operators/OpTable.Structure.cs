using Flambeau.Ops;
using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static IEnumerable<Row> Views()
    {
        yield return One("to", x => x.To(DType.Float64), [[Real(3, 4)], [Real()], [Real(0, 2)]]) with { DTypes = Everything };
        yield return One("clone", x => x.Clone(), [[Real(3, 4)]]) with { DTypes = Everything };
        yield return Two("copy", (a, b) => a.Clone().CopyInPlace(b), [[Real(3, 4), Real(4)]]) with { DTypes = Everything };
        yield return One("fill", x => (x * 1).FillInPlace(3) + x, [[Real(3, 4)]]) with { DTypes = Numbers };
        yield return One("expand", x => x.Expand(2, 3, 4), [[Real(3, 1)], [Real(4)]]) with { DTypes = Everything };
        yield return One("permute", x => x.Permute(2, 0, 1), [[Real(2, 3, 4)]]) with { DTypes = Everything };
        yield return One("view", x => x.Reshape(4, -1), [[Real(2, 6)], [Real(12)]]) with { DTypes = Everything };
        yield return One("slice", x => x.Narrow(1, 1, 2), [[Real(2, 4)]]) with { DTypes = Everything };
        yield return One("select", x => x.Select(1, -1), [[Real(2, 4, 3)]]) with { DTypes = Everything };
        yield return One("unsqueeze", x => x.Unsqueeze(1), [[Real(2, 4)], [Real(3)]]);
        yield return One("diagonal", x => x.Diagonal(1), [[Real(3, 4)], [Real(4, 2, 2)]]) with { DTypes = Numbers };
        yield return One("unfold", x => x.Unfold(1, 3, 2), [[Real(2, 8)]]);
        yield return One("function of ones own", x => new Tape.Cube().Apply(x)[0], [[Real(3, 4)]]);
        yield return One("view as complex", x => x.Clone().ViewAsComplex().Square().ViewAsReal(), [[Real(3, 2)], [Real(2)], [Real(0, 2)]]) with { LowPrecision = false };
        yield return One("as strided", x => x.Contiguous().AsStrided([2, 3], [1, 2], 1), [[Real(3, 4)], [Real(9)]]) with { DTypes = Numbers };
        yield return One("view scatter", x => { Tensor y = x * 2; y.Select(0, 1).NegInPlace(); y.Select(0, 0).AddInPlace(x.Select(0, 2).Exp()); return y; }, [[Real(3, 4)]]);
        yield return Two("cat", (a, b) => Tensor.Cat([a, b, a], 1), [[Real(2, 3), Real(2, 1)], [Real(2, 0), Real(2, 2)]]) with { DTypes = Everything };
        yield return Two("stack", (a, b) => Tensor.Stack([a, b], -1), [[Real(2, 3), Real(2, 3)]]);
        yield return One("flip", x => x.Flip(0, 2), [[Real(2, 3, 4)]]) with { DTypes = Everything };
    }

    static readonly Arg[][] Reducible = [[Real(3, 5)], [Real(2, 3, 4)], [Real(7, 40)]];

    static IEnumerable<Row> Reductions()
    {
        yield return One("sum", x => x.Sum(), [.. Reducible, [Real()], [Real(0, 3)], [Real(1000)]]) with { DTypes = Everything, Tolerance = 1e-5 };
        yield return One("sum dim", x => x.Sum([0, -1]), Reducible) with { DTypes = Everything };
        yield return One("sum first", x => x.Sum(0, keepDim: true), [.. Reducible, [Real(300, 33)]]) with { DTypes = Numbers, Tolerance = 1e-5 };
        yield return One("mean", x => x.Mean(1), Reducible) with { DTypes = Complexes };
        yield return One("prod", x => x.Prod(), [[Real(3, 4)], [Unit(6)]]) with { DTypes = Complexes };
        yield return One("prod dim", x => (x * x.Gt(-1).To(x.DType)).Prod(1), [[Real(3, 4)]]);
        yield return One("amax", x => x.Amax([1]), Reducible) with { DTypes = Reals };
        yield return One("amin", x => x.Amin([0], keepDim: true), Reducible) with { DTypes = Reals };
        yield return One("any", x => x.Gt(1.9).Any([1]), Reducible) with { Differentiable = false };
        yield return One("all", x => x.Gt(-1.9).All([1]), Reducible) with { Differentiable = false };
        yield return One("var", x => x.Var([1]), Reducible) with { DTypes = Complexes };
        yield return One("std", x => x.Std([0]), Reducible);
        yield return One("logsumexp", x => x.LogSumExp([1]), Reducible);
        yield return One("cumsum", x => x.CumSum(1), Reducible) with { DTypes = Numbers };
        yield return One("cumprod", x => x.CumProd(0), [[Real(4, 3)]]) with { DTypes = Complexes };
        yield return One("cumprod zeros", x => (x * x.Gt(-1).To(x.DType)).CumProd(0), [[Real(4, 3)]]);
    }
}
