using System.Runtime.CompilerServices;

namespace Flambeau;

// PyTorch's torch.autograd.graph: places in the graph, and hooks that wait for several of them.
public static partial class Autograd
{
    /// <summary>Where gradients for a tensor flow to. PyTorch's <c>torch.autograd.graph.get_gradient_edge</c>.</summary>
    /// <exception cref="ArgumentException">The tensor does not require grad.</exception>
    public static GradientEdge GetGradientEdge(Tensor tensor)
    {
        if (!tensor.RequiresGrad) throw new ArgumentException("GetGradientEdge: the tensor does not require grad, so that no gradient flows to it.", nameof(tensor));
        (Node node, int index) = tensor.GradEdge();
        return new(node, index);
    }

    /// <summary>As <see cref="Grad(IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, bool?, bool, bool)"/>, with respect to places in the graph, whose tensors need not live any more.</summary>
    /// <param name="outputs">What is differentiated.</param>
    /// <param name="inputs">With respect to what.</param>
    /// <param name="gradOutputs">The vectors of the vector–Jacobian product; may be null for scalars.</param>
    /// <param name="retainGraph">Whether the graph can be walked again; by default as <paramref name="createGraph"/>.</param>
    /// <param name="createGraph">Whether the gradients can be differentiated again.</param>
    /// <param name="allowUnused">Whether an input that the outputs do not depend on gets null instead of an error.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    /// <exception cref="InvalidOperationException">An output has no graph, an input is unused, or saved values changed.</exception>
    public static Tensor?[] Grad(IReadOnlyList<Tensor> outputs, IReadOnlyList<GradientEdge> inputs, IReadOnlyList<Tensor?>? gradOutputs = null, bool? retainGraph = null,
        bool createGraph = false, bool allowUnused = false) =>
        Grad(outputs, [.. inputs.Select(e => Engine.Key(e.Node, e.OutputNr))], gradOutputs, retainGraph ?? createGraph, createGraph, allowUnused);

    /// <summary>
    /// Calls <paramref name="fn"/> once in each backward pass, when the gradients of all <paramref name="tensors"/> that the pass comes to are there,
    /// with null for the others; with mode <c>any</c>, when the first of them is there, with null for all others. PyTorch's
    /// <c>torch.autograd.graph.register_multi_grad_hook</c>.
    /// </summary>
    /// <param name="tensors">Tensors that require grad.</param>
    /// <param name="fn">Gets the gradients in the order of the tensors.</param>
    /// <param name="mode"><c>all</c> or <c>any</c>.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    /// <exception cref="ArgumentException">Another mode.</exception>
    /// <exception cref="InvalidOperationException">A tensor does not require grad.</exception>
    public static IDisposable RegisterMultiGradHook(IReadOnlyList<Tensor> tensors, Action<Tensor?[]> fn, string mode = "all")
    {
        ArgumentNullException.ThrowIfNull(fn);
        if (mode is not ("all" or "any")) throw new ArgumentException($"RegisterMultiGradHook: the mode is '{mode}'; it must be all or any.", nameof(mode));
        bool any = mode == "any";
        ConditionalWeakTable<Engine, Waiting> passes = [];
        List<IDisposable> hooks = [];
        for (int i = 0; i < tensors.Count; i++)
        {
            int k = i;
            hooks.Add(tensors[i].RegisterHook(g =>
            {
                Engine pass = Engine.Current!;
                Waiting w = passes.GetValue(pass, p => new(new Tensor?[tensors.Count], any ? 1 : tensors.Count(p.Reaches)));
                w.Grads[k] = g;
                if (--w.Missing == 0) fn(w.Grads);
                return null;
            }));
        }
        return new Removal(() => hooks.ForEach(h => h.Dispose()));
    }

    sealed class Waiting(Tensor?[] grads, int missing)
    {
        public Tensor?[] Grads => grads;
        public int Missing = missing;
    }
}
