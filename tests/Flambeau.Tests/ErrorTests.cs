using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests;

/// <summary>Wrong arguments get one exception that says shape, operation, rule and remedy, before anything is computed.</summary>
public class ErrorTests
{
    static readonly Tensor A = Tensor.Zeros(32, 10);

    public static TheoryData<string, Action> Mistakes => new()
    {
        { "(32, 10) · (20, 10): inner sizes 10 and 20 differ. Did you mean b.MT?", () => A.MatMul(Tensor.Zeros(20, 10)) },
        { "cannot be multiplied as matrices", () => A.MatMul(Tensor.Zeros([10, 3], DType.Float64)) },
        { "(32, 10) and (7, 10) do not broadcast", () => _ = A + Tensor.Zeros(7, 10) },
        { "(3, 100)", () => A.View(3, 100) },
        { "more than one that is −1", () => A.Reshape(-1, -1) },
        { "dim 2 of a tensor with 2 axes", () => A.Sum(2) },
        { "named twice", () => A.Sum([0, -2]) },
        { "cannot be joined along axis 0", () => Tensor.Cat([A, Tensor.Zeros(32, 11)]) },
        { "Size of 1", () => A.Expand(64, 10) },
        { "in place", () => A.AddInPlace(Tensor.Zeros(5, 32, 10)) },
        { "does not fit", () => Tensor.Zeros([2], DType.Int64).AddInPlace(0.5) },
        { "complex numbers have no order", () => Tensor.Zeros([2], DType.Complex64).Max() },
        { "no element is the largest", () => Tensor.Zeros(0).Max() },
        { "the weight is (out, in)", () => F.Linear(A, Tensor.Zeros(5, 11)) },
        { "has 3 channels", () => F.Conv2d(Tensor.Zeros(1, 3, 8, 8), Tensor.Zeros(4, 2, 3, 3)) },
        { "do not fit an input", () => F.Conv2d(Tensor.Zeros(1, 3, 2, 2), Tensor.Zeros(4, 3, 5, 5)) },
        { "half the kernel size", () => F.MaxPool2d(Tensor.Zeros(1, 3, 8, 8), [2], padding: [2]) },
        { "must be a bool tensor", () => Tensor.Where(A, A, A) },
        { "not defined for", () => A.BitwiseNot() },
        { "can require gradients", () => Tensor.Zeros([2], DType.Int64).SetRequiresGrad() },
        { "10", () => F.CrossEntropy(A, Tensor.Full([32], 10L)) },
        { "target", () => F.CrossEntropy(A, Tensor.Full([32], double.NaN)) },
        { "do not fill the shape", () => Tensor.From<float>(new float[3], 2, 2) },
        { "negative", () => Tensor.Zeros(2, -1) },
        { "at most 16", () => Tensor.Zeros([.. Enumerable.Repeat(1L, 17)], null) },
        { "does not lead", () => Tensor.Arange(0, 5, -1) },
        { "no interval", () => A.Clone().UniformInPlace(2, 1) },
        { "[0, 1]", () => F.Dropout(A, 1.5) },
        { "probabilit", () => Tensor.Full([3], 1.5).Bernoulli() },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public void The_message_names_the_mistake(string says, Action mistake) =>
        Assert.Contains(says, Assert.ThrowsAny<ArgumentException>(mistake).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Whole_numbers_are_not_divided_by_zero() =>
        Assert.ThrowsAny<DivideByZeroException>(() => Tensor.Arange(3).FloorDivide(Tensor.Zeros([3], DType.Int64)));

    [Fact]
    public void A_refused_operation_changes_nothing()
    {
        Tensor x = Tensor.Arange(4.0);
        Assert.ThrowsAny<ArgumentException>(() => x.IndexAddInPlace(0, Tensor.From(new long[] { 0, 4 }), Tensor.Ones(2)));
        Assert.Equal([0, 1, 2, 3], x.ToArray<double>());
    }
}
