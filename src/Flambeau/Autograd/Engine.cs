using Flambeau.Ops;
using Flambeau.Transforms;

namespace Flambeau;

/// <summary>
/// The backward pass. Nodes are taken in descending order of creation: a consumer is always younger than what it consumes, so every
/// gradient is complete when its node is reached, and no recursion is needed however deep the graph.
/// </summary>
internal sealed class Engine
{
    sealed class Pending(Node node)
    {
        public readonly Node Node = node;
        public readonly Tensor?[] Grads = new Tensor?[node.Results.Length];
        public uint Owned;                                                      // bit i: Grads[i] is ours to add to in place
        public GradientParts?[]? Parts;                                         // what only parts of a result have sent so far
    }

    readonly PriorityQueue<Pending, long> _queue = new();                       // by −Sequence
    readonly Dictionary<Node, Pending> _pending = [];
    readonly bool _keepGraph, _createGraph;
    readonly bool _adds = Transform.Current is null;                            // in place; what is lifted cannot be added to what is not
    readonly Dictionary<object, int>? _wanted;                                  // Autograd.Grad: a leaf, or a node and its result → place in the answer
    readonly Tensor?[] _answers;
    readonly HashSet<Node>? _useful;                                            // only these lead to what is wanted

    [ThreadStatic] static Engine? t_current;

    /// <summary>The backward pass that this thread is in.</summary>
    public static Engine? Current => t_current;

    readonly IReadOnlyList<Tensor> _outputs;
    HashSet<object>? _reached;

    /// <summary>Whether this pass gets to where a tensor's gradient is computed.</summary>
    public bool Reaches(Tensor x)
    {
        if (_reached is null)
        {
            HashSet<Node> nodes = _useful ?? Reachable(_outputs);
            _reached = [.. nodes.Select(n => n.Leaf ?? (object)n)];
        }
        return _reached.Contains(x.GradFn is { } n ? n : x);
    }

    Engine(bool keepGraph, bool createGraph, IReadOnlyList<object>? inputs, IReadOnlyList<Tensor> outputs)
    {
        (_keepGraph, _createGraph, _outputs) = (keepGraph, createGraph, outputs);
        _answers = [];
        if (inputs is null) return;
        _answers = new Tensor?[inputs.Count];
        _wanted = [];
        for (int i = 0; i < inputs.Count; i++) _wanted.TryAdd(inputs[i], i);
        _useful = Useful(outputs, [.. _wanted.Keys.Select(k => k is (Node n, int) ? n : k)]);
    }

    /// <summary>A leaf may have several nodes, from graphs of different age; anything else is a node's result.</summary>
    public static object Key(Tensor x) => x.GradFn is null ? x : x.GradEdge();

    public static object Key(Node n, int i) => n.Leaf ?? (object)(n, i);

    /// <summary>Runs the tape back from <paramref name="outputs"/>; adds to leaves' Grad, or answers the gradients of <paramref name="inputs"/>.</summary>
    public static Tensor?[] Run(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor?> grads, bool keepGraph, bool createGraph, IReadOnlyList<object>? inputs)
    {
        Engine e = new(keepGraph, createGraph, inputs, outputs);
        using var _ = Autograd.SetGradEnabledAt(outputs[0].Lift?.By.Depth ?? 0, createGraph);
        for (int i = 0; i < outputs.Count; i++)
        {
            (Node node, int index) = outputs[i].GradEdge();
            e.Send(node, index, grads[i] ?? Tensor.Ones(new TensorSpec(outputs[i].Shape, outputs[i].DType, outputs[i].Device)), owned: false);
        }
        Engine? outer = t_current;
        t_current = e;
        try { e.Drain(); }
        finally { t_current = outer; }
        if (inputs is not null)
            for (int i = 0; i < inputs.Count; i++) e._answers[i] ??= e._answers[e._wanted![inputs[i]]];
        return e._answers;
    }

    void Send(Node node, int index, Tensor g, bool owned)
    {
        if (_useful is not null && !_useful.Contains(node)) return;
        Pending p = Awaited(node);
        ref Tensor? slot = ref p.Grads[index];
        uint bit = 1u << Math.Min(index, 31);
        if (slot is null)
        {
            slot = g;
            p.Owned = owned && index < 31 ? p.Owned | bit : p.Owned & ~bit;
        }
        else if ((p.Owned & bit) != 0 && !_createGraph && _adds && slot.DType == g.DType)
        {
            slot.AddInPlace(g);
            if (owned) g.Dispose();                                             // at once: the next one of its size takes its place
        }
        else
        {
            slot = slot.Add(g);
            if (index < 31) p.Owned |= bit;
        }
    }

    Pending Awaited(Node node)
    {
        if (_pending.TryGetValue(node, out Pending? p)) return p;
        _pending.Add(node, p = new(node));
        _queue.Enqueue(p, -node.Sequence);
        return p;
    }

    void Drain()
    {
        while (_queue.TryDequeue(out Pending? p, out _))
        {
            Node n = p.Node;
            _pending.Remove(n);
            for (int i = 0; p.Parts is not null && i < p.Grads.Length; i++) PutTogether(p, i);
            for (int i = 0; i < p.Grads.Length; i++)
            {
                if (p.Grads[i] is null) continue;
                if ((n.Leaf?.Hooks ?? n.Results[i].Hooks) is { } hooks)
                {
                    p.Owned = 0;                                                // a hook may have kept it
                    foreach (var h in hooks.Current) p.Grads[i] = Checked(n, i, h(p.Grads[i]!)) ?? p.Grads[i];
                }
                if (n.Results[i].Retainer is { } r && r.TryGetTarget(out Tensor? kept))
                {
                    p.Owned = 0;
                    kept.Retain(p.Grads[i]!);
                }
            }
            if (_wanted is not null)
                for (int i = 0; i < p.Grads.Length; i++)
                    if (p.Grads[i] is { } g && _wanted.TryGetValue(Key(n, i), out int place)) _answers[place] = _answers[place] is { } a ? a.Add(g) : g;

            Tensor?[] grads = p.Grads;
            bool hooked = n.HasHooks;
            if (hooked)
            {
                grads = n.RunPrehooks((Tensor?[])grads.Clone());
                p.Owned = 0;
            }
            if (n.Op is AccumulateGrad)
            {
                if (!hooked) n.Leaf!.ForgetEdge(n);
                if (_wanted is null && grads[0] is { } sum) n.Leaf!.AccumulateGradient(sum, (p.Owned & 1) != 0, _createGraph);
                if (hooked) n.RunHooks([], grads);
                continue;
            }
            if (n.IsReleased) throw n.Released();
            if (!hooked && IsPart(n, grads[0]))
            {
                if (!_keepGraph) n.Release();
                continue;
            }
            Tensor?[] back = Watcher.Backward(n, grads);
            if (hooked) back = n.RunHooks(Padded(back, n.Inputs.Length), grads);
            if (Autograd.IsAnomalyEnabled) Autograd.CheckAnomaly(n, back);
            for (int i = 0; i < n.Inputs.Length && i < back.Length; i++)
            {
                ref Node.InputSlot e = ref n.Inputs[i];
                if (e.Next is null || back[i] is not { } g) continue;
                Tensor fitted = Fit(g, e.Layout.Shape, e.DType);
                // Ours to add to unless it may be somebody's: the incoming gradient passed on, a saved value, a view.
                bool owned = !ReferenceEquals(g, fitted) || !hooked && !g.Storage.IsShared && !IsAmong(g, grads) && !IsRepeated(g, back, i);
                Send(e.Next, e.Index, fitted, owned && fitted.Layout.IsContiguous && !fitted.Storage.IsShared);
            }
            n.ForgetUnpacked();
            if (!_keepGraph) n.Release();
        }
    }

    /// <summary>Keeps a part's gradient until all parts of the whole have sent theirs: each alone would be placed in zeros of the whole's size, and these added up.</summary>
    bool IsPart(Node n, Tensor? g)
    {
        if (g is null || _createGraph || !_adds || n.Op is not (Slice or Select or Diagonal) || Autograd.IsAnomalyEnabled || Watcher.IsAnyone) return false;
        ref Node.InputSlot e = ref n.Inputs[0];
        if (e.Next is null || e.DType != g.DType || e.Index >= 31 || _useful is not null && !_useful.Contains(e.Next)) return false;
        Pending p = Awaited(e.Next);
        GradientParts parts = (p.Parts ??= new GradientParts?[p.Grads.Length])[e.Index] ??= new(e.Layout.Shape);
        if (parts.Add((ViewOp)n.Op, g)) PutTogether(p, e.Index);
        return true;
    }

    static void PutTogether(Pending p, int i)
    {
        if (p.Parts![i] is not { } parts) return;
        p.Grads[i] = parts.Whole(p.Grads[i], (p.Owned >> i & 1) != 0);
        p.Owned |= 1u << i;
        p.Parts[i] = null;
    }

    static Tensor?[] Padded(Tensor?[] back, int count)
    {
        if (back.Length != count) Array.Resize(ref back, count);
        return back;
    }

    /// <summary>Refuses a hook's answer that does not take the gradient's place.</summary>
    static Tensor? Checked(Node n, int i, Tensor? g) => g is null || g.Shape == n.ResultShape(i) ? g
        : throw new InvalidOperationException($"A hook of a result of {n.Name} answers a gradient of shape {g.Shape}; the tensor has shape {n.ResultShape(i)}.");

    static bool IsAmong(Tensor g, Tensor?[] list)
    {
        foreach (Tensor? t in list) if (t is not null && ReferenceEquals(t.Storage, g.Storage)) return true;
        return false;
    }

    static bool IsRepeated(Tensor g, Tensor?[] list, int self)
    {
        for (int i = 0; i < list.Length; i++) if (i != self && list[i] is { } t && ReferenceEquals(t.Storage, g.Storage)) return true;
        return false;
    }

    /// <summary>Undoes broadcasting and type promotion: the gradient in the shape and type of the input.</summary>
    static Tensor Fit(Tensor g, Dims shape, DType dtype)
    {
        if (g.Shape != shape) g = g.SumToSize(shape);
        if (g.DType == dtype) return g;
        if (g.DType.IsComplex && !dtype.IsComplex) g = g.Real();
        return g.To(dtype);
    }

    /// <summary>The nodes that a pass from these outputs comes to.</summary>
    static HashSet<Node> Reachable(IReadOnlyList<Tensor> outputs)
    {
        HashSet<Node> seen = [];
        Stack<Node> todo = new();
        foreach (Tensor y in outputs) todo.Push(y.GradEdge().Node);
        while (todo.TryPop(out Node? n))
        {
            if (!seen.Add(n)) continue;
            foreach (ref Node.InputSlot e in n.Inputs.AsSpan()) if (e.Next is not null) todo.Push(e.Next);
        }
        return seen;
    }

    /// <summary>The nodes from which one of <paramref name="targets"/> can be reached.</summary>
    static HashSet<Node> Useful(IReadOnlyList<Tensor> outputs, HashSet<object> targets)
    {
        HashSet<Node> useful = [];
        foreach (Node n in Reachable(outputs).OrderBy(n => n.Sequence))                      // producers first
            if (targets.Contains(n.Leaf ?? (object)n) || n.Inputs.Any(e => e.Next is not null && useful.Contains(e.Next))) useful.Add(n);
        return useful;
    }
}
