using System.Diagnostics;
using Flambeau.Ops;
using Flambeau.Transforms;

namespace Flambeau;

/// <summary>
/// An array of numbers of one type with any number of axes, that remembers how it was computed where a gradient is wanted.
/// PyTorch's <c>torch.Tensor</c>.
/// </summary>
[DebuggerDisplay("{DebuggerText,nq}")]
public partial class Tensor : IDisposable
{
    Node? _node;
    int _index;
    GradState? _grad;
    ViewState? _view;
    int _epoch;                     // how often the history of this tensor, as the root of views, was replaced
    bool _isLeafRequiringGrad;

    /// <summary>What only a leaf or an observed tensor has.</summary>
    sealed class GradState
    {
        public Tensor? Grad;
        public Node? Edge;
        public HookList<Func<Tensor, Tensor?>>? Hooks;
        public HookList<Action<Tensor>>? AfterAccumulate;
        public Func<Tensor>? Substitute;
        public Lift? Lift;
        public bool Retains;
    }

    /// <summary>How a view came about.</summary>
    sealed class ViewState
    {
        public required Tensor Parent, Root;
        public required ViewOp Op;
        public int Epoch;
        public string? Together;                                                // the function that made it and others at once
        public bool Unrecorded;                                                 // made while nothing was recorded
    }

    internal Tensor(Storage storage, Layout layout, DType dtype, Device device = default)
    {
        Storage = storage;
        Layout = layout;
        DType = dtype;
        Device = device;
    }

    /// <summary>Takes over another tensor's values; for subclasses.</summary>
    private protected Tensor(Tensor data) : this(data.Storage, data.Layout, data.DType, data.Device) => Storage.IsShared = true;

    /// <summary>The memory behind it.</summary>
    public Storage Storage { get; private set; }

    /// <summary>Where its elements lie in the storage.</summary>
    public Layout Layout { get; private set; }

    /// <summary>The type of its elements.</summary>
    public DType DType { get; private set; }

    /// <summary>Where it lies.</summary>
    public Device Device { get; private set; }

    /// <summary>The sizes of its axes.</summary>
    public Dims Shape => Layout.Shape;

    /// <summary>The number of axes; 0 for a scalar. PyTorch's <c>dim()</c>.</summary>
    public int Rank => Layout.Rank;

    /// <summary>The number of elements. PyTorch's <c>numel()</c>.</summary>
    public long Count => Layout.Count;

    /// <summary>The distances between neighbours along each axis, in elements.</summary>
    public ReadOnlySpan<long> Strides => Layout.Strides;

    /// <summary>The size of one axis; negative ones count from the end.</summary>
    public long Size(int dim) => Shape[Layout.Axis(dim, Rank, "Size")];

    /// <summary>Whether the elements lie row by row without gaps.</summary>
    public bool IsContiguous => Layout.IsContiguous;

    /// <summary>Whether it stands for a C# number, which does not widen the type of what it is combined with.</summary>
    internal bool IsWrappedNumber { get; init; }

    /// <summary>The same memory in another layout.</summary>
    internal Tensor Alias(Layout layout, DType? dtype = null)
    {
        Storage.IsShared = true;
        return new(Storage, layout, dtype ?? DType, Device);
    }

    /// <summary>As <see cref="Alias"/>, for the duration of a kernel: nobody will see it.</summary>
    internal Tensor Window(Layout layout) => new(Storage, layout, DType, Device);

    // ---- history ----

    /// <summary>Whether gradients are computed for it: set by the user on a leaf, inherited by whatever is computed from one.</summary>
    /// <exception cref="ArgumentException">Set on an integer or bool tensor.</exception>
    /// <exception cref="InvalidOperationException">Changed on a tensor that is not a leaf.</exception>
    public bool RequiresGrad
    {
        get => _isLeafRequiringGrad || GradFn is not null;
        set
        {
            if (value && !DType.IsDifferentiable)
                throw new ArgumentException($"RequiresGrad: only floating-point and complex tensors can require gradients; this one is {DType}.");
            if (GradFn is not null)
            {
                if (!value) throw new InvalidOperationException("RequiresGrad can be cleared on leaves only. Use Detach() to get the same values without history.");
                return;
            }
            _isLeafRequiringGrad = value;
        }
    }

    /// <summary>Sets <see cref="RequiresGrad"/> and answers the tensor. PyTorch's <c>requires_grad_</c>.</summary>
    public Tensor SetRequiresGrad(bool requiresGrad = true)
    {
        RequiresGrad = requiresGrad;
        return this;
    }

    /// <summary>Whether no operation is on record that made it.</summary>
    public bool IsLeaf => GradFn is null;

    /// <summary>The operation that made it, where gradients are wanted; null for a leaf. PyTorch's <c>grad_fn</c>.</summary>
    public Node? GradFn
    {
        get
        {
            if (_view is { } v && v.Epoch != v.Root._epoch) Regenerate(v);
            return _node;
        }
    }

    /// <summary>Which of <see cref="GradFn"/>'s results it is.</summary>
    internal int ResultIndex => _index;

    internal void SetHistory(Node n, int index)
    {
        if (_grad is { Retains: true })
        {
            if (_node is { } old) old.Results[_index].Retainer = null;
            n.Results[index].Retainer = new(this);
        }
        (_node, _index) = (n, index);
    }

    /// <summary>Marks views that one function made together: none of them may be changed in place while operations are recorded.</summary>
    internal static Tensor[] Together(string function, Tensor[] views)
    {
        foreach (Tensor v in views) v._view?.Together = function;
        return views;
    }

    /// <summary>What only some tensors have, made when it is first needed.</summary>
    GradState State => _grad ?? Interlocked.CompareExchange(ref _grad, new(), null) ?? _grad;

    internal void SetView(Tensor parent, ViewOp op)
    {
        Tensor root = parent._view?.Root ?? parent;
        _view = new()
        {
            Parent = parent, Root = root, Op = op, Epoch = root._epoch, Together = parent._view?.Together,
            Unrecorded = !Autograd.IsGradEnabled || parent._view is { Unrecorded: true },
        };
    }

    /// <summary>The root was changed in place since: the view's history is now the root's new one, seen through the view.</summary>
    void Regenerate(ViewState v)
    {
        lock (v)
        {
            if (v.Epoch == v.Root._epoch) return;
            if (v.Parent.RequiresGrad)
            {
                const string since = "and its base, or another view of it, was changed in place since";
                Op op = v.Together is { } function ? new Refused(function, $"this is one of several views made together, {since}. Take the view alone, by Narrow or Select.")
                    : v.Unrecorded ? new Refused(v.Op.Name, $"this view was made under NoGrad, or in a function of the user's own, {since}. Make it anew.") : v.Op;
                (Node next, int index) = v.Parent.GradEdge();
                SetHistory(new Node(op, next, index, v.Parent.Layout, v.Parent.DType, Layout, DType), 0);
            }
            else _node = null;
            v.Epoch = v.Root._epoch;
        }
    }

    /// <summary>The history after an in-place operation, whose node is <paramref name="n"/>.</summary>
    internal void Rebase(Node n)
    {
        if (_view is not { } v)
        {
            n.Attach(0, this);
            _epoch++;
            return;
        }
        n.Describe(0, this);
        // The root now is: its old value, with the region of this view replaced by the result.
        Tensor root = v.Root;
        List<ViewOp> path = [];
        for (Tensor t = this; t._view is { } w; t = w.Parent) path.Insert(0, w.Op);
        Node scatter = new(new ViewScatter([.. path]), [root, this], 1);
        scatter.Inputs[1].Next = n;
        scatter.Inputs[1].Index = 0;
        scatter.Describe(0, root);
        root.SetHistory(scatter, 0);
        root._epoch++;
    }

    /// <summary>Where a gradient for this tensor is sent to.</summary>
    internal (Node Node, int Index) GradEdge() => GradFn is { } n ? (n, _index) : (LeafEdge(), 0);

    Node LeafEdge()
    {
        GradState s = State;
        if (s.Edge is { } there) return there;
        Node made = new(this);
        return Interlocked.CompareExchange(ref s.Edge, made, null) ?? made;
    }

    internal void ForgetEdge(Node n)
    {
        if (_grad is { } s) Interlocked.CompareExchange(ref s.Edge, null, n);
    }

    /// <summary>Whether it is a view, made while nothing was recorded, of what requires grad.</summary>
    internal bool BaseRequiresGrad => _view is { Unrecorded: true } v && v.Root.RequiresGrad;

    internal void CheckInPlaceAllowed(string op)
    {
        if (_view is { } v)
        {
            if (v.Together is { } function)
                throw new InvalidOperationException($"{op} in place: this is one of several views made together by {function}, which are not changed in place while operations are recorded. Use the form that returns a new tensor, or take the view alone, by Narrow or Select.");
            if (v.Unrecorded)
                throw new InvalidOperationException($"{op} in place: this view was made under NoGrad, and would be changed while operations are recorded; which of both is meant? Do both under NoGrad, or both outside.");
        }
        if (IsLeaf && _isLeafRequiringGrad)
            throw new InvalidOperationException($"{op} in place: a leaf that requires grad cannot be changed while operations are recorded. Do it under Autograd.NoGrad(), or on a clone.");
        if (_view is { Root: { IsLeaf: true, _isLeafRequiringGrad: true } })
            throw new InvalidOperationException($"{op} in place: this is a view of a leaf that requires grad, which cannot be changed while operations are recorded. Do it under Autograd.NoGrad(), or on a clone.");
    }

    internal void CheckWritable(string op, string how = "in place")
    {
        if (IsWrappedNumber) throw new ArgumentException($"{op} {how}: a number cannot be written to.");
        if (Layout.IsOverlapping)
            throw new ArgumentException($"{op} {how}: several elements of this expanded tensor of shape {Shape} share one memory location. Clone it first.");
    }

    /// <summary>The gradient that backward passes have added up; null before the first. Only leaves, and tensors with <see cref="RetainGrad"/>, have one.</summary>
    /// <exception cref="ArgumentException">Set to a tensor of another shape or type.</exception>
    public Tensor? Grad
    {
        get => _grad?.Grad;
        set
        {
            if (value is not null && (value.Shape != Shape || value.DType != DType))
                throw new ArgumentException($"Grad: a {value.DType} tensor of shape {value.Shape} is no gradient of a {DType} tensor of shape {Shape}.");
            if (value is null && _grad is null) return;
            State.Grad = value;
        }
    }

    internal void AccumulateGradient(Tensor g, bool owned, bool createGraph)
    {
        createGraph |= Transform.Current is not null;                           // what is lifted cannot be added to what is not
        GradState s = State;
        lock (s)                                                                // several threads may run backward passes into one leaf
        {
            if (s.Grad is null) s.Grad = createGraph ? g : owned ? g.Detach() : g.Detach().Clone();
            else if (createGraph) s.Grad = s.Grad.Add(g);
            else using (Autograd.NoGrad()) s.Grad.AddInPlace(g);
            if (s.AfterAccumulate is { } hooks) foreach (var h in hooks.Current) h(this);
        }
    }

    /// <summary>Whether any tensor ever had a <see cref="Substitute"/>: the waist looks for them only then.</summary>
    internal static bool HasSubstitutes => s_hasSubstitutes;

    static bool s_hasSubstitutes;

    [ThreadStatic] static Dictionary<Tensor, Tensor>? t_standIns;

    /// <summary>The tensors that this thread takes in the place of others: those of a functional call.</summary>
    internal static Dictionary<Tensor, Tensor>? StandIns
    {
        get => t_standIns;
        set
        {
            t_standIns = value;
            if (value is not null) s_hasSubstitutes = true;
        }
    }

    /// <summary>What operations take in this tensor's place: a parameter that is computed from others, or was replaced for one call.</summary>
    internal Func<Tensor>? Substitute
    {
        get => t_standIns is { } r && r.TryGetValue(this, out Tensor? other) ? () => other : _grad?.Substitute;
        set
        {
            if (value is not null || _grad is not null) State.Substitute = value;
            if (value is not null) s_hasSubstitutes = true;
        }
    }

    /// <summary>Drops the gradient, or makes it zero.</summary>
    internal void ForgetGrad(bool setToNull)
    {
        if (setToNull || Grad is null) Grad = null;
        else
        {
            if (Grad.RequiresGrad) Grad = Grad.Detach();
            Grad.ZeroInPlace();
        }
    }

    internal HookList<Func<Tensor, Tensor?>>? Hooks => _grad?.Hooks;

    /// <summary>Calls <paramref name="hook"/> with each gradient that reaches this tensor; what it answers, if not null, takes the gradient's place.</summary>
    /// <returns>Dispose it to remove the hook.</returns>
    /// <exception cref="InvalidOperationException">The tensor does not require grad.</exception>
    public IDisposable RegisterHook(Func<Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        if (!RequiresGrad) throw new InvalidOperationException("RegisterHook: the tensor does not require grad.");
        return GradFn is { } n ? n.AddTensorHook(_index, hook) : HookList<Func<Tensor, Tensor?>>.In(ref State.Hooks).Add(hook);
    }

    /// <summary>Calls <paramref name="hook"/> after a backward pass has added to this leaf's <see cref="Grad"/>.</summary>
    /// <returns>Dispose it to remove the hook.</returns>
    /// <exception cref="InvalidOperationException">The tensor is no leaf that requires grad.</exception>
    public IDisposable RegisterPostAccumulateGradHook(Action<Tensor> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        if (!RequiresGrad || !IsLeaf) throw new InvalidOperationException("RegisterPostAccumulateGradHook: the tensor is no leaf that requires grad.");
        return HookList<Action<Tensor>>.In(ref State.AfterAccumulate).Add(hook);
    }

    /// <summary>Makes backward passes keep the gradient of this tensor, which is no leaf, in <see cref="Grad"/>.</summary>
    public void RetainGrad()
    {
        if (!RequiresGrad) throw new InvalidOperationException("RetainGrad: the tensor does not require grad.");
        if (GradFn is not { } n || State.Retains) return;
        State.Retains = true;
        n.Results[_index].Retainer = new(this);
    }

    /// <summary>Whether <see cref="RetainGrad"/> was called on a tensor that is no leaf.</summary>
    public bool RetainsGrad => !IsLeaf && _grad is { Retains: true };

    /// <summary>Keeps what a backward pass brought.</summary>
    internal void Retain(Tensor g)
    {
        GradState s = State;
        lock (s) s.Grad = s.Grad is { } old ? old.Add(g) : g;
    }

    /// <summary>Computes the gradients of this tensor with respect to the leaves it depends on, and adds them to their <see cref="Grad"/>.</summary>
    /// <param name="gradient">The gradient of what follows with respect to this tensor; may be left out for a scalar.</param>
    /// <param name="retainGraph">Whether the graph can be walked again; by default as <paramref name="createGraph"/>.</param>
    /// <param name="createGraph">Whether the gradients can be differentiated again.</param>
    /// <param name="inputs">If given, only these leaves' Grad is added to.</param>
    /// <exception cref="ArgumentException"><paramref name="gradient"/> has another shape.</exception>
    /// <exception cref="InvalidOperationException">There is no graph, it was freed, or a saved value was changed in place.</exception>
    public void Backward(Tensor? gradient = null, bool? retainGraph = null, bool createGraph = false, IReadOnlyList<Tensor>? inputs = null) =>
        Autograd.Backward([this], [gradient], retainGraph, createGraph, inputs);

    /// <summary>The same values without history. Shares memory.</summary>
    public Tensor Detach() => Lift is { } l ? Detached(l) : Alias(Layout);

    /// <summary>The same tensor, to transforms too, without what the tape knows of it.</summary>
    internal Tensor WithoutHistory() => Lift is { } l ? l.By.Again(this) : Alias(Layout);

    /// <summary>Cuts the history of this very tensor. PyTorch's <c>detach_</c>.</summary>
    /// <exception cref="InvalidOperationException">It is a view, which shows what its base's history says.</exception>
    public Tensor DetachInPlace()
    {
        if (_view is not null && RequiresGrad) throw new InvalidOperationException("DetachInPlace: this is a view, and its history is that of its base. Use Detach() instead.");
        (_node, _index, _isLeafRequiringGrad, _view) = (null, 0, false, null);
        _epoch++;
        return this;
    }

    /// <summary>
    /// Gives the memory back at once, if no view, no graph and no span can reach it; otherwise does nothing. Never needed:
    /// memory comes back by itself.
    /// </summary>
    public void Dispose()
    {
        Storage.Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Puts other values behind this tensor: the assignment to PyTorch's <c>.data</c>.</summary>
    internal void SetData(Tensor data) => (Storage, Layout, DType, Device) = (data.Storage, data.Layout, data.DType, data.Device);

    string DebuggerText => $"{DType} {Shape}" + (Count is > 0 and <= 6 && !Device.IsMeta && Lift is null ? " " + ToString() : "");
}
