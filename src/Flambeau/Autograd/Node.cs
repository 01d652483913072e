using Flambeau.Ops;
using Flambeau.Transforms;

namespace Flambeau;

/// <summary>
/// One application of an operation, as the tape remembers it: where its inputs came from, and what its derivative needs of their values.
/// PyTorch's <c>grad_fn</c>.
/// </summary>
public sealed partial class Node
{
    static long s_sequence;

    internal struct InputSlot
    {
        public Node? Next;          // who made the input; null where no gradient flows
        public int Index;           // which of its results
        public Layout Layout;
        public DType DType;
        public SavedValue Saved;
    }

    internal struct ResultSlot
    {
        public Layout Layout;
        public DType DType;
        public bool IsDifferentiable;
        public SavedValue Saved;
        public HookList<Func<Tensor, Tensor?>>? Hooks;
        public WeakReference<Tensor>? Retainer;                                 // the tensor that keeps its gradient, if it still is this result
    }

    internal InputSlot[] Inputs;
    internal ResultSlot[] Results;
    bool _released, _isPacked;

    /// <param name="op">The operation.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="results">How many results it has.</param>
    /// <param name="by">The transform whose tensors are recorded; of those of an outer one, the application behind is recorded.</param>
    /// <param name="overwritten">The tensor that the result is to replace: what is saved of it must be a copy.</param>
    internal Node(Op op, Args inputs, int results, Transform? by = null, Tensor? overwritten = null)
    {
        Op = op;
        Inputs = new InputSlot[inputs.Length];
        Results = new ResultSlot[results];
        uint needs = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            Tensor x = inputs[i];
            ref InputSlot e = ref Inputs[i];
            (e.Layout, e.DType) = (x.Layout, x.DType);
            if (!x.RequiresGrad || by is not null && !by.Owns(x)) continue;
            (e.Next, e.Index) = x.GradEdge();
            needs |= 1u << Math.Min(i, 31);
        }
        Sequence = Interlocked.Increment(ref s_sequence);                       // after the leaves' own nodes, which must come later in the pass
        Needed = needs;
        if (Autograd.IsAnomalyEnabled) Origin = Autograd.Here();
        uint saves = op.Saves(needs).InputMask;
        for (int i = 0; i < inputs.Length; i++)
            if ((saves >> Math.Min(i, 31) & 1) != 0)
            {
                Inputs[i].Saved.Keep(ReferenceEquals(inputs[i].Storage, overwritten?.Storage) ? Copy(inputs[i], Inputs[i]) : inputs[i]);
                _isPacked |= Inputs[i].Saved.IsPacked;
            }

        Tensor Copy(Tensor x, in InputSlot e)
        {
            using var _ = Autograd.SetGradEnabledAt(by?.Depth ?? 0, false);     // outer depths record it
            Tensor y = x.Clone();
            if (e.Next is not null) y.SetHistory(e.Next, e.Index);
            return y;
        }
    }

    /// <summary>A node without saved values: a step of a regenerated view.</summary>
    internal Node(Op op, Node next, int index, Layout input, DType inputType, Layout result, DType resultType)
    {
        Op = op;
        Sequence = Interlocked.Increment(ref s_sequence);
        Inputs = [new() { Next = next, Index = index, Layout = input, DType = inputType }];
        Results = [new() { Layout = result, DType = resultType, IsDifferentiable = true }];
        Needed = 1;
    }

    /// <summary>The end of the tape at a leaf.</summary>
    internal Node(Tensor leaf)
    {
        Op = AccumulateGrad.Instance;
        Sequence = Interlocked.Increment(ref s_sequence);
        Inputs = [];
        Results = [new() { Layout = leaf.Layout, DType = leaf.DType, IsDifferentiable = true }];
        Results[0].Saved.KeepPlain(leaf);
    }

    /// <summary>The leaf at which the tape ends here, if it does.</summary>
    internal Tensor? Leaf => Op is AccumulateGrad ? Results[0].Saved.Plain : null;

    /// <summary>The operation.</summary>
    public Op Op { get; }

    /// <summary>Its name.</summary>
    public string Name => Op.Name;

    /// <summary>Consumers have higher numbers than producers: the order of the backward pass.</summary>
    internal long Sequence { get; }

    /// <summary>Bit i: input i wants a gradient.</summary>
    internal uint Needed { get; }

    /// <summary>Where in the user's program it was applied, if anomalies are looked for.</summary>
    internal string? Origin { get; }

    /// <summary>Makes this node the origin of result <paramref name="i"/>.</summary>
    internal void Attach(int i, Tensor y, bool isDifferentiable = true)
    {
        Describe(i, y, isDifferentiable);
        if (isDifferentiable) y.SetHistory(this, i);
    }

    /// <summary>Notes shape, type and, if it is to be saved, the value of result <paramref name="i"/>.</summary>
    internal void Describe(int i, Tensor y, bool isDifferentiable = true)
    {
        ref ResultSlot r = ref Results[i];
        (r.Layout, r.DType, r.IsDifferentiable) = (y.Layout, y.DType, isDifferentiable);
        if ((Op.Saves(Needed).OutputMask >> Math.Min(i, 31) & 1) != 0)
        {
            r.Saved.Keep(y);
            _isPacked |= r.Saved.IsPacked;
        }
    }

    /// <summary>Whether input <paramref name="i"/> wants a gradient.</summary>
    public bool Needs(int i) => Inputs[i].Next is not null;

    /// <summary>How many inputs there were.</summary>
    public int InputCount => Inputs.Length;

    /// <summary>The nodes the inputs came from; null where no gradient flows. PyTorch's <c>next_functions</c>.</summary>
    public IReadOnlyList<Node?> NextFunctions => Array.ConvertAll(Inputs, e => e.Next);

    /// <summary>The shape of input <paramref name="i"/>, saved or not.</summary>
    public Dims InputShape(int i) => Inputs[i].Layout.Shape;

    /// <summary>The type of input <paramref name="i"/>, saved or not.</summary>
    public DType InputDType(int i) => Inputs[i].DType;

    /// <summary>The shape of result <paramref name="i"/>.</summary>
    public Dims ResultShape(int i = 0) => Results[i].Layout.Shape;

    /// <summary>The type of result <paramref name="i"/>.</summary>
    public DType ResultDType(int i = 0) => Results[i].DType;

    /// <summary>The saved value of input <paramref name="i"/>.</summary>
    /// <exception cref="InvalidOperationException">It was changed in place since, or the graph was freed.</exception>
    public Tensor Input(int i)
    {
        ref InputSlot e = ref Inputs[i];
        return e.Saved.IsEmpty ? throw NotSaved("input", i) : e.Saved.Get(Name, "input", i, e.Next, e.Index);
    }

    /// <summary>The saved value of result <paramref name="i"/>.</summary>
    /// <exception cref="InvalidOperationException">It was changed in place since, or the graph was freed.</exception>
    public Tensor Output(int i = 0)
    {
        ref ResultSlot r = ref Results[i];
        return r.Saved.IsEmpty ? throw NotSaved("result", i) : r.Saved.Get(Name, "result", i, r.IsDifferentiable ? this : null, i);
    }

    InvalidOperationException NotSaved(string what, int i) => _released ? Released() : new($"{Name}: {what} {i} was not saved; state it in Saves.");

    internal InvalidOperationException Released() => new(
        $"Backward of {Name}: its saved values were freed by an earlier backward pass through this graph. Pass retainGraph: true to that pass.");

    internal bool IsReleased => _released;

    /// <summary>Drops the saved values.</summary>
    internal void Release()
    {
        // A node that kept nothing can be walked again.
        for (int i = 0; i < Inputs.Length; i++) _released |= Inputs[i].Saved.Clear();
        for (int i = 0; i < Results.Length; i++) _released |= Results[i].Saved.Clear();
        _released |= Op.Release();
    }

    /// <summary>After its part of a backward pass: what hooks unpacked is asked for again in the next.</summary>
    internal void ForgetUnpacked()
    {
        if (!_isPacked) return;
        for (int i = 0; i < Inputs.Length; i++) Inputs[i].Saved.ForgetUnpacked();
        for (int i = 0; i < Results.Length; i++) Results[i].Saved.ForgetUnpacked();
    }

    /// <inheritdoc/>
    public override string ToString() => $"<{Name}>";
}
