using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static readonly Arg[][] Lines = [[Real(3, 5)], [Real(2, 4, 3)], [Real(7, 40)], [Real()], [Real(1, 1)]];

    /// <summary>Indices of each line that do not repeat: elements that replace each other all get the gradient, as in PyTorch.</summary>
    static Tensor Distinct(Tensor t, int dim) => t.Detach().Real().ArgSort(dim);

    static Row Reducing(string reduce, bool includeSelf, Domain domain = Domain.Real) =>
        new Row($"scatter_reduce {reduce} {(includeSelf ? "with" : "without")} self", x => [x[0].ScatterReduce(1, x[1], x[2], reduce, includeSelf)],
            [[new([3, 5], domain), Index(5, 3, 4), new([3, 4], domain)], [new([2, 4, 3], domain), Index(4, 2, 7, 3), new([2, 8, 3], domain)]])
        { DTypes = Integers, Tolerance = 1e-5 };

    static IEnumerable<Row> Indexing()
    {
        yield return Two("index_select", (x, i) => x.IndexSelect(1, i), [[Real(3, 5), Index(5, 4)], [Real(2, 4, 3), Index(4, 7)], [Real(40, 70), Index(70, 9)], [Real(2, 3), Index(3, 0)]]) with { DTypes = Everything };
        yield return Two("index", (x, i) => x[i, TensorIndex.Ellipsis, i.Select(0, 0)], [[Real(3, 4, 5), Index(3, 2, 6)], [Real(3, 5), Index(3, 4, 4)]]) with { DTypes = Everything };
        yield return Two("index wrapped", (x, i) => x[.., i - 3, i], [[Real(2, 3, 4), Index(3, 5)]]) with { DTypes = Numbers };
        yield return Two("index mask", (x, m) => x[m], [[Real(3, 4, 2), Mask(3, 4)], [Real(5, 3), Mask(5)]]) with { DTypes = Everything };
        yield return new Row("index_put", x => [x[0].IndexPut([null, Distinct(x[1], 0)], x[1])], [[Real(3, 5), Real(3)], [Real(2, 4, 3), Real(3)]]) { DTypes = Integers };
        yield return new Row("index_put accumulate", x => [x[0].IndexPut([x[1], x[2]], x[3], accumulate: true)], [[Real(3, 4, 5), Index(3, 2, 6), Index(4, 6), Real(6, 1)]]) { DTypes = Everything };
        yield return Two("index set", (x, v) => { Tensor y = x * 1; y[1.., ^1] = v; y[0] = v.Sum(); y[y.Detach() > 0.5] = v.Select(0, 0); return y; }, [[Real(3, 5), Real(2)]]);
        yield return new Row("index_add", x => [x[0].IndexAdd(1, x[1], x[2], 2)], [[Real(3, 5), Index(5, 4), Real(3, 4)], [Real(4, 3, 2), Index(3, 9), Real(4, 9, 2)], [Real(3, 2), Index(2, 0), Real(3, 0)]]) { DTypes = Everything };
        yield return new Row("index_add rows", x => [x[0].IndexAdd(0, x[1], x[2])], [[Real(7, 70), Index(7, 30), Real(30, 70)]]) { DTypes = Numbers, Tolerance = 1e-5 };
        yield return new Row("index_copy", x => [x[0].IndexCopy(0, Distinct(x[1].Select(1, 0), 0), x[1])], [[Real(5, 3), Real(3, 3)]]) { DTypes = Integers };
        yield return new Row("index_fill", x => [x[0].IndexFill(1, x[1], x[2])], [[Real(3, 5), Index(5, 2), Real()]]) { DTypes = Everything };
        yield return new Row("index_reduce", x => [x[0].IndexReduce(0, x[1], x[2], "mean")], [[Real(4, 3), Index(4, 7), Real(7, 3)]]) { DTypes = Integers };
        yield return Two("gather", (x, i) => x.Gather(1, i), [[Real(3, 5), Index(5, 3, 4)], [Real(2, 4, 3), Index(4, 2, 7, 2)], [Real(3, 5), Index(5, 2, 0)], [Real(50, 70), Index(70, 40, 30)]]) with { DTypes = Everything };
        yield return Two("gather first", (x, i) => x.Gather(0, i), [[Real(5, 30), Index(5, 40, 30)], [Real(), Index(1)], [Real(), Index(1, 1)]]) with { DTypes = Everything };
        yield return Two("take_along_dim", (x, i) => x.TakeAlongDim(i, 1), [[Real(1, 5), Index(5, 3, 2)]]);
        yield return Two("take", (x, i) => x.Take(i), [[Real(3, 4), Index(12, 2, 5)], [Real(), Index(1, 1)]]) with { DTypes = Everything };
        yield return Two("masked_select", (x, m) => x.MaskedSelect(m), [[Real(3, 4), Mask(3, 4)], [Real(4), Mask(3, 1)], [Real(), Mask()]]) with { DTypes = Everything };
        yield return new Row("masked_scatter", x => [x[0].MaskedScatter(x[1], x[2])], [[Real(3, 4), Mask(4), Real(15)]]) { DTypes = Everything };
        yield return Two("nonzero", (x, m) => (x * m).NonZero(), [[Real(3, 4, 5), Mask(3, 4, 5)], [Real(300, 301), Mask(300, 301)], [Real(), Mask()], [Real(0, 3), Mask(0, 3)]]) with { DTypes = Everything, Differentiable = false };
        yield return new Row("scatter", x => [x[0].Scatter(-1, Distinct(x[1], -1), x[1])], [[Real(3, 5), Real(3, 4)], [Real(2, 4, 3), Real(2, 4, 2)], [Real(), Real()]]) { DTypes = Integers };
        yield return Two("scatter number", (x, i) => x.Scatter(0, i, 2.5), [[Real(3, 5), Index(3, 4, 5)]]) with { DTypes = Complexes };
        yield return new Row("scatter multiply", x => [x[0].Scatter(0, x[1], x[2], "multiply")], [[Real(3, 5), Index(3, 4, 5), Real(4, 6)]]) { DTypes = Numbers, Tolerance = 1e-5 };
        yield return new Row("scatter_add", x => [x[0].ScatterAdd(1, x[1], x[2])], [[Real(3, 5), Index(5, 3, 4), Real(3, 4)], [Real(2, 4, 3), Index(4, 2, 7, 3), Real(2, 8, 3)], [Real(3, 4), Index(4, 0, 4), Real(3, 4)]])
            { DTypes = Everything, Tolerance = 1e-5 };
        foreach (bool self in (bool[])[true, false])
        {
            yield return Reducing("sum", self);
            yield return Reducing("prod", self, Domain.Positive) with { Tolerance = 1e-4, LowPrecision = false };   // products of ten round too often
            yield return Reducing("mean", self);
            yield return Reducing("amax", self);
            yield return Reducing("amin", self);
        }
        yield return new Row("scatter_reduce prod zeros", x => [(x[0] * x[0].Detach().Gt(-1).To(x[0].DType)).ScatterReduce(0, x[1], x[2] * x[2].Detach().Gt(-1).To(x[2].DType), "prod")],
            [[Real(4, 5), Index(4, 6, 5), Real(6, 5)]]) { TwiceDifferentiable = false };                            // where several zeros meet, PyTorch has none either
        yield return new Row("put", x => [x[0].Put(Distinct(x[1], 0), x[1])], [[Real(3, 4), Real(12)]]) { DTypes = Integers };
        yield return new Row("put accumulate", x => [x[0].Put(x[1] - 6, x[2], accumulate: true)], [[Real(3, 4), Index(12, 8), Real(8)]]) { DTypes = Everything };
        yield return Two("scatter in place", (x, v) => { Tensor y = x * 1; y.Select(0, 1).ScatterInPlace(0, Distinct(v, 0), v); y.T.IndexAddInPlace(0, Tensor.From<long>([1, 1]), x.Narrow(1, 0, 2).T); return y; }, [[Real(3, 5), Real(5)]]);
    }

    static Row Ordered(string name, Func<Tensor, (Tensor, Tensor)> f, params Arg[][] more) =>
        new(name, x => f(x[0]) is var (v, i) ? [v, i] : [], [.. Lines, .. more]) { DTypes = Reals };

    /// <summary>Which of several equals is chosen is not said: what stands at the index counts.</summary>
    static Row Chosen(string name, int dim, Func<Tensor, (Tensor, Tensor)> f) => Ordered(name, x => f(x) is var (v, i) ? (v, x.Gather(dim, i)) : default);

    static Row Long(Row r, params Arg[][] samples) => r with { Name = r.Name + " long", Samples = samples, Differentiable = false };

    static IEnumerable<Row> Ordering()
    {
        yield return Ordered("sort", x => x.Sort(), [Real(0, 3)], [Real(3, 0)]);
        yield return Long(Ordered("sort", x => x.Sort()), [Real(2, 3000)]);
        yield return Ordered("sort descending", x => x.Sort(0, descending: true));
        yield return Long(Ordered("sort descending", x => x.Sort(0, descending: true)), [Real(3000, 2)]);
        yield return Chosen("topk", -1, x => x.TopK(1));
        yield return Long(Chosen("topk", -1, x => x.TopK(7)), [Real(3, 3000)]);
        yield return Long(Chosen("topk many", 0, x => x.TopK(x.Shape[0] / 3, 0)), [Real(3000, 2)], [Real(40)]);
        yield return Long(Chosen("topk smallest", 0, x => x.TopK(40, 0, largest: false)), [Real(3000, 2)], [Real(200)]);
        yield return Chosen("kthvalue", -1, x => x.KthValue(Math.Min(x.Rank == 0 ? 1 : x.Shape[^1], 3), -1, keepDim: true));
        yield return Long(Chosen("kthvalue", -1, x => x.KthValue(200, -1, keepDim: true)), [Real(2, 1500)]);
        yield return Ordered("median dim", x => x.Median(0, keepDim: true));
        yield return Long(Ordered("median dim", x => x.Median(0)), [Real(500, 2)]);
        yield return Ordered("nanmedian dim", x => x.NanMedian(-1));
        yield return Ordered("mode", x => x.Mode(), [Real(2, 1500)]) with { Differentiable = false };
        yield return One("mode derivative", x => x.Mode(1).Values, [[Real(3, 5)]]);
        yield return One("median", x => x.Median(), Lines) with { DTypes = Reals };
        yield return One("nanmedian", x => x.NanMedian(), Lines) with { DTypes = Reals };
        yield return Ordered("max dim", x => x.Max(-1), [Real(0, 3)]);
        yield return Long(Ordered("max dim", x => x.Max(-1)), [Real(3, 1000)], [Real(5, 67)]);
        yield return Ordered("min dim", x => x.Min(0, keepDim: true), [Real(3, 0)]);
        yield return Long(Ordered("min dim", x => x.Min(0)), [Real(200, 33)]);
        yield return One("argmax", x => x.ArgMax(), [.. Lines, [Real(1000)]]) with { DTypes = Reals, Differentiable = false };
        yield return One("argmin dim", x => x.ArgMin(-1, keepDim: true), [.. Lines, [Real(3, 1000)]]) with { DTypes = Reals, Differentiable = false };
        yield return Ordered("aminmax", x => x.AMinMax());
        yield return Ordered("cummax", x => x.CumMax(0));
        yield return Ordered("cummin", x => x.CumMin(-1));
        yield return One("logcumsumexp", x => x.LogCumSumExp(-1), Lines) with { Tolerance = 1e-5 };
        yield return new Row("unique", x => x[0].Unique(true, true, true) is var (v, i, c) ? [v, i!, c!] : [], [.. Lines, [Real(0)]]) { DTypes = Reals, Differentiable = false };
        yield return new Row("unique dim", x => x[0].Floor().Unique(true, true, true, 1) is var (v, i, c) ? [v, i!, c!] : [], [[Real(2, 30)], [Real(1, 20, 2)]]) { DTypes = Integers, Differentiable = false };
        yield return new Row("unique_consecutive", x => x[0].Floor().UniqueConsecutive(true, true) is var (v, i, c) ? [v, i!, c!] : [], Lines) { DTypes = Integers, Differentiable = false };
        yield return Two("searchsorted", (s, v) => Tensor.SearchSorted(s.Sort().Values, v, right: true), [[Real(3, 9), Real(3, 5)], [Real(9), Real(2, 5)], [Real(9), Real()]]) with { DTypes = Integers, Differentiable = false };
        yield return Two("bucketize", (s, v) => v.Bucketize(s.Sort().Values, outInt32: true), [[Real(9), Real(2, 5)]]) with { DTypes = Integers, Differentiable = false };
        yield return Two("bincount", (i, w) => i.BinCount(w, 12), [[Index(9, 30), Real(30)]]) with { DTypes = Integers, Differentiable = false };
        yield return One("histc", x => x.Histc(7), [[Real(40)], [Real(3, 5)]]) with { Differentiable = false };
        yield return Two("isin", (x, t) => Tensor.Isin(x, t), [[Real(3, 5), Real(7)]]) with { DTypes = Integers, Differentiable = false };
    }

    static IEnumerable<Row> Arrangements()
    {
        yield return One("tril", x => x.Tril(1), [[Real(4, 5)], [Real(2, 3, 3)]]) with { DTypes = Everything };
        yield return One("triu", x => x.Triu(-1), [[Real(4, 5)], [Real(2, 3, 3)]]) with { DTypes = Everything };
        yield return One("roll", x => x.Roll([1, -2], [0, -1]), [[Real(4, 5)], [Real(2, 3, 0)]]) with { DTypes = Everything };
        yield return One("roll all", x => x.Roll(3), [[Real(4, 5)]]);
        yield return One("rot90", x => x.Rot90(3, 0, -1), [[Real(4, 5)], [Real(2, 3, 4)]]);
        yield return One("repeat", x => x.Repeat(2, 1, 3), [[Real(2, 3)], [Real()]]) with { DTypes = Everything };
        yield return One("tile", x => x.Tile(2), [[Real(2, 3)]]);
        yield return One("repeat_interleave", x => x.RepeatInterleave(Tensor.From<long>([2, 0, 3]), 1), [[Real(2, 3)]]);
        yield return Two("meshgrid", (a, b) => Tensor.Stack([.. Tensor.Meshgrid([a, b], "xy")]), [[Real(3), Real(4)]]);
        yield return One("movedim", x => x.MoveDim([0, 1], [-1, 0]), [[Real(2, 3, 4)]]);
        yield return One("diag", x => x.Diag(1), [[Real(3)], [Real(3, 4)]]) with { DTypes = Everything };
        yield return One("diag_embed", x => x.DiagEmbed(-1, 0, 2), [[Real(2, 3)]]) with { DTypes = Numbers };
        yield return Two("diagonal_scatter", (x, s) => x.DiagonalScatter(s, 1), [[Real(3, 4), Real(3)]]);
        yield return Two("select_scatter", (x, s) => x.SelectScatter(s, 1, -1), [[Real(3, 4), Real(3)]]);
        yield return Two("slice_scatter", (x, s) => x.SliceScatter(s, 1, 1, null, 2), [[Real(3, 4), Real(3, 2)]]);
        yield return Two("cartesian_prod", (a, b) => Tensor.CartesianProd(a, b), [[Real(3), Real(2)]]);
        yield return One("combinations", x => x.Combinations(2), [[Real(4)]]);
        yield return Two("kron", (a, b) => a.Kron(b), [[Real(2, 3), Real(2)], [Real(2), Real(3, 1, 2)]]) with { DTypes = Numbers };
        yield return One("trace", x => x.Trace(), [[Real(3, 4)]]) with { DTypes = Numbers };
        yield return One("nansum", x => x.NanSum([1]), [[Real(3, 4)]]);
        yield return One("nanmean", x => x.NanMean(), [[Real(3, 4)]]);
        yield return One("diff", x => x.Diff(2, 1), [[Real(3, 5)]]) with { DTypes = Numbers };
        yield return Two("trapezoid", (y, x) => y.Trapezoid(x), [[Real(3, 5), Real(5)]]) with { Tolerance = 1e-5 };
        yield return One("block_diag", x => Tensor.BlockDiag(x, x.Select(0, 0)), [[Real(2, 3)]]);
    }
}
