using Xunit;

namespace Flambeau.Tests.Tape;

/// <summary>The <c>into:</c> forms: what they write, allow and refuse. That every operation can be written so is a law of the table: <see cref="Operators.IntoLaws"/>.</summary>
public class IntoTests
{
    static readonly Tensor A = Tensor.From(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }), B = Tensor.From(new float[,] { { 0.5f, -1, 2 }, { 3, 0, -2 } });

    public static TheoryData<string, Func<Tensor, Tensor>, Func<Tensor>> Forms => new()
    {
        { "exp", y => A.Exp(into: y), () => A.Exp() },
        { "gelu", y => B.Gelu(into: y), () => B.Gelu() },
        { "clamp", y => B.Clamp(-0.5, null, into: y), () => B.Clamp(-0.5) },
        { "add", y => A.Add(B, into: y), () => A + B },
        { "add a number", y => A.Add(2, into: y), () => A + 2 },
        { "sub", y => A.Sub(B, into: y), () => A - B },
        { "div a row", y => A.Div(B[0], into: y), () => A / B[0] },
        { "gt as numbers", y => A.Gt(B, into: y), () => A.Gt(B).To(DType.Float32) },
        { "lerp", y => A.Lerp(B, 0.25f, into: y), () => A.Lerp(B, 0.25f) },
        { "addcmul", y => A.AddCMul(B, B, 0.5, into: y), () => A.AddCMul(B, B, 0.5) },
        { "where", y => Tensor.Where(A.Gt(2), A, B, into: y), () => Tensor.Where(A.Gt(2), A, B) },
        { "matmul", y => A.MatMul(B.T.MatMul(B), into: y), () => A.MatMul(B.T.MatMul(B)) },
        { "sum", y => A.Sum(1, y.Narrow(1, 0, 1), keepDim: true).Expand(2, 3), () => A.Sum(1, keepDim: true).Expand(2, 3) },
        { "mean", y => A.Mean(0, y[0]).Expand(2, 3), () => A.Mean(0).Expand(2, 3) },
        { "softmax", y => A.Softmax(1, into: y), () => A.Softmax(1) },
        { "log softmax", y => A.LogSoftmax(0, into: y), () => A.LogSoftmax(0) },
        { "cumsum", y => A.CumSum(0, into: y), () => A.CumSum(0) },
        { "index_select", y => A.IndexSelect(0, Tensor.From([1L, 1]), into: y), () => A.IndexSelect(0, Tensor.From([1L, 1])) },
        { "gather", y => A.Gather(1, Tensor.From(new long[,] { { 2, 1, 0 }, { 0, 0, 1 } }), into: y), () => A.Gather(1, Tensor.From(new long[,] { { 2, 1, 0 }, { 0, 0, 1 } })) },
        { "cat", y => Tensor.Cat([A[..1], B[..1]], 0, into: y), () => Tensor.Cat([A[..1], B[..1]]) },
        { "stack", y => Tensor.Stack([A[0], B[0]], 0, into: y), () => Tensor.Stack([A[0], B[0]]) },
    };

    [Theory, MemberData(nameof(Forms))]
    public void They_write_what_the_other_forms_return(string name, Func<Tensor, Tensor> into, Func<Tensor> plain)
    {
        Tensor y = Tensor.Full([2, 3], -7f);
        Assert.True(plain().Equal(into(y)), name);
        Assert.NotEqual(0, y.Storage.Version);
    }

    [Fact]
    public void The_tensor_itself_is_answered_and_no_other_made()
    {
        Tensor x = Tensor.Randn(1000, 1000), y = Tensor.Empty(1000, 1000);
        for (int i = 0; i < 3; i++) Assert.Same(y, x.Mul(x, into: y).Relu(into: y).MatMul(x, into: Tensor.Empty(1000, 1000)) is var _ ? y : x);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) x.Mul(x, into: y);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 512);
    }

    [Fact]
    public void Wrong_shapes_types_and_layouts_are_refused_before_anything_is_written()
    {
        Tensor y = Tensor.Zeros(3, 2);
        Assert.Contains("(3, 2)", Assert.Throws<ArgumentException>(() => A.Add(B, into: y)).Message);
        Assert.Contains("(3, 2)", Assert.Throws<ArgumentException>(() => A.MatMul(B.T, into: y)).Message);
        Assert.Contains("int64", Assert.Throws<ArgumentException>(() => A.Add(B, into: Tensor.Zeros([2, 3], DType.Int64))).Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("expanded", Assert.Throws<ArgumentException>(() => A.Add(B, into: Tensor.Zeros(1, 3).Expand(2, 3))).Message);
        Assert.Equal(0, y.Abs().Sum().Item<float>());
        Assert.Equal(DType.Float64, A.Add(B, into: Tensor.Zeros([2, 3], DType.Float64)).DType);      // a wider type is allowed
    }

    [Fact]
    public void Where_a_gradient_is_wanted_they_throw_and_say_what_to_do()
    {
        Tensor w = A.Clone().SetRequiresGrad(), y = Tensor.Zeros(2, 3);
        Assert.Contains("NoGrad", Assert.Throws<InvalidOperationException>(() => w.Exp(into: y)).Message);
        Assert.Contains("add into a tensor", Assert.Throws<InvalidOperationException>(() => A.Add(B, into: w)).Message);
        using (Autograd.NoGrad()) Assert.True(w.Exp(into: y).Equal(A.Exp()));
        Assert.False(y.RequiresGrad);
    }

    [Fact]
    public void What_a_backward_pass_needs_is_known_to_have_been_written_over()
    {
        Tensor w = A.Clone().SetRequiresGrad(), x = B.Clone(), loss = (w * x).Sum();
        A.Exp(into: x);
        Assert.Contains("exp into a tensor", Assert.Throws<InvalidOperationException>(() => loss.Backward()).Message);
    }

    [Fact]
    public void Inside_Vmap_each_example_is_written()
    {
        Tensor y = Func.Vmap(a =>
        {
            Tensor t = Tensor.ZerosLike(a);
            return a.Exp(into: t) + 1;
        })(A);
        Assert.True(y.Equal(A.Exp() + 1));
    }
}
