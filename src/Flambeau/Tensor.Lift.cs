using Flambeau.Ops;
using Flambeau.Transforms;

namespace Flambeau;

// What a tensor is to the transforms that run.
public partial class Tensor
{
    /// <summary>What is behind it, if a transform handed it out.</summary>
    internal Lift? Lift
    {
        get
        {
            Lift? l = _grad?.Lift;
            if (l is null)
            {
                // A view made before its root took over values with a tangent.
                if (_view is not { Root: var root } || root._grad?.Lift is not { By.HasEnded: false } r) return null;
                if (r.By is Forward f) MoveBehind(f, f.Adopted);
                else if (r is { IsMapped: true, By: Batching b }) RepeatBehind(b);
                return _grad?.Lift;
            }
            while (l is { By: Forward { HasEnded: true } }) l = l.Value.Lift;   // what is left is the value
            return l;
        }
    }

    /// <summary>Whether someone differentiates with respect to it.</summary>
    internal bool IsTracked => RequiresGrad && Autograd.IsGradEnabled || Lift is not null;

    /// <summary>The numbers behind all transforms, of all examples: for checks of values.</summary>
    internal Tensor Behind
    {
        get
        {
            Tensor x = this;
            while (x.Lift is { } l) x = l.Value;
            return x;
        }
    }

    /// <summary>Of a mask: whether any element is true, in any example. For errors, and for formulas that are cheaper where none is.</summary>
    internal bool MayHold => Behind.Any().Item<bool>();

    /// <summary>A tensor in front of another.</summary>
    internal static Tensor Lifted(Lift lift, Storage storage, Layout layout) =>
        new(storage, layout, lift.Value.DType, lift.Value.Device) { IsWrappedNumber = lift.Value.IsWrappedNumber && !lift.IsMapped, _grad = new() { Lift = lift } };

    /// <summary>Makes a fresh tensor one in front of another.</summary>
    internal void Become(Lift lift, Storage storage)
    {
        Storage = storage;
        State.Lift = lift;
    }

    Tensor Detached(Lift l)
    {
        Tensor value = l.Value.Detach();
        return l is { IsMapped: true, By: Batching b } ? b.Example(value) : l.By.Constant(value);
    }

    /// <summary>Whether it is a view.</summary>
    internal bool IsView => _view is not null;

    /// <summary>The steps from the tensor that this one is a view of; null if it is none.</summary>
    internal List<ViewOp>? ViewPath(out Tensor root)
    {
        root = this;
        if (_view is null) return null;
        List<ViewOp> path = [];
        for (; root._view is { } v; root = v.Parent) path.Insert(0, v.Op);
        return path;
    }

    /// <summary>Makes a tensor that all examples shared one of which each example has its own; so with all that it is a view of.</summary>
    internal void RepeatBehind(Batching by)
    {
        if (_grad?.Lift is { IsMapped: true }) return;
        if (_view is { } v)
        {
            v.Parent.RepeatBehind(by);
            Tensor part = by.Apply(v.Op, [v.Parent])[0];
            Become(part._grad!.Lift!, part.Storage);
            return;
        }
        using var _ = by.Step();
        Tensor one = by.Owns(this) ? by.Behind(this) : new(Storage, Layout, DType, Device), all = one.Unsqueeze(0).Expand([by.Size, .. Shape]).Clone();
        Become(new Lift(by, all) { IsMapped = true }, Storage.Behind(all, by));
    }

    /// <summary>
    /// Makes it a tensor of forward mode: what it was, with its history, goes behind it. So do all that it is a view of, since what is written
    /// here shows there.
    /// </summary>
    internal void MoveBehind(Forward by, List<Tensor> moved)
    {
        if (_grad?.Lift is { } l && ReferenceEquals(l.By, by)) return;
        _view?.Parent.MoveBehind(by, moved);
        Tensor behind = new(Storage, Layout, DType, Device)
        {
            _node = _node, _index = _index, _epoch = _epoch, _grad = _grad, _isLeafRequiringGrad = _isLeafRequiringGrad,
            _view = _view is { } v ? new() { Parent = v.Parent._grad!.Lift!.Value, Root = v.Root._grad!.Lift!.Value, Op = v.Op, Epoch = v.Epoch, Together = v.Together, Unrecorded = v.Unrecorded } : null,
        };
        (_node, _index, _isLeafRequiringGrad, _grad) = (null, 0, false, new() { Lift = new(by, behind) });
        moved.Add(this);
    }

    /// <summary>Undoes <see cref="MoveBehind"/> when forward mode has ended.</summary>
    internal void MoveBack()
    {
        Tensor behind = _grad!.Lift!.Value;
        (_node, _index, _isLeafRequiringGrad, _grad) = (behind._node, behind._index, behind._isLeafRequiringGrad, behind._grad);
        _epoch = behind._epoch;
        if (_view is { } v && behind._view is { } w) v.Epoch = w.Epoch;
    }
}
