using Flambeau.Nn;
using Flambeau.Optim;
using Flambeau.Samples.TreeNetwork;
using Xunit;

namespace Flambeau.Training.Tests.Samples;

[Collection(nameof(DefaultGenerator))]
public sealed class TreeNetworkTests
{
    [Theory]
    [InlineData("7", 7, 0)]
    [InlineData("(3+4)", 7, 1)]
    [InlineData("(3-4)", 9, 1)]
    [InlineData("((3+4)*(9-(2*8)))", 1, 3)]                                                 // 7 · (9 − 6) = 21
    [InlineData("((9+9)*(9*9))", 8, 2)]                                                     // 8 · 1
    public void Expressions_are_read_and_come_to_what_arithmetic_modulo_10_says(string text, int value, int depth)
    {
        Expression e = Expression.Parse(text);
        Assert.Equal((value, depth, text), (e.Value, e.Depth, e.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("(3+4")]
    [InlineData("3+4")]
    [InlineData("(3/4)")]
    [InlineData("(3+x)")]
    public void What_is_no_expression_is_refused(string text) => Assert.Throws<FormatException>(() => Expression.Parse(text));

    [Fact]
    public void Trees_are_made_as_deep_as_asked_in_many_shapes()
    {
        Random chance = new(0);
        Expression[] trees = [.. Enumerable.Range(0, 200).Select(_ => Expression.Make(chance, 4))];
        Assert.All(trees, t => Assert.Equal((4, t), (t.Depth, Expression.Parse(t.ToString()))));
        Assert.InRange(trees.Select(t => string.Concat(t.ToString().Select(c => char.IsDigit(c) ? '0' : Expression.Operators.Contains(c) ? '+' : c))).Distinct().Count(), 100, 200);
    }

    [Fact]
    public void Each_operation_is_read_once_below_its_parent_and_only_what_occurs_gets_a_gradient()
    {
        TreeLstm model = new(width: 8);
        (Tensor scores, Expression[] operations) = model.Forward(Expression.Parse("((1+2)*3)"), Expression.Parse("(4*5)"));
        Assert.Equal(["(1+2)", "((1+2)*3)", "(4*5)"], operations.Select(o => o.ToString()));
        Assert.Equal([3, 10], scores.Shape.ToArray());
        scores.Sum().Backward();
        Assert.Equal([true, false, true], model.Gates.Select(g => g.Weight.Grad is not null));
        float[] digits = model.Digits.Weight.Grad!.Abs().Sum(1).ToArray<float>();
        for (int d = 0; d < 10; d++) Assert.Equal(d is >= 1 and <= 5, digits[d] > 0);
    }

    [Fact]
    public void The_network_learns_a_few_trees_by_heart()
    {
        Generator.ManualSeed(0);
        TreeLstm model = new(width: 16);
        Adam optimizer = new(model.Parameters(), lr: 2e-2);
        Expression[] trees = [.. new[] { "(3+4)", "(3-4)", "((9-2)*6)", "(1+(2*(3-4)))" }.Select(Expression.Parse)];
        for (int step = 0; step < 60; step++)
        {
            (Tensor scores, Expression[] operations) = model.Forward(trees);
            Tensor loss = F.CrossEntropy(scores, Tensor.From<long>([.. operations.Select(o => (long)o.Value)]));
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
        }
        Assert.All(trees, t => Assert.Equal(t.Value, model.Evaluate(t)));
    }
}
