namespace Flambeau;

public sealed partial class Node
{
    HookList<Func<Tensor?[], Tensor?[]?>>? _before;
    HookList<Func<Tensor?[], Tensor?[], Tensor?[]?>>? _after;

    /// <summary>
    /// Calls <paramref name="hook"/> in each backward pass before this node's derivative is computed, with the gradients of its results, null where
    /// there is none; what it answers, if not null, takes their place. Tensors' own hooks run before. PyTorch's <c>Node.register_prehook</c>.
    /// </summary>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterPrehook(Func<Tensor?[], Tensor?[]?> hook) => HookList<Func<Tensor?[], Tensor?[]?>>.In(ref _before).Add(hook);

    /// <summary>
    /// Calls <paramref name="hook"/> in each backward pass after this node's derivative was computed, with the gradients of its inputs and of its results,
    /// null where there is none; what it answers, if not null, takes the place of the gradients of the inputs. At a leaf there are no inputs, and the
    /// gradient has been added. PyTorch's <c>Node.register_hook</c>.
    /// </summary>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterHook(Func<Tensor?[], Tensor?[], Tensor?[]?> hook) => HookList<Func<Tensor?[], Tensor?[], Tensor?[]?>>.In(ref _after).Add(hook);

    /// <summary>Calls a result's hooks with its gradient when the backward pass gets there.</summary>
    internal IDisposable AddTensorHook(int i, Func<Tensor, Tensor?> hook) => HookList<Func<Tensor, Tensor?>>.In(ref Results[i].Hooks).Add(hook);

    /// <summary>Whether anyone listens to this very node.</summary>
    internal bool HasHooks => _before is { Current.Length: > 0 } || _after is { Current.Length: > 0 };

    internal Tensor?[] RunPrehooks(Tensor?[] grads)
    {
        foreach (var hook in _before?.Current ?? []) grads = Answered("prehook", hook(grads), grads);
        return grads;
    }

    internal Tensor?[] RunHooks(Tensor?[] gradInputs, Tensor?[] gradOutputs)
    {
        foreach (var hook in _after?.Current ?? []) gradInputs = Answered("hook", hook(gradInputs, gradOutputs), gradInputs);
        return gradInputs;
    }

    Tensor?[] Answered(string what, Tensor?[]? answer, Tensor?[] grads) => answer is null ? grads : answer.Length == grads.Length ? answer
        : throw new InvalidOperationException($"A {what} of {Name} answers {answer.Length} gradients instead of {grads.Length}.");
}

/// <summary>A place in the graph that gradients flow to. PyTorch's <c>torch.autograd.graph.GradientEdge</c>.</summary>
/// <param name="Node">The operation.</param>
/// <param name="OutputNr">Which of its results.</param>
public readonly record struct GradientEdge(Node Node, int OutputNr);
