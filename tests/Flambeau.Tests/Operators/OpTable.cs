using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

/// <summary>One row an operation. Each family has its file; <see cref="Laws"/> run over all rows.</summary>
public static partial class OpTable
{
    static readonly DType[] Integers = [DType.UInt8, DType.Int8, DType.Int16, DType.Int32, DType.Int64];
    static readonly DType[] Numbers = [.. Integers, DType.Complex64, DType.Complex128];
    static readonly DType[] Everything = [.. Numbers, DType.Bool];
    static readonly DType[] Complexes = [DType.Complex64, DType.Complex128];
    static readonly DType[] Reals = [.. Integers, DType.Bool];

    static readonly Lazy<IReadOnlyList<Row>> s_rows = new(() =>
    [
        .. Elementwise(),
        .. SpecialFunctions(),
        .. FourierTransforms(),
        .. Views(),
        .. Reductions(),
        .. MatrixProducts(),
        .. LinearAlgebra(),
        .. Decompositions(),
        .. MatrixNorms(),
        .. Convolutions(),
        .. Poolings(),
        .. RandomFills(),
        .. Distributions(),
        .. Activations(),
        .. Losses(),
        .. Norms(),
        .. Tables(),
        .. Attentions(),
        .. Recurrences(),
        .. Pads(),
        .. Samplings(),
        .. Distances(),
        .. MaskedOnes(),
        .. Indexing(),
        .. Ordering(),
        .. Arrangements(),
    ]);

    public static IReadOnlyList<Row> Rows => s_rows.Value;

    static Row One(string name, Func<Tensor, Tensor> f, Arg[][] samples) => new(name, x => [f(x[0])], samples);

    static Row Two(string name, Func<Tensor, Tensor, Tensor> f, Arg[][] samples) => new(name, x => [f(x[0], x[1])], samples);
}
