namespace Flambeau.Samples.Maml;

/// <summary>
/// A perceptron 1 – 40 – 40 – 1 as a function of its parameters. With an axis of tasks before each of them it is as many networks, computed at once.
/// </summary>
static class Learner
{
    const int Width = 40;

    /// <summary>Weights between ±1/√(inputs) and biases of 0, as leaves that want gradients.</summary>
    public static Tensor[] Start() =>
    [
        Weight(1, Width), Tensor.Zeros(1, Width).SetRequiresGrad(),
        Weight(Width, Width), Tensor.Zeros(1, Width).SetRequiresGrad(),
        Weight(Width, 1), Tensor.Zeros(1, 1).SetRequiresGrad(),
    ];

    static Tensor Weight(long from, long to) => ((Tensor.Rand(from, to) * 2 - 1) / Math.Sqrt(from)).SetRequiresGrad();

    /// <summary>(tasks, points, 1) → (tasks, points, 1)</summary>
    public static Tensor Call(IReadOnlyList<Tensor> p, Tensor x)
    {
        Tensor h = (x.MatMul(p[0]) + p[1]).Relu();                                               // (tasks, points, 40)
        h = (h.MatMul(p[2]) + p[3]).Relu();
        return h.MatMul(p[4]) + p[5];
    }

    /// <summary>Each task's mean squared error: (tasks,).</summary>
    public static Tensor Loss(IReadOnlyList<Tensor> p, Tensor x, Tensor y) => (Call(p, x) - y).Square().Mean([1, 2]);

    /// <summary>
    /// Each task takes a gradient step of its own, θ − α ∇L(θ), from parameters that all share or from its own. The tasks do not touch each
    /// other, so that the gradient of the sum of their losses holds all their gradients.
    /// </summary>
    /// <param name="p">The parameters, common to all tasks or, with an axis of tasks in front, each task's own.</param>
    /// <param name="x">The points to learn from: (tasks, shots, 1).</param>
    /// <param name="y">Their values.</param>
    /// <param name="rate">α.</param>
    /// <param name="createGraph">Whether the result is to be differentiated: then the step is part of the graph, as any computation is.</param>
    /// <returns>Each task's parameters, with an axis of tasks in front.</returns>
    public static Tensor[] Adapt(IReadOnlyList<Tensor> p, Tensor x, Tensor y, double rate, bool createGraph = false)
    {
        Tensor[] own = [.. p.Select(t => t.Rank == 3 ? t : t.Expand([x.Shape[0], .. t.Shape]))];
        if (!createGraph) own = [.. own.Select(t => t.Detach().SetRequiresGrad())];
        Tensor?[] g = Autograd.Grad([Loss(own, x, y).Sum()], own, createGraph: createGraph);
        return [.. own.Zip(g, (t, d) => t - rate * d!)];
    }
}
