using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>The inputs one after another along an axis. An input of shape (0,) takes no part, as in PyTorch.</summary>
internal sealed record Cat(int Dim) : Op
{
    protected internal override bool TakesLowPrecision => true;

    static bool IsVoid(Dims s) => s.Length == 1 && s[0] == 0;

    protected internal override TensorSpec Infer(Args x)
    {
        Dims first = default;
        foreach (Tensor t in x) if (!IsVoid(t.Shape)) { first = t.Shape; break; }
        DType dtype = Shapes.ResultType(x);
        if (first.Length == 0)
        {
            foreach (Tensor t in x) if (t.Rank == 0) throw new ArgumentException("cat: scalars have no axis to join along. Use Stack.");
            return new(x[0].Shape, dtype, x[0].Device);
        }
        long[] y = first.ToArray();
        y[Dim] = 0;
        foreach (Tensor t in x)
        {
            if (IsVoid(t.Shape)) continue;
            bool fits = t.Rank == y.Length;
            for (int d = 0; fits && d < y.Length; d++) fits = d == Dim || t.Shape[d] == y[d];
            if (!fits) throw new ArgumentException($"cat: {first} and {t.Shape} cannot be joined along axis {Dim}: all other sizes must be equal.");
            y[Dim] += t.Shape[Dim];
        }
        return new(new Dims(y), dtype, Shapes.SameDevice("cat", x));
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        if (d.TryJoin(x, y.Shape[..Dim].Count, y)) return;
        long at = 0;
        foreach (Tensor t in x)
        {
            if (IsVoid(t.Shape)) continue;
            long n = t.Shape[Dim];
            d.Copy(t, y.Window(new Slice(Dim, at, at + n, 1).Transform(y.Layout)));
            at += n;
        }
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        var back = new Tensor?[n.InputCount];
        long at = 0;
        for (int i = 0; i < back.Length; i++)
        {
            if (IsVoid(n.InputShape(i))) { if (n.Needs(i)) back[i] = Tensor.Zeros([0], g.DType); continue; }
            long size = n.InputShape(i)[Dim];
            if (n.Needs(i)) back[i] = g.Narrow(Dim, at, size);
            at += size;
        }
        return back;
    }

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, Cat.Tangents(x, t));

    /// <summary>The inputs' tangents, zeros where an input has none.</summary>
    internal static Tensor[] Tangents(Args x, Tensor?[] t)
    {
        var all = new Tensor[t.Length];
        for (int i = 0; i < all.Length; i++) all[i] = t[i] ?? Tensor.ZerosLike(x[i]);
        return all;
    }

    protected internal override Tensor Batch(in Batched b)
    {
        List<Tensor> parts = [];
        for (int i = 0; i < b.Count; i++) if (!IsVoid(b.Shape(i)) || b.Examples[0].Rank == 1) parts.Add(b.Full(i));
        return Apply(this with { Dim = Dim + 1 }, [.. parts]);
    }
}

/// <summary>Inputs of one shape along a new axis.</summary>
internal sealed record Stack(int Dim) : Op
{
    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x)
    {
        Dims one = x[0].Shape;
        foreach (Tensor t in x)
            if (t.Shape != one) throw new ArgumentException($"Stack: all tensors must have one shape, but here {one} meets {t.Shape}.");
        return new(new Dims([.. one.Span[..Dim], x.Length, .. one.Span[Dim..]]), Shapes.ResultType(x), Shapes.SameDevice("stack", x));
    }

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        if (d.TryJoin(x, y.Shape[..Dim].Count, y)) return;
        for (int i = 0; i < x.Length; i++) d.Copy(x[i], y.Window(new Select(Dim, i).Transform(y.Layout)));
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        var back = new Tensor?[n.InputCount];
        for (int i = 0; i < back.Length; i++) if (n.Needs(i)) back[i] = g.Select(Dim, i);
        return back;
    }

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, Cat.Tangents(x, t));

    protected internal override Tensor Batch(in Batched b) => Apply(new Stack(Dim + 1), b.Full());
}

/// <summary>The order along some axes reversed.</summary>
internal sealed record Flip(Axes Axes) : Op
{
    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y)
    {
        Layout l = x[0].Layout;
        long[] strides = l.Strides.ToArray();
        long offset = l.Offset;
        for (int k = 0; k < l.Rank; k++)
            if (Axes.Has(k) && l.Shape[k] > 0)
            {
                offset += (l.Shape[k] - 1) * strides[k];
                strides[k] = -strides[k];
            }
        d.Copy(x[0].Window(new(l.Shape, strides, offset)), y);
    }

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [Apply(this, g)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => Apply(new Flip(new Axes(Axes.Mask << 1)), b[0]);
}

/// <summary>yᵢ = x₀ + … + xᵢ along an axis.</summary>
internal sealed record CumSum(int Dim) : Op
{
    public override string Name => "cumsum";

    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Scan(default(SumOp), x[0], Dim, y);

    protected internal override Tensor?[] Backward(Tensor g, Node n) => [g.Rank == 0 ? g : g.Flip(Dim).CumSum(Dim).Flip(Dim)];

    protected internal override Saved Saves(uint needs) => Saved.None;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Apply(this, t[0]!);

    protected internal override Tensor Batch(in Batched b) => b.Rank(0) == 0 ? b[0].Clone() : Apply(new CumSum(Dim + 1), b[0]);
}

/// <summary>yᵢ = x₀ · … · xᵢ along an axis.</summary>
internal sealed record CumProd(int Dim) : Op
{
    public override string Name => "cumprod";

    protected internal override bool TakesLowPrecision => true;

    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.Scan(default(ProdOp), x[0], Dim, y);

    // ∂L/∂xᵢ = Σ_{k ≥ i} gₖ yₖ / xᵢ; where zeros occur, the product without xᵢ is formed for each i.
    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor x = n.Input(0), y = n.Output();
        if (x.Rank == 0) return [g];
        if (!x.Eq(0).MayHold) return [(g * y.Conj()).Flip(Dim).CumSum(Dim).Flip(Dim) / x.Conj()];
        var parts = new Tensor[x.Shape[Dim]];
        for (int i = 0; i < parts.Length; i++)
        {
            Tensor before = i == 0 ? Tensor.OnesLike(x.Narrow(Dim, 0, 1)) : y.Narrow(Dim, i - 1, 1);
            Tensor others = Tensor.Cat([before, before * x.Narrow(Dim, i + 1, parts.Length - i - 1).CumProd(Dim)], Dim);
            parts[i] = (g.Narrow(Dim, i, parts.Length - i) * others.Conj()).Sum(Dim, keepDim: true);
        }
        return [Tensor.Cat(parts, Dim)];
    }

    protected internal override Saved Saves(uint needs) => Saved.Inputs | Saved.Outputs;

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)                                // dyₖ = yₖ₋₁ dxₖ + xₖ dyₖ₋₁
    {
        Tensor a = x[0], d = t[0]!;
        if (a.Rank == 0) return d;
        var parts = new Tensor[a.Shape[Dim]];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = i == 0 ? d.Narrow(Dim, 0, 1) : y.Narrow(Dim, i - 1, 1) * d.Narrow(Dim, i, 1) + a.Narrow(Dim, i, 1) * parts[i - 1];
        return parts.Length == 0 ? d : Tensor.Cat(parts, Dim);
    }

    protected internal override Tensor Batch(in Batched b) => b.Rank(0) == 0 ? b[0].Clone() : Apply(new CumProd(Dim + 1), b[0]);
}
