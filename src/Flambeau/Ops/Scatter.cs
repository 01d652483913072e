using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>y[i, j, …] = x[index[i, j, …], j, …], written for axis 0.</summary>
internal sealed record Gather(int Dim) : Op
{
    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x)
    {
        IndexTools.CheckType(Name, x[1]);
        if (x[1].Rank != x[0].Rank) throw new ArgumentException($"gather: the index of shape {x[1].Shape} and the input of shape {x[0].Shape} must have the same number of axes.");
        Scatter.CheckInside(Name, x[1].Shape, x[0].Shape, Dim, "input");
        return new(x[1].Shape, x[0].DType, x[0].Device);
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        Tensor index = x[1].CastTo(DType.Int64);
        ReadOnlySpan<long> s = x[0].Strides;
        long size = x[0].Shape[Dim];
        if (!d.TryGather(IndexTools.Window(x[0], y.Shape, s[..Dim], [0], s[(Dim + 1)..]), index, s[Dim], size, y)) IndexTools.Checked(d, Name, index, Dim, size, wraps: false);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor zeros = Tensor.Zeros(new TensorSpec(n.InputShape(0), g.DType, g.Device));
        return [ApplyInPlace(new Scatter(Dim, Meeting.Sum), zeros, zeros, n.Input(1), g)];
    }

    protected internal override Saved Saves(uint needs) => new(2, 0);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!, x[1]);

    protected internal override Tensor Batch(in Batched b)
    {
        // A scalar is a line of one element.
        Tensor[] x = b.Full();
        if (b.Rank(0) > 0) return Apply(this with { Dim = Dim + 1 }, x);
        for (int i = 0; i < x.Length; i++) x[i] = x[i].Unsqueeze(1);
        return Apply(this with { Dim = 1 }, x).Squeeze(1);
    }
}

/// <summary>
/// x with src[i, j, …] brought to place [index[i, j, …], j, …], written for axis 0. Of elements that replace each other in one place the last
/// stays, yet each gets the gradient, as in PyTorch. The inputs are x, the indices, src.
/// </summary>
internal sealed record Scatter(int Dim, Meeting How) : Op
{
    public override string Name => How switch { Meeting.Replace => "scatter", Meeting.Sum => "scatter_add", _ => "scatter_reduce" };

    protected internal override bool TakesLowPrecision => true;

    protected internal override bool AllowsAliasing => true;

    protected internal override TensorSpec Infer(Args x)
    {
        IndexTools.CheckType(Name, x[1]);
        if (x[0].DType != x[2].DType) throw new ArgumentException($"{Name}: the source is {x[2].DType}, the tensor is {x[0].DType}. Convert with To(DType.{x[0].DType}).");
        if (x[1].Count > 0)
        {
            if (x[1].Rank != x[0].Rank || x[2].Rank != x[0].Rank)
                throw new ArgumentException($"{Name}: tensor, index and source must have the same number of axes; their shapes are {x[0].Shape}, {x[1].Shape}, {x[2].Shape}.");
            CheckInside(Name, x[1].Shape, x[0].Shape, Dim, "tensor");
            CheckInside(Name, x[1].Shape, x[2].Shape, -1, "source");
        }
        return new(x[0].Shape, x[0].DType, x[0].Device);
    }

    internal static void CheckInside(string op, Dims index, Dims other, int except, string what)
    {
        for (int d = 0; d < index.Length; d++)
            if (d != except && index[d] > other[d])
                throw new ArgumentException($"{op}: the index of shape {index} reaches past the {what} of shape {other} at axis {d}.");
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        Dims shape = x[1].Shape;
        bool apart = !ReferenceEquals(x[0].Storage, y.Storage) && !ReferenceEquals(x[1].Storage, y.Storage) && !ReferenceEquals(x[2].Storage, y.Storage);
        if (apart && shape.Count > 0 && y.Rank > 0 && x[1].DType == DType.Int64 && IndexTools.TryScatterLines(d, How, x[0], x[1], x[2], Dim, y)) return;
        Tensor index = IndexTools.Checked(d, Name, IndexTools.Apart(d, x[1], y), Dim, shape.Count == 0 ? 0 : y.Shape[Dim], wraps: false), src = IndexTools.Apart(d, x[2], y);
        if (!ReferenceEquals(x[0], y)) d.Copy(x[0], y);
        if (shape.Count == 0) return;
        ReadOnlySpan<long> s = y.Strides;
        IndexTools.Scatter(d, How, IndexTools.Window(y, shape, s[..Dim], [0], s[(Dim + 1)..]), index, s[Dim],
            src.Window(new(shape, src.Strides.ToArray(), src.Layout.Offset)), Dim);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor index = n.Input(1);
        if (index.Count == 0) return [g, null, n.Needs(2) ? Tensor.Zeros(n.InputShape(2), g.DType) : null];
        (Tensor self, Tensor src) = How switch
        {
            Meeting.Replace => (n.Needs(0) ? g.Scatter(Dim, index, 0) : g, Gather(g)),
            Meeting.Sum => (g, Gather(g)),
            Meeting.Prod => OfProduct(g, n.Input(0), Part(n.Input(2), index.Shape), n.Output(), index),
            _ => OfExtreme(g, n, index),
        };
        return [n.Needs(0) ? self : null, null, n.Needs(2) ? Whole(src) : null];

        Tensor Gather(Tensor t) => t.Gather(Dim, index);

        // Where the source is larger than the index, the rest of it took no part.
        Tensor Whole(Tensor t)
        {
            Dims s = n.InputShape(2);
            for (int d = 0; d < s.Length; d++)
            {
                long[] missing = t.Shape.ToArray();
                missing[d] = s[d] - missing[d];
                if (missing[d] > 0) t = Tensor.Cat([t, Tensor.Zeros(missing, t.DType)], d);
            }
            return t;
        }
    }

    static Tensor Part(Tensor t, Dims shape)
    {
        for (int d = 0; d < shape.Length; d++) t = t.Narrow(d, 0, shape[d]);
        return t;
    }

    // ∂y/∂a = y/a; where a is 0, the product of the others, which is not 0 only if no other is.
    (Tensor Self, Tensor Src) OfProduct(Tensor g, Tensor self, Tensor src, Tensor y, Tensor index)
    {
        Tensor one = Tensor.FromScalar(1, g.DType);
        Tensor selfZero = self.Eq(0), selfOrOne = Tensor.Where(selfZero, one, self);
        Tensor dSelf = g * (selfOrOne.Scatter(Dim, index, src, "multiply") / selfOrOne).Conj();

        Tensor srcZero = src.Eq(0), zeros = Tensor.ZerosLike(self.Detach()).ScatterAdd(Dim, index, srcZero.To(g.DType)).Gather(Dim, index);
        Tensor alone = srcZero.LogicalAnd(zeros.Eq(1));
        Tensor others = self.Scatter(Dim, index, Tensor.Where(alone, one, src), "multiply");
        Tensor dSrc = Tensor.Where(alone, (g * others.Conj()).Gather(Dim, index), (g * y.Conj()).Gather(Dim, index) / Tensor.Where(srcZero, one, src).Conj());
        return (dSelf, dSrc);
    }

    // All that equal the result share the gradient.
    (Tensor Self, Tensor Src) OfExtreme(Tensor g, Node n, Tensor index)
    {
        Tensor y = n.Output(), self = n.Input(0).Eq(y).To(g.DType), src = Part(n.Input(2), index.Shape).Eq(y.Gather(Dim, index)).To(g.DType);
        Tensor share = g / self.ScatterAdd(Dim, index, src);
        return (self * share, src * share.Gather(Dim, index));
    }

    protected internal override Saved Saves(uint needs) => How is Meeting.Replace or Meeting.Sum ? new(2, 0) : new(7, 1);

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        Tensor d = t[0] ?? Tensor.ZerosLike(x[0]), v = t[2] ?? Tensor.ZerosLike(x[2]), index = x[1];
        if (How is Meeting.Replace or Meeting.Sum) return Apply(this, d, index, v);
        if (index.Count == 0) return d;
        Tensor src = Part(x[2], index.Shape);
        v = Part(v, index.Shape);
        if (How == Meeting.Prod)
        {
            // Σ over factors of the product of the others, with one factor that is 0 left out.
            (Tensor dSelf, Tensor dSrc) = OfProduct(Tensor.OnesLike(y), x[0], src, y, index);
            return dSelf.Conj() * d + Tensor.ZerosLike(y).ScatterAdd(Dim, index, dSrc.Conj() * v);
        }
        Tensor self = x[0].Eq(y).To(y.DType), took = src.Eq(y.Gather(Dim, index)).To(y.DType);
        return (self * d).ScatterAdd(Dim, index, took * v) / self.ScatterAdd(Dim, index, took);
    }

    protected internal override Tensor Batch(in Batched b)
    {
        // A scalar is a line of one element.
        Tensor[] x = b.Full();
        if (b.Rank(0) > 0) return Apply(this with { Dim = Dim + 1 }, x);
        for (int i = 0; i < x.Length; i++) x[i] = x[i].Unsqueeze(1);
        return Apply(this with { Dim = 1 }, x).Squeeze(1);
    }
}

/// <summary>1 at each index, which was checked, along a new last axis, 0 elsewhere.</summary>
internal sealed record OneHot(long Classes) : Op
{
    public override string Name => "one_hot";

    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec Infer(Args x) => new([.. x[0].Shape.Span, Classes], DType.Int64, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        if (y.Count > 0) d.OneHot(x[0].CastTo(DType.Int64).MakeContiguous(), y);
    }

    protected internal override Tensor Batch(in Batched b) => Apply(this, b[0]);
}
