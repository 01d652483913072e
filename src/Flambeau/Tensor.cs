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
        public List<Func<Tensor, Tensor?>>? Hooks;
        public List<Action<Tensor>>? AfterAccumulate;
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

    internal void SetHistory(Node n, int index) => (_node, _index) = (n, index);

    internal void SetView(Tensor parent, ViewOp op)
    {
        Tensor root = parent._view?.Root ?? parent;
        _view = new() { Parent = parent, Root = root, Op = op, Epoch = root._epoch };
    }

    /// <summary>The root was changed in place since: the view's history is now the root's new one, seen through the view.</summary>
    void Regenerate(ViewState v)
    {
        v.Epoch = v.Root._epoch;
        if (!v.Parent.RequiresGrad) { _node = null; return; }
        (Node next, int index) = v.Parent.GradEdge();
        SetHistory(new Node(v.Op, next, index, v.Parent.Layout, v.Parent.DType, Layout, DType), 0);
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
    internal (Node Node, int Index) GradEdge() => GradFn is { } n ? (n, _index) : ((_grad ??= new()).Edge ??= new Node(this), 0);

    internal void ForgetEdge(Node n)
    {
        if (_grad is { } s && ReferenceEquals(s.Edge, n)) s.Edge = null;
    }

    internal void CheckInPlaceAllowed(string op)
    {
        if (IsLeaf && _isLeafRequiringGrad)
            throw new InvalidOperationException($"{op} in place: a leaf that requires grad cannot be changed while operations are recorded. Do it under Autograd.NoGrad(), or on a clone.");
        if (_view is { Root: { IsLeaf: true, _isLeafRequiringGrad: true } })
            throw new InvalidOperationException($"{op} in place: this is a view of a leaf that requires grad, which cannot be changed while operations are recorded. Do it under Autograd.NoGrad(), or on a clone.");
    }

    internal void CheckWritable(string op)
    {
        if (IsWrappedNumber) throw new ArgumentException($"{op} in place: a number cannot be written to.");
        if (Layout.IsOverlapping)
            throw new ArgumentException($"{op} in place: several elements of this expanded tensor of shape {Shape} share one memory location. Clone it first.");
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
            (_grad ??= new()).Grad = value;
        }
    }

    internal void AccumulateGradient(Tensor g, bool owned, bool createGraph)
    {
        createGraph |= Transform.Current is not null;                           // what is lifted cannot be added to what is not
        GradState s = _grad ??= new();
        if (s.Grad is null) s.Grad = createGraph ? g : owned ? g.Detach() : g.Detach().Clone();
        else if (createGraph) s.Grad = s.Grad.Add(g);
        else using (Autograd.NoGrad()) s.Grad.AddInPlace(g);
        if (s.AfterAccumulate is { } hooks) foreach (var h in hooks.ToArray()) h(this);
    }

    /// <summary>Whether any tensor ever had a <see cref="Substitute"/>: the waist looks for them only then.</summary>
    internal static bool HasSubstitutes => s_hasSubstitutes;

    static bool s_hasSubstitutes;

    /// <summary>What operations take in this tensor's place: a parameter that is computed from others, or was replaced for one call.</summary>
    internal Func<Tensor>? Substitute
    {
        get => _grad?.Substitute;
        set
        {
            if (value is not null || _grad is not null) (_grad ??= new()).Substitute = value;
            if (value is not null) s_hasSubstitutes = true;
        }
    }

    /// <summary>Drops the gradient, or makes it zero.</summary>
    internal void ForgetGrad(bool setToNull)
    {
        if (setToNull || Grad is null) Grad = null;
        else Grad.DetachInPlace().ZeroInPlace();
    }

    internal List<Func<Tensor, Tensor?>>? Hooks => _grad?.Hooks;

    /// <summary>Calls <paramref name="hook"/> with each gradient that reaches this tensor; what it answers, if not null, takes the gradient's place.</summary>
    /// <returns>Dispose it to remove the hook.</returns>
    /// <exception cref="InvalidOperationException">The tensor does not require grad.</exception>
    public IDisposable RegisterHook(Func<Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        if (!RequiresGrad) throw new InvalidOperationException("RegisterHook: the tensor does not require grad.");
        List<Func<Tensor, Tensor?>> list = GradFn is { } n ? n.Results[_index].Hooks ??= [] : (_grad ??= new()).Hooks ??= [];
        list.Add(hook);
        return new Removal(() => list.Remove(hook));
    }

    /// <summary>Calls <paramref name="hook"/> after a backward pass has added to this leaf's <see cref="Grad"/>.</summary>
    /// <returns>Dispose it to remove the hook.</returns>
    /// <exception cref="InvalidOperationException">The tensor is no leaf that requires grad.</exception>
    public IDisposable RegisterPostAccumulateGradHook(Action<Tensor> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        if (!RequiresGrad || !IsLeaf) throw new InvalidOperationException("RegisterPostAccumulateGradHook: the tensor is no leaf that requires grad.");
        List<Action<Tensor>> list = (_grad ??= new()).AfterAccumulate ??= [];
        list.Add(hook);
        return new Removal(() => list.Remove(hook));
    }

    /// <summary>Makes backward passes keep the gradient of this tensor, which is no leaf, in <see cref="Grad"/>.</summary>
    public void RetainGrad()
    {
        if (!RequiresGrad) throw new InvalidOperationException("RetainGrad: the tensor does not require grad.");
        if (IsLeaf || (_grad ??= new()).Retains) return;
        _grad.Retains = true;
        RegisterHook(g =>
        {
            _grad.Grad = _grad.Grad is { } old ? old.Add(g) : g;
            return null;
        });
    }

    sealed class Removal(Action remove) : IDisposable
    {
        public void Dispose() => remove();
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

    /// <summary>Cuts the history of this very tensor. PyTorch's <c>detach_</c>.</summary>
    public Tensor DetachInPlace()
    {
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
