using Flambeau.Ops;
using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static IEnumerable<Row> MatrixProducts()
    {
        yield return Two("matmul", (a, b) => a.MatMul(b),
        [
            [Real(3, 4), Real(4, 5)], [Real(4), Real(4)], [Real(4), Real(4, 3)], [Real(3, 4), Real(4)], [Real(2, 3, 4), Real(4, 5)], [Real(2, 3, 4), Real(2, 4, 5)],
            [Real(2, 1, 3, 4), Real(3, 4, 2)], [Real(2, 0), Real(0, 3)], [Real(0, 2), Real(2, 3)], [Real(33, 17), Real(17, 35)], [Real(4), Real(2, 4, 3)], [Real(2, 1, 16, 9), Real(3, 9, 18)],
        ]) with { DTypes = Numbers, Tolerance = 1e-5 };
        // Words of two and four neighbours, whole and ragged tiles and panels.
        yield return new Row("int_mm", x => [(x[0] * 60).To(DType.Int8).IntMm((x[1] * 60).To(DType.Int8))],
            [[Real(3, 4), Real(4, 5)], [Real(1, 1), Real(1, 1)], [Real(2, 0), Real(0, 3)], [Real(0, 2), Real(2, 3)], [Real(13, 9), Real(9, 33)], [Real(7, 66), Real(66, 32)], [Real(12, 7), Real(7, 50)]])
            { Differentiable = false, LowPrecision = false, Tolerance = 0, Tolerance64 = 0 };
        yield return new Row("linear", x => [Op.Apply(Linear.Instance, x)],
            [[Real(3, 4), Real(5, 4), Real(5)], [Real(2, 3, 4), Real(5, 4)], [Real(4), Real(5, 4), Real(5)], [Real(20, 12), Real(11, 12), Real(11)]]) { DTypes = Complexes, Tolerance = 1e-5 };
    }
}
