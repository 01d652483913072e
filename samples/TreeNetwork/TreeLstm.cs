using Flambeau.Nn;

namespace Flambeau.Samples.TreeNetwork;

/// <summary>
/// A binary tree LSTM (Tai, Socher, Manning 2015, equations 9–14) whose weights at a node are those of its operator. It has never heard of
/// numbers: digits are ten vectors, operators three matrices, and what it computes has the shape of the tree it reads.
/// </summary>
sealed class TreeLstm(int width) : Module
{
    public Embedding Digits { get; } = new(10, width);

    public ModuleList<Linear> Gates { get; } = new([.. Expression.Operators.Select(_ => new Linear(2 * width, 5 * width))]);

    public Linear Head { get; } = new(width, 10);

    /// <summary>The scores of the ten values for every operation in some trees: (operations, 10), and these operations.</summary>
    public (Tensor Scores, Expression[] Operations) Forward(params IReadOnlyList<Expression> trees)
    {
        Tensor[] digits = Digits.Weight.Split(1);                                                // ten of (1, width)
        List<(Expression Operation, Tensor H)> read = [];
        foreach (Expression t in trees) Read(t, digits, read);
        return (Head.Call(Tensor.Cat([.. read.Select(r => r.H)])), [.. read.Select(r => r.Operation)]);
    }

    /// <summary>What the network takes an operation to come to.</summary>
    public long Evaluate(Expression tree)
    {
        using var _ = Autograd.InferenceMode();
        return Forward(tree).Scores[^1].ArgMax().Item<long>();                                   // the root is read last
    }

    /// <summary>Hidden state and memory at a node, each (1, width), after those of the nodes below it.</summary>
    (Tensor H, Tensor C) Read(Expression e, Tensor[] digits, List<(Expression, Tensor)> read)
    {
        if (e is not Operation o) return (digits[e.Value].Tanh(), digits[e.Value]);
        (Tensor H, Tensor C) left = Read(o.Left, digits, read), right = Read(o.Right, digits, read);
        Linear gates = Gates[Expression.Operators.IndexOf(o.Operator)];
        Tensor[] g = gates.Call(Tensor.Cat([left.H, right.H], 1)).Chunk(5, 1);                   // (1, 2·width) → five of (1, width)
        Tensor c = g[0].Sigmoid() * g[1].Tanh()                                                  // what is new
            + g[2].Sigmoid() * left.C + g[3].Sigmoid() * right.C;                                // what is kept of each child's memory
        Tensor h = g[4].Sigmoid() * c.Tanh();
        read.Add((e, h));
        return (h, c);
    }
}
