using Flambeau.Ops;

namespace Flambeau;

/// <summary>The gradients of parts of a tensor, until all have come.</summary>
/// <param name="shape">The tensor's.</param>
internal sealed class GradientParts(Dims shape)
{
    readonly List<(ViewOp At, Tensor Gradient)> _parts = [];
    long _count;

    /// <summary>Takes one more; answers whether there are more elements than the tensor has, so that keeping them is no use.</summary>
    public bool Add(ViewOp at, Tensor gradient)
    {
        _parts.Add((at, gradient));
        return (_count += gradient.Count) > shape.Count;
    }

    /// <summary>The tensor's gradient: what came for all of it, if anything, and the parts.</summary>
    /// <param name="sum">What came for all of it.</param>
    /// <param name="owned">Whether it may be added to in place.</param>
    public Tensor Whole(Tensor? sum, bool owned)
    {
        if (sum is null && Joined() is { } joined) return joined;
        Tensor first = _parts[0].Gradient, y = sum is null ? Tensor.Zeros(new TensorSpec(shape, first.DType, first.Device)) : owned ? sum : sum.Clone();
        for (int i = 0; i < _parts.Count; i++)
        {
            (ViewOp at, Tensor g) = _parts[i];
            Tensor part = y.Window(at.Transform(y.Layout));
            if (sum is null && i == 0) part.CopyInPlace(g);                     // to zeros
            else part.AddInPlace(g);
        }
        return y;
    }

    // Where the parts are all there is, each element once, along one axis.
    Tensor? Joined()
    {
        if (_count != shape.Count || _parts.Count == 1) return null;
        if (_parts[0].At is Select s)
        {
            var all = new Tensor[shape[s.Dim]];
            foreach ((ViewOp at, Tensor g) in _parts)
            {
                if (at is not Select one || one.Dim != s.Dim || all[one.Index] is not null) return null;
                all[one.Index] = g;
            }
            return Tensor.Stack(all, s.Dim);
        }
        if (_parts[0].At is not Slice first) return null;
        foreach ((ViewOp at, _) in _parts) if (at is not Slice { Step: 1 } one || one.Dim != first.Dim) return null;
        (Slice At, Tensor Gradient)[] pieces = [.. _parts.Select(p => ((Slice)p.At, p.Gradient)).OrderBy(p => p.Item1.Start)];
        long end = 0;
        foreach ((Slice at, _) in pieces)
        {
            if (at.Start != end) return null;
            end = at.End;
        }
        return end == shape[first.Dim] ? Tensor.Cat([.. pieces.Select(p => p.Gradient)], first.Dim) : null;
    }
}
