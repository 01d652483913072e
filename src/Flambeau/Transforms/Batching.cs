using Flambeau.Ops;

namespace Flambeau.Transforms;

/// <summary>
/// Carries a function of one example out for all examples at once: a tensor of it has one example's shape, and behind it lie all of them along
/// axis 0. Each operation says by <see cref="Op.Batch"/> what it does to all.
/// </summary>
internal sealed class Batching(long size, Randomness randomness) : Transform
{
    public override string Name => "Vmap";

    /// <summary>The number of examples.</summary>
    public long Size => size;

    /// <summary>Another of the same size and manners.</summary>
    public Batching Like() => new(size, randomness);

    public override string Text(Tensor x, Lift lift) => lift.IsMapped ? $"BatchedTensor(lvl={Depth}, shape={x.Shape}, all {size} examples={lift.Value})" : lift.Value.ToString();

    public override Tensor Constant(Tensor value) => Tensor.Lifted(new Lift(this, value), Storage.Behind(value, this), value.Layout);

    /// <summary>The tensor that stands for one of the examples along axis 0.</summary>
    public Tensor Example(Tensor all) => Example(all, Storage.Behind(all, this));

    Tensor Example(Tensor all, Storage storage)
    {
        Layout l = all.Layout;
        return Tensor.Lifted(new Lift(this, all) { IsMapped = true }, storage, new Layout(l.Shape[1..], l.Strides[1..].ToArray(), l.Offset));
    }

    public override Tensor Again(Tensor x) => x.Lift is { IsMapped: true } l ? Example(l.Value, x.Storage) : Constant(Behind(x));

    protected override Tensor[] Carry(Op op, Args inputs)
    {
        Batched b = new(this, inputs);
        if (!b.AnyMapped) return Array.ConvertAll(Below(op, b.Values), Constant);
        if (op is MultiOp m)
        {
            m.InferAll(inputs);                                                 // mistakes are told in the shapes of one example
            return Array.ConvertAll(m.BatchAll(b), Example);
        }
        if (op is ViewOp v)
        {
            // A view of what is behind shares its memory; so that saved values are guarded, it shares the counter of changes too.
            v.CheckBounds(inputs[0]);
            _ = v.Transform(inputs[0].Layout);
            return [Example(v.Batch(b), inputs[0].Storage)];
        }
        op.Infer(inputs);
        return [Example(op.Batch(b))];
    }

    /// <summary>All examples along axis 0, of a result of the function.</summary>
    public Tensor All(Tensor x)
    {
        if (Owns(x) && x.Lift!.IsMapped) return x.Lift.Value;
        Tensor y = Behind(x);
        return y.Unsqueeze(0).Expand([size, .. y.Shape]);
    }

    public override void Adopt(Tensor self, string op)
    {
        if (!IsAround(Behind(self).Storage.MadeIn) || self.RequiresGrad)
            throw new InvalidOperationException(
                $"{op} in place: inside Vmap, values that differ from example to example cannot be written into a tensor of shape {self.Shape} that all examples share. " +
                "Use the form that returns a new tensor, or make the tensor inside the function.");
        self.RepeatBehind(this);
    }

    public override void Write(Tensor self, Tensor y, string op)
    {
        using var _ = Step();
        Lift to = self.Lift!, from = y.Lift!;
        if (from.IsMapped && !to.IsMapped) Adopt(self, op);
        to.Value.CopyInPlace(from.IsMapped == to.IsMapped ? from.Value : All(y));
    }

    /// <summary>Before random numbers take the place of what a tensor held: a tensor of nobody's becomes one that differs from example to example.</summary>
    /// <returns>Whether that is settled.</returns>
    public bool BeforeDraw(Op op, Tensor self)
    {
        if (randomness == Randomness.Error)
            throw new InvalidOperationException($"{op.Name}: a random operation inside Vmap. Say by `randomness` whether examples draw different numbers or share the same.");
        if (randomness == Randomness.Same) return false;
        if (self.Lift is not null || self.RequiresGrad || self.IsView) return true;
        using var _ = Step();
        Tensor all = Tensor.Empty([size, .. self.Shape], self.DType, self.Device);
        self.Become(new Lift(this, all) { IsMapped = true }, Storage.Behind(all, this));
        return true;
    }
}

/// <summary>The inputs of an operation inside <see cref="Func.Vmap{TIn, TOut}"/>, as <see cref="Op.Batch"/> gets them.</summary>
public readonly ref struct Batched
{
    readonly Args _lifted;
    readonly Tensor[] _values;
    readonly bool[] _mapped;

    internal Batched(Batching by, Args inputs)
    {
        _lifted = inputs;
        _values = by.Behind(inputs);
        _mapped = new bool[inputs.Length];
        for (int i = 0; i < _mapped.Length; i++) AnyMapped |= _mapped[i] = by.Owns(inputs[i]) && inputs[i].Lift!.IsMapped;
        Size = by.Size;
    }

    /// <summary>The number of examples.</summary>
    public long Size { get; }

    /// <summary>The number of inputs.</summary>
    public int Count => _values.Length;

    internal bool AnyMapped { get; }

    /// <summary>Input <paramref name="i"/>: all examples along axis 0 if <see cref="IsMapped"/>, else what all examples share.</summary>
    public Tensor this[int i] => _values[i];

    /// <summary>Whether input <paramref name="i"/> differs from example to example.</summary>
    public bool IsMapped(int i) => _mapped[i];

    /// <summary>All inputs.</summary>
    public Args Values => _values;

    /// <summary>The inputs in the shape of one example.</summary>
    public Args Examples => _lifted;

    /// <summary>The number of axes of one example of input <paramref name="i"/>.</summary>
    public int Rank(int i) => _lifted[i].Rank;

    /// <summary>The shape of one example of input <paramref name="i"/>.</summary>
    public Dims Shape(int i) => _lifted[i].Shape;

    /// <summary>Input <paramref name="i"/> with all examples along axis 0, repeated without a copy if they share it.</summary>
    public Tensor Full(int i) => _mapped[i] ? _values[i] : _values[i].Unsqueeze(0).Expand([Size, .. _values[i].Shape]);

    /// <summary>Every input with all examples along axis 0.</summary>
    public Tensor[] Full()
    {
        var y = new Tensor[Count];
        for (int i = 0; i < y.Length; i++) y[i] = Full(i);
        return y;
    }

    /// <summary>Input <paramref name="i"/> with axes of size 1 after the examples, so that one example has <paramref name="rank"/> axes.</summary>
    public Tensor Padded(int i, int rank)
    {
        Tensor x = _values[i];
        if (!_mapped[i]) return x;
        for (int r = _lifted[i].Rank; r < rank; r++) x = x.Unsqueeze(1);
        return x;
    }

    /// <summary>
    /// Every input such that broadcasting them aligned at the last axis broadcasts the examples. One example that is a scalar does not widen
    /// types; all of them are no scalar any more and would: they are converted before.
    /// </summary>
    public Tensor[] Aligned(bool promotes = true)
    {
        int rank = 0;
        foreach (Tensor t in _lifted) rank = Math.Max(rank, t.Rank);
        DType? common = null;
        var y = new Tensor[Count];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = Padded(i, rank);
            if (promotes && _mapped[i] && _lifted[i].Rank == 0 && y[i].DType != (common ??= Shapes.ResultType(_lifted))) y[i] = y[i].To(common.Value);
        }
        return y;
    }

    /// <summary>The operation on one example after the other: what is done where an operation states no rule. Says so once for each operation.</summary>
    internal Tensor[] Loop(Op op)
    {
        Func.WarnOfLoop(op);
        if (Size == 0)
        {
            TensorSpec[] specs = op is MultiOp m0 ? m0.InferAll(_lifted) : [op.Infer(_lifted)];
            return Array.ConvertAll(specs, s => Tensor.Zeros(new TensorSpec([0, .. s.Shape], s.DType, s.Device)));
        }
        Tensor[][]? columns = null;
        var x = new Tensor[Count];
        for (int k = 0; k < Size; k++)
        {
            for (int i = 0; i < x.Length; i++) x[i] = _mapped[i] ? _values[i].Select(0, k) : _values[i];
            Tensor[] y = op is MultiOp m ? Op.ApplyAll(m, x) : [Op.Apply(op, x)];
            if (columns is null)
            {
                columns = new Tensor[y.Length][];
                for (int j = 0; j < y.Length; j++) columns[j] = new Tensor[Size];
            }
            for (int j = 0; j < y.Length; j++) columns[j][k] = y[j];
        }
        return Array.ConvertAll(columns!, c => Tensor.Stack(c));
    }
}
